"""Predicts a file of texts."""

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
from pipeline.predict.files import Answered, TableJob, predict_file
from pipeline.predict.networks import target_of
from pipeline.predict.predictor import Predictor
from pipeline.runtime import count_workers
from pipeline.settings import RunnerSettings
from pipeline.storage.manifest import Manifest
from pipeline.storage.remote import SharedFolder, cache_folder
from pipeline.storage.workspace import Workspace

CHUNKS_AHEAD = 2
"""Chunks in flight per worker: keeps workers busy and memory use constant."""


@task(task_run_name="predict {job.source.name}", cache_policy=NO_CACHE)
def predict_table(workspace: Workspace, job: TableJob, model: Manifest) -> Answered:
    """Write a copy of the table with the model's predictions."""
    predictor = Predictor(model, workspace.memo_folder)
    return predict_file(predictor.target, predictor.answer, job, predictor.digest)


@task(task_run_name="predict chunk {number}", cache_policy=NO_CACHE)
def predict_chunk(
    number: int, texts: list[str], model: Manifest, memo: Path, shared_url: str
) -> list[dict[str, Any]]:
    """Predict a chunk of texts in a worker process that caches the model.

    Args:
        number: Number of the chunk, for the name of the task run.
        texts: The texts of the chunk.
        model: Manifest of the model.
        memo: Folder of the on-disk cache of tagger output per word.
        shared_url: Folder to read the model from; if empty, the workspace.
    """
    return _predictor(model.model_dump_json(), memo, shared_url).answers(texts)


@flow(flow_run_name="predict {job.source.name}")
def predict(
    workspace: Workspace, job: TableJob, runner: RunnerSettings, model: Manifest
) -> Answered:
    """Label the texts of a file with a model."""
    if runner.kind == "threads":
        return predict_table(workspace, job, model)
    given = {"model": model, "memo": workspace.memo_folder, "shared_url": ""}
    if runner.shared_url:
        given["shared_url"] = url = f"{runner.shared_url}/model-{model.digest[:16]}"
        SharedFolder(url).put_files(model)
    with task_runner(runner) as pool:

        def answer(chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
            return _in_order(pool, given, chunks, CHUNKS_AHEAD * count_workers(runner.workers))

        return predict_file(target_of(model), answer, job, model.digest)


def _in_order(
    pool: TaskRunner[Any], given: dict[str, Any], chunks: Iterable[list[str]], ahead: int
) -> Iterator[list[dict[str, Any]]]:
    """Yield the predictions of each chunk in order, with at most ``ahead`` chunks in flight."""
    in_flight: deque[PrefectFuture[Any]] = deque()
    for number, texts in enumerate(chunks, 1):
        parameters = given | {"number": number, "texts": texts}
        in_flight.append(pool.submit(predict_chunk, parameters=parameters))
        if len(in_flight) == ahead:
            yield in_flight.popleft().result()
    while in_flight:
        yield in_flight.popleft().result()


@functools.lru_cache(maxsize=1)
def _predictor(dumped: str, memo: Path, shared_url: str) -> Predictor:
    model = Manifest.model_validate_json(dumped)
    if shared_url:
        cache = cache_folder()
        model = SharedFolder(shared_url).get_files(model, cache / "models" / model.digest[:16])
        memo = cache / Workspace.MEMO
    return Predictor(model, memo, workers=1)
