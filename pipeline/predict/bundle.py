"""A model as one zip file, for predictions on another machine where only the package is installed.

It holds the files that prediction needs, the Keras network for reference, ``metrics.json``,
``MODEL_CARD.md`` and ``manifest.json`` with the SHA-256 of each file. Nothing is unpickled.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from pydantic import BaseModel

from pipeline.errors import InputError
from pipeline.model.registry import Version
from pipeline.predict.bundle_records import BundleDetails, BundleManifest, BundleMetrics
from pipeline.predict.model_card import model_card
from pipeline.predict.networks import Network, member_folders, read_settings
from pipeline.storage import archive, names
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.target.base import Target

BUNDLE_SCHEMA = 2
"""Incremented when older versions of this program cannot read the new files."""
MANIFEST = "manifest.json"
REQUIRED = (names.NETWORK, names.ONNX, names.TEXT, names.VOCABULARY)
"""Files of each network."""
OF_NETWORK = (*REQUIRED, names.NGRAMS, names.STARTER)
KNOWN = re.compile(
    rf"{MANIFEST}|{names.METRICS}|{names.MODEL_CARD}|(member-\d{{1,3}}/)?"
    rf"({'|'.join(map(re.escape, OF_NETWORK))})"
)
MOST_MANIFEST_BYTES = 2**20


def export_bundle(version: Version, model: Manifest, metrics: Manifest | None, path: Path) -> None:
    """Write a version as a bundle.

    Args:
        version: The version in the registry.
        model: Its files, verified.
        metrics: Its ``metrics.json``; None if that is missing.
        path: The zip file.

    Raises:
        InputError: The model was trained before networks had an ONNX file.
    """
    files = {name: model.path(name) for name in model.files if Path(name).name in OF_NETWORK}
    for folder in member_folders(model):
        if not (folder / names.ONNX).exists():
            raise InputError(
                f"version {version.number} was trained before models had {names.ONNX}: train again "
                "with `review-sentiment run` and export the new version"
            )
    known = _known(version, metrics)
    details = BundleDetails.model_validate(model.details)
    card = model_card(known, details, [read_settings(one) for one in member_folders(model)])
    contents = {
        names.MODEL_CARD: card.encode(),
        names.METRICS: (known.model_dump_json(indent=2) + "\n").encode(),
    }
    manifest = BundleManifest(
        schema_version=BUNDLE_SCHEMA,
        stage=model.stage,
        folder=model.folder,
        files={name: model.files[name] for name in files} | _digests(contents),
        rows=model.rows,
        details=details.model_dump(exclude_unset=True),
    )
    written = manifest.model_dump_json(exclude={"folder"}, indent=2) + "\n"
    archive.pack(path, {MANIFEST: written.encode(), **contents, **files})


def unpack_bundle(path: Path, folder: Path) -> Manifest:
    """Unpack a bundle into an empty folder and check it.

    Raises:
        InputError: The file is not a bundle, is incomplete, was changed, or is from a newer
            version of this program.
    """
    check_schema(path, archive.read_entry(path, MANIFEST, MOST_MANIFEST_BYTES) or b"")
    found = {*archive.unpack(path, folder, KNOWN)} - {MANIFEST}
    manifest = read_manifest(folder / MANIFEST)
    if manifest is None:
        raise InputError(f"{path} is not a model: its {MANIFEST} is missing or malformed")
    try:
        BundleDetails.model_validate(manifest.details)
    except ValueError as error:
        raise InputError(f"{path}: the details in its {MANIFEST} are malformed") from error
    _check_files(path, manifest, found)
    return manifest


def _check_files(path: Path, manifest: Manifest, found: set[str]) -> None:
    if missing := manifest.files.keys() - found:
        raise InputError(f"{path} lacks {min(missing)}, which its manifest lists")
    if unlisted := found - manifest.files.keys():
        raise InputError(f"{path} holds {min(unlisted)}, which its manifest does not list")
    if changed := next(manifest.changed_files(), ""):
        raise InputError(f"{path}: {changed} was changed after the export; export it again")
    networks = {Path(name).parent for name in found if Path(name).name in OF_NETWORK}
    for folder in networks or {Path()}:
        for name in REQUIRED:
            if (needed := (folder / name).as_posix()) not in found:
                raise InputError(f"{path} lacks {needed}")
    for name in found:
        if Path(name).suffix in (".keras", ".npz"):
            try:
                archive.check_size(manifest.path(name))
            except InputError as error:
                raise InputError(_reason(path, manifest, error)) from error


def check_networks(path: Path, model: Manifest) -> Target:
    """Check that the files of an unpacked bundle can be read and match each other.

    Returns:
        The prediction target.

    Raises:
        InputError: A file cannot be read, or the files do not match.
    """
    try:
        networks = [Network(folder) for folder in member_folders(model)]
        for network in networks:
            network.load_network()
    except Exception as error:  # the libraries raise various errors for malformed files
        raise InputError(_reason(path, model, error)) from error
    return networks[0].settings.target


def read_metrics(path: Path, model: Manifest) -> BundleMetrics:
    """The metrics of an unpacked bundle.

    Raises:
        InputError: They are malformed.
    """
    try:
        return BundleMetrics.model_validate_json(model.path(names.METRICS).read_bytes())
    except (InputError, ValueError) as error:
        raise InputError(f"{path}: {names.METRICS} is missing or malformed") from error


def check_schema(path: Path, manifest: bytes) -> None:
    """Check that this program can read the files of a manifest.

    Raises:
        InputError: A newer version of this program wrote them.
    """
    try:
        schema = _Schema.model_validate_json(manifest).schema_version
    except ValueError:
        return
    if schema > BUNDLE_SCHEMA:
        raise InputError(
            f"{path} was made by a newer version of review-sentiment (schema {schema}, this one "
            f"reads {BUNDLE_SCHEMA}): upgrade review-sentiment"
        )


class _Schema(BaseModel):
    schema_version: int = BUNDLE_SCHEMA


def _reason(path: Path, model: Manifest, error: Exception) -> str:
    first = str(error).partition("\n")[0].replace(f"{model.folder}/", "")
    return f"{path} cannot be used: {first or type(error).__name__}"


def _digests(contents: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def _known(version: Version, metrics: Manifest | None) -> BundleMetrics:
    """Metrics and fields of a version; for an imported version, those in its bundle."""
    if metrics is None:
        return BundleMetrics(**version.model_dump())
    if names.MODEL_CARD in metrics.files:
        return read_metrics(metrics.folder, metrics)
    found = json.loads(metrics.path(names.METRICS).read_bytes())
    figures = {name: found[name]["figures"] for name in ("network", "baseline")}
    return BundleMetrics(**version.model_dump(), figures=figures, folds=found.get("folds", 0))
