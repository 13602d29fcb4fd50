"""Where pieces of work are done side by side."""

from __future__ import annotations

from typing import Any

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipeline.settings import RunnerSettings
from pipeline.workers import count_workers


def task_runner(settings: RunnerSettings) -> TaskRunner[Any]:
    """The task runner that the settings name: threads of this process."""
    return ThreadPoolTaskRunner(max_workers=count_workers(settings.workers))
