"""Track: logs an evaluated model to an MLflow server, as a run and a registered version."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from pipeline.model.registry import Version
from pipeline.predict.bundle import export_bundle
from pipeline.redact import printable
from pipeline.settings import Settings
from pipeline.stages.evaluate import Evaluation
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

logger = logging.getLogger("pipeline.tracking")

NAME = "review-sentiment"
"""Name of the experiment and of the registered model."""
BUNDLE = "review-sentiment.zip"
CHAMPION = "champion"
MOST_PARAMETERS = 100
"""Maximum number of parameters per request."""
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "60",
    "GIT_PYTHON_REFRESH": "quiet",
}


def track(evaluation: Evaluation, report: Manifest, version: Version, settings: Settings) -> None:
    """Log an evaluation to ``tracking.mlflow_uri``; a failure only logs a warning.

    The same report is logged only once, even if the run is repeated.

    Args:
        evaluation: The evaluation.
        report: Its report.
        version: The model's version in the workspace.
        settings: Settings of the run.
    """
    uri = settings.tracking.mlflow_uri.get_secret_value()
    if not uri:
        return
    try:
        with _environment(uri) as address:
            _track(address, evaluation, report, version, settings)
    except ImportError:
        logger.warning(
            "nothing was logged to MLflow: install its client with "
            "`pip install 'review-sentiment[mlflow]'`"
        )
    except Exception as error:  # of the client, its connection or the server: the run is complete
        reason = type(error).__name__  # the message may contain the URL, which is a secret
        logger.warning("could not log the run to MLflow: %s; check tracking.mlflow_uri", reason)
    else:
        logger.info("the run is logged to MLflow")


@contextlib.contextmanager
def _environment(uri: str) -> Iterator[str]:
    """Set MLflow's environment, with the login of the URI; yields the URI without it."""
    parts = urlsplit(uri)
    changed = dict(QUIET)
    if parts.username is not None:
        changed["MLFLOW_TRACKING_USERNAME"] = unquote(parts.username)
        changed["MLFLOW_TRACKING_PASSWORD"] = unquote(parts.password or "")
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _track(
    address: str, evaluation: Evaluation, report: Manifest, version: Version, settings: Settings
) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(address, address)
    experiment = client.get_experiment_by_name(NAME)
    folder = experiment.experiment_id if experiment else client.create_experiment(NAME)
    known = client.search_runs(
        [folder], f"tags.report = '{report.digest}' and attributes.status = 'FINISHED'"
    )
    run = known[0] if known else _log(client, folder, evaluation, report, version, settings)
    number = run.data.tags.get("version") or _register(client, run, version)
    if version.status == CHAMPION:
        client.set_registered_model_alias(NAME, CHAMPION, number)


def _log(
    client: Any,
    experiment: str,
    evaluation: Evaluation,
    report: Manifest,
    version: Version,
    settings: Settings,
) -> Any:
    """Create an MLflow run with parameters, metrics and artefacts."""
    from mlflow.entities import Metric, Param

    tags = {"report": report.digest, "source": printable(settings.title)}
    run = client.create_run(experiment, tags=tags, run_name=f"version {version.number}")
    identity, now = run.info.run_id, run.info.start_time
    parameters = [Param(*one) for one in flat(settings.recipe).items()]
    for begin in range(0, len(parameters), MOST_PARAMETERS):
        client.log_batch(identity, params=parameters[begin : begin + MOST_PARAMETERS])
    values = figures(evaluation)
    client.log_batch(identity, [Metric(name, value, now, 0) for name, value in values.items()])
    for path in (
        *(report.path(names.REPORT), report.path(names.WORKBOOK)),
        evaluation.metrics.path(names.METRICS),
    ):
        client.log_artifact(identity, str(path))
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / BUNDLE
        export_bundle(version, evaluation.trained.model, evaluation.metrics, bundle)
        client.log_artifact(identity, str(bundle), "model")
        with zipfile.ZipFile(bundle) as archive:
            client.log_artifact(identity, archive.extract(names.MODEL_CARD, folder))
    client.set_terminated(identity)
    return client.get_run(identity)


def _register(client: Any, run: Any, version: Version) -> str:
    """Register the model of a run; return the version number assigned by the server."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(NAME)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source, identity = f"{run.info.artifact_uri}/model", run.info.run_id
    tags = {"version": str(version.number)}
    number = str(client.create_model_version(NAME, source, identity, tags=tags).version)
    client.set_tag(identity, "version", number)
    return number


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Settings by dotted key."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = str(value)
    return found


def figures(evaluation: Evaluation) -> dict[str, float]:
    """The figures of the network, and the figures of the baseline with a prefix."""
    metrics = evaluation.read_metrics()
    found = {name: one["value"] for name, one in metrics["network"]["figures"].items()}
    baseline = metrics["baseline"]["figures"].items()
    return found | {f"baseline_{name}": one["value"] for name, one in baseline}
