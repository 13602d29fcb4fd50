"""A trained model by its version or its folder."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import InputError, WorkspaceError
from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.workspace import Workspace


def load_model(
    model: int | str | Path | None = None,
    *,
    workspace: Workspace | Path | str = "data/workspace",
) -> Predictor:
    """Load a trained model.

    Args:
        model: Number of a version of the workspace, or a model's folder, whose files must be as
            its manifest says. None: the champion of the workspace.
        workspace: Where the versions are, and the cache of tagger output.

    Raises:
        InputError: There is no such version.
        WorkspaceError: The workspace has no trained model, or the model's files are missing or
            were changed after training.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    return Predictor(_manifest(model, place), place.memo_folder)


def _manifest(model: int | str | Path | None, workspace: Workspace) -> Manifest:
    registry = Registry(workspace)
    if model is None:
        return registry.champion_model()
    if isinstance(model, int):
        return registry.model(model)
    manifest = read_manifest(Path(model).absolute() / "manifest.json")
    if manifest is None:
        raise InputError(f"no model in {model}: name a version, or a folder with manifest.json")
    if not manifest.is_intact():
        raise WorkspaceError(f"the model in {model} is incomplete or was changed after training")
    return manifest
