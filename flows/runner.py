"""Where pieces of work are done side by side."""

from __future__ import annotations

import os
from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.settings import RunnerSettings


def task_runner(settings: RunnerSettings) -> TaskRunner[Any]:
    """The task runner that the settings name: threads of this process."""
    return ThreadPoolTaskRunner(max_workers=settings.workers or len(os.sched_getaffinity(0)))
