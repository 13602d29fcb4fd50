"""Exports versions of a workspace to files, and imports them."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.errors import InputError
from pipeline.model.registry import Registry, Version
from pipeline.predict.bundle import check_networks, export_bundle, read_metrics, unpack_bundle
from pipeline.storage.files import sha256_file
from pipeline.storage.workspace import Workspace

STAGE = "model"
"""Stage folder of imported models, the same as for models trained in this workspace."""


def export_model(number: int, path: Path, workspace: Workspace) -> None:
    """Write a version as a zip file, atomically; an existing file is replaced.

    Raises:
        InputError: There is no such version or folder, or the version has no ONNX file.
        WorkspaceError: The version's files are missing or were changed.
    """
    if not path.parent.is_dir():
        raise InputError(f"no such folder: {path.parent}; create it or choose another file")
    registry = Registry(workspace)
    version = registry.find(number)
    export_bundle(version, registry.model(number), registry.metrics_of(version), path)


def import_model(path: Path, workspace: Workspace) -> Version:
    """Add the model of a zip file to the registry, as a candidate.

    Args:
        path: Written by :func:`export_model`.
        workspace: Locked by the caller.

    Returns:
        The new version. If a version was imported from the same file before and its files are
        missing or were changed, its files are restored instead.

    Raises:
        InputError: The file is not a model, is incomplete, was changed, is from a newer version
            of this program, or is already a version.
    """
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    registry, key = Registry(workspace), sha256_file(path)[:16]
    below = f"{STAGE}/{key}"
    earlier = next((one for one in registry.versions() if one.model == below), None)
    if earlier and registry.model_of(earlier):
        raise InputError(f"{path} is already imported as version {earlier.number}")
    shutil.rmtree(workspace.root / STAGE / key, ignore_errors=True)
    folder = workspace.folder(STAGE, key)
    try:
        manifest = unpack_bundle(path, folder)
        target = check_networks(path, manifest)
        known = read_metrics(path, manifest)
        if known.metric not in ("", target.metric, "accuracy"):
            raise InputError(
                f"{path} has the metric {known.metric}, which does not fit its model; "
                "export it again"
            )
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return earlier or registry.add(
        manifest,
        status="candidate",
        reason=f"imported from {path.name}",
        metrics=below,
        rule=target.rule,
        **known.model_dump(include={"source", "metric", "network", "baseline", "passed"}),
    )
