"""Prediction for a file of texts."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner

from flows.prefect_flow import flow
from flows.task_runner import task_runner
from pipeline.model.registry import Registry
from pipeline.predict.files import predict_file
from pipeline.predict.networks import target_of
from pipeline.predict.predictor import Predictor
from pipeline.runtime import count_workers
from pipeline.settings import RunnerSettings
from pipeline.storage.manifest import Manifest
from pipeline.storage.remote import SharedFolder, cache_folder
from pipeline.storage.workspace import Workspace

CHUNKS_AHEAD = 2
"""For each worker, so that none waits while memory stays flat."""


@task(task_run_name="predict {source.name}", cache_policy=NO_CACHE)
def predict_table(workspace: Workspace, source: Path, output: Path, column: str) -> int:
    """Write a copy of the table with what the model says of each row."""
    predictor = Predictor(Registry(workspace).champion_model(), workspace.memo_folder)
    return predict_file(predictor.target, predictor.answer, source, output, column)


@task(task_run_name="predict chunk {number}", cache_policy=NO_CACHE)
def predict_chunk(
    number: int, texts: list[str], model: Manifest, memo: Path, shared_url: str
) -> list[dict[str, Any]]:
    """What the model says of each text, in a process that keeps the model.

    With a URL the model is read from a folder there, not from the workspace.
    """
    return _predictor(model.model_dump_json(), memo, shared_url).answers(texts)


@flow(flow_run_name="predict {source.name}")
def predict(
    workspace: Workspace,
    source: Path,
    output: Path,
    column: str,
    runner: RunnerSettings,
) -> int:
    """Label the texts of a file with the model in use; returns the number of rows."""
    if runner.kind == "threads":
        return predict_table(workspace, source, output, column)
    model = Registry(workspace).champion_model()
    given = {"model": model, "memo": workspace.memo_folder, "shared_url": ""}
    if runner.shared_url:
        given["shared_url"] = url = f"{runner.shared_url}/model-{model.digest[:16]}"
        SharedFolder(url).put_files(model)
    with task_runner(runner) as pool:

        def answer(chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
            return _in_order(pool, given, chunks, CHUNKS_AHEAD * count_workers(runner.workers))

        return predict_file(target_of(model), answer, source, output, column)


def _in_order(
    pool: TaskRunner[Any], given: dict[str, Any], chunks: Iterable[list[str]], ahead: int
) -> Iterator[list[dict[str, Any]]]:
    """The answers for each chunk, of which no more than so many are under way."""
    under_way: deque[PrefectFuture[Any]] = deque()
    for number, texts in enumerate(chunks, 1):
        parameters = given | {"number": number, "texts": texts}
        under_way.append(pool.submit(predict_chunk, parameters=parameters))
        if len(under_way) == ahead:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


@functools.lru_cache(maxsize=1)
def _predictor(dumped: str, memo: Path, shared_url: str) -> Predictor:
    model = Manifest.model_validate_json(dumped)
    if shared_url:
        cache = cache_folder()
        model = SharedFolder(shared_url).get_files(model, cache / "models" / model.digest[:16])
        memo = cache / Workspace.MEMO
    return Predictor(model, memo, workers=1)
