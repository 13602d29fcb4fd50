"""Loads a trained model, given its version, its folder or its zip file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import InputError, WorkspaceError
from pipeline.model.registry import Registry
from pipeline.predict.bundle import MANIFEST, check_schema, unpack_bundle
from pipeline.predict.predictor import Predictor
from pipeline.settings.paths import find_path
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.workspace import Workspace


def load_model(
    model: int | str | Path | None = None,
    *,
    workspace: Workspace | Path | str = "data/workspace",
) -> Predictor:
    """Load a trained model.

    Args:
        model: See :func:`open_model`.
        workspace: Holds the versions and the cache of tagger output.

    Raises:
        InputError: There is no such version, or the zip file is not a model, is incomplete, was
            changed or is from a newer version of this package.
        WorkspaceError: The workspace has no trained model, or the model's files are missing or
            were changed after training.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    with open_model(model, place) as manifest:
        return Predictor(manifest, place.memo_folder)


@contextlib.contextmanager
def open_model(model: int | str | Path | None, workspace: Workspace) -> Iterator[Manifest]:
    """Yield the verified files of a model; files of a zip file exist only within the block.

    Args:
        model: Number of a version of the workspace; a zip file of ``models export``; or a model's
            folder, whose files must match its manifest. None: the champion of the workspace.
        workspace: Holds the versions.

    Raises:
        InputError: See :func:`load_model`.
        WorkspaceError: See :func:`load_model`.
    """
    registry = Registry(workspace)
    if model is None:
        yield registry.champion_model()
        return
    path = find_path(Path(str(model)))
    if isinstance(model, int) or (str(model).isdecimal() and not path.exists()):
        yield registry.model(int(str(model)))
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="review-sentiment-") as folder:
            yield unpack_bundle(path, Path(folder))
    else:
        yield _of_folder(path)


def _of_folder(folder: Path) -> Manifest:
    path = folder.absolute() / MANIFEST
    manifest = read_manifest(path)
    if manifest is None:
        raise InputError(
            f"no model in {folder}: name a version, or a folder with {MANIFEST}, or a file of "
            "`review-sentiment models export`"
        )
    check_schema(folder, path.read_bytes())
    if not manifest.is_intact():
        raise WorkspaceError(
            f"the model in {folder} is incomplete or was changed after training; restore its files "
            "or train again with `review-sentiment run`"
        )
    return manifest
