"""Models as files: exported, carried away, imported, and refused with the reason."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipeline.errors import InputError
from pipeline.model.registry import Registry
from pipeline.predict.bundle import BUNDLE_SCHEMA
from pipeline.predict.load import load_model
from pipeline.predict.transfer import export_model, import_model
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from tests.pipeline.small_model import BAD, GOOD, copy_small

Contents = dict[str, bytes]
CHANGED = "was changed after the export; export it again"


@pytest.fixture(scope="module")
def home(small_model: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a small model as version 1."""
    workspace = Workspace(tmp_path_factory.mktemp("home"))
    manifest = copy_small(small_model, workspace.root)
    figures = {"metric": "macro_f1", "network": 0.8, "baseline": 0.7, "passed": 0.5}
    Registry(workspace).add(manifest, source="flats | of `Seoul`", rule=BINARY.rule, **figures)
    return workspace


@pytest.fixture(scope="module")
def bundle(home: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "flats.zip"
    export_model(1, path, home)
    return path


def contents(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, files: Contents, *, sign: bool = False) -> Path:
    """Write a bundle; ``sign`` writes the hashes of its files into its manifest."""
    if sign:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = {
            name: hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name != "manifest.json"
        }
        files = files | {"manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_bundle_holds_what_prediction_needs_and_nothing_else(bundle: Path) -> None:
    files = contents(bundle)
    assert set(files) == {
        *("manifest.json", "MODEL_CARD.md", "metrics.json", "model.keras", "network.onnx"),
        *("text.json", "vocabulary.json", names.NGRAMS),
    }
    manifest = json.loads(files["manifest.json"])
    assert manifest["schema_version"] == BUNDLE_SCHEMA
    assert "folder" not in manifest
    card = files["MODEL_CARD.md"].decode()
    front, card = card.removeprefix("---\n").split("\n---\n\n")
    (model,) = yaml.safe_load(front)["model-index"]
    assert model["results"][0]["dataset"]["name"] == "flats | of `Seoul`"
    assert r"| Learnt from | flats \| of \`Seoul\` |" in card
    assert "| macro\\_f1 | 0.8000 | 0.7000 |" in card


def test_equal_versions_give_equal_bytes(home: Workspace, bundle: Path, tmp_path: Path) -> None:
    export_model(1, tmp_path / "again.zip", home)
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_a_bundle_predicts_the_same_numbers(home: Workspace, bundle: Path, tmp_path: Path) -> None:
    expected = load_model(1, workspace=home).predict(GOOD + BAD)
    away = Workspace(tmp_path / "away")
    assert np.array_equal(load_model(bundle, workspace=away).predict(GOOD + BAD), expected)
    shutil.unpack_archive(bundle, tmp_path / "unpacked")
    unpacked = load_model(tmp_path / "unpacked", workspace=away)
    assert np.array_equal(unpacked.predict(GOOD + BAD), expected)
    assert np.array_equal(load_model("1", workspace=home).predict(GOOD + BAD), expected)


def test_an_imported_model_is_a_candidate(
    home: Workspace, bundle: Path, workspace: Workspace, tmp_path: Path
) -> None:
    version = import_model(bundle, workspace)
    assert (version.number, version.status, version.network) == (1, "candidate", 0.8)
    assert version.reason == "imported from flats.zip"
    assert version.source == "flats | of `Seoul`"
    registry = Registry(workspace)
    with pytest.raises(InputError, match="no version is the champion: choose one with"):
        registry.champion_model()
    with pytest.raises(InputError, match=r"flats\.zip is already imported as version 1"):
        import_model(bundle, workspace)
    registry.promote(1, "by hand")
    expected = load_model(1, workspace=home).predict(GOOD)
    assert np.array_equal(load_model(workspace=workspace).predict(GOOD), expected)
    export_model(1, tmp_path / "again.zip", workspace)
    first, again = (contents(one)["metrics.json"] for one in (bundle, tmp_path / "again.zip"))
    assert again == first

    registry.champion_model().path(names.TEXT).unlink()
    assert import_model(bundle, workspace).status == "champion"
    assert load_model(workspace=workspace).predict(GOOD).shape == (4,)


def test_a_model_of_ratings_is_carried_too(
    small_score_model: Manifest, workspace: Workspace, tmp_path: Path
) -> None:
    Registry(workspace).add(copy_small(small_score_model, workspace.root))
    predictor = load_model(1, workspace=workspace)
    export_model(1, tmp_path / "a.zip", workspace)
    carried = load_model(tmp_path / "a.zip", workspace=tmp_path / "away")
    assert carried.target == predictor.target
    assert np.array_equal(carried.predict(GOOD + BAD), predictor.predict(GOOD + BAD))


def test_an_ensemble_is_carried_with_its_networks(
    home: Workspace, workspace: Workspace, tmp_path: Path
) -> None:
    one = home.finished("model", "small")
    assert one is not None
    folder, files = workspace.folder("ensemble", "both"), []
    for member in ("member-1", "member-2"):
        shutil.copytree(one.folder, folder / member)
        files += [f"{member}/{name}" for name in one.files]
    Registry(workspace).add(workspace.finish("ensemble", "both", files, 8, {}))
    export_model(1, tmp_path / "a.zip", workspace)
    away = Workspace(tmp_path / "away")
    away.check()
    import_model(tmp_path / "a.zip", away)
    expected = load_model(1, workspace=home).predict(GOOD)
    assert load_model(1, workspace=away).predict(GOOD) == pytest.approx(expected, abs=1e-9)


def _without(name: str) -> Callable[[Contents], Contents]:
    return lambda files: {key: content for key, content in files.items() if key != name}


def _with(**changes: Any) -> Callable[[Contents], Contents]:
    """Change fields of the manifest."""

    def change(files: Contents) -> Contents:
        manifest = json.loads(files["manifest.json"]) | changes
        return files | {"manifest.json": json.dumps(manifest).encode()}

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_without("manifest.json"), "is not a model: its manifest.json is missing or malformed"),
        (lambda files: files | {"manifest.json": b"[" * 99_999}, "missing or malformed"),
        (lambda files: files | {"manifest.json": b" " * 2_000_000}, "2,000,000 bytes; 1,048,576"),
        (
            _with(schema_version=BUNDLE_SCHEMA + 1),
            f"by a newer version of review-sentiment (schema {BUNDLE_SCHEMA + 1}, this one",
        ),
        (_with(details={"examples": "many"}), "the details in its manifest.json are malformed"),
        (_with(files={"../../etc/passwd": "0"}), "lacks ../../etc/passwd, which its manifest"),
        (_without("network.onnx"), "lacks network.onnx, which its manifest lists"),
        (_without("vocabulary.json"), "lacks vocabulary.json, which its manifest lists"),
        (lambda files: files | {"starter.npz": b""}, "holds starter.npz, which its manifest does"),
        (lambda files: files | {"more.pkl": b""}, "holds more.pkl, which does not belong there"),
        (lambda files: files | {"vocabulary.json": b"{}"}, f"vocabulary.json {CHANGED}"),
        (lambda files: files | {"network.onnx": b""}, f"network.onnx {CHANGED}"),
    ],
)  # fmt: skip
def test_a_changed_bundle_is_refused(
    change: Callable[[Contents], Contents], why: str, bundle: Path, tmp_path: Path
) -> None:
    away = Workspace(tmp_path / "away")
    away.check()
    path = write(tmp_path / "a.zip", change(contents(bundle)))
    for use in (lambda: load_model(path, workspace=away), lambda: import_model(path, away)):
        with pytest.raises(InputError, match=re.escape(why)) as error:
            use()
        assert str(error.value).startswith(f"{path}")
        assert "\n" not in str(error.value)
    assert Registry(away).versions() == []
    assert not list((away.root / "model").glob("*/*"))


def _other_vocabulary(files: Contents) -> Contents:
    """As many tokens, two of them in the places of each other."""
    counts = json.loads(files["vocabulary.json"])
    *first, last, own = counts.items()
    return files | {"vocabulary.json": json.dumps(dict([*first, own, last])).encode()}


def _arrays(files: Contents, **arrays: Any) -> Contents:
    """Replace arrays of the n-grams."""
    with np.load(io.BytesIO(files[names.NGRAMS])) as known:
        changed, file = dict(known) | arrays, io.BytesIO()
    np.savez(file, **changed)
    return files | {names.NGRAMS: file.getvalue()}


def _bomb(files: Contents) -> Contents:
    file = io.BytesIO()
    np.savez_compressed(file, coefficients=np.zeros(10_000_000))
    return files | {names.NGRAMS: file.getvalue()}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_other_vocabulary, "vocabulary.json does not match the network"),
        (lambda files: files | {"vocabulary.json": b'{"a": 1}'}, "is not a vocabulary"),
        (
            lambda files: files | {"network.onnx": b"other"},
            "network.onnx is not a valid ONNX network: ",
        ),
        (lambda files: files | {"text.json": b"{}"}, "cannot be used: "),
        (lambda files: files | {"metrics.json": b"{"}, "metrics.json is missing or malformed"),
        (_without("network.onnx"), "lacks network.onnx"),
        (_without("model.keras"), "lacks model.keras"),
        (_without(names.NGRAMS), f"{names.NGRAMS} does not match the network"),
        (lambda files: _arrays(files, coefficients=[1.0, 2.0]), "cannot be used: "),
        (lambda files: _arrays(files, idf=[object()]), "cannot be used: Object arrays cannot be"),
        (_bomb, "would unpack from"),
    ],
)  # fmt: skip
def test_files_that_do_not_fit_are_refused(
    change: Callable[[Contents], Contents], why: str, bundle: Path, workspace: Workspace,
    tmp_path: Path,
) -> None:  # fmt: skip
    path = write(tmp_path / "a.zip", change(contents(bundle)), sign=True)
    with pytest.raises(InputError) as error:
        import_model(path, workspace)
    assert why in str(error.value)
    assert "\n" not in str(error.value)
    assert Registry(workspace).versions() == []


def test_a_truncated_bundle_is_refused(bundle: Path, workspace: Workspace, tmp_path: Path) -> None:
    path, whole = tmp_path / "a.zip", bundle.read_bytes()
    for share in range(10):
        path.write_bytes(whole[: len(whole) * share // 10])
        with pytest.raises(InputError, match=r"is not a zip file|is damaged or cut off"):
            import_model(path, workspace)


def test_a_failed_export_leaves_the_file_alone(home: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"before")
    with pytest.raises(InputError, match="no version 9; known versions: 1"):
        export_model(9, path, home)
    with pytest.raises(InputError, match="no such folder"):
        export_model(1, tmp_path / "gone" / "a.zip", home)
    assert path.read_bytes() == b"before"


def test_models_of_earlier_versions_predict_but_are_not_exported(
    home: Workspace, workspace: Workspace, tmp_path: Path
) -> None:
    one = home.finished("model", "small")
    assert one is not None
    folder = workspace.folder("model", "old")
    for name in one.files:
        shutil.copy(one.path(name), folder / name)
    files = [name for name in one.files if name != names.ONNX]
    (folder / names.ONNX).unlink()
    Registry(workspace).add(workspace.finish("model", "old", files, 8, {}))
    expected = load_model(1, workspace=home).predict(GOOD + BAD)
    assert load_model(workspace=workspace).predict(GOOD + BAD) == pytest.approx(expected, abs=1e-5)
    with pytest.raises(InputError, match="trained before models had network"):
        export_model(1, tmp_path / "a.zip", workspace)


def test_a_prediction_loads_no_tensorflow_and_no_java(home: Workspace, bundle: Path) -> None:
    code = f"""
import sys
from pipeline import load_model
answers = load_model({str(bundle)!r}, workspace={str(home.root)!r}).answers({GOOD + BAD!r})
assert [one["label"] for one in answers] == ["positive"] * 4 + ["negative"] * 4
heavy = {{"tensorflow", "keras", "prefect", "onnx"}} & set(sys.modules)
import jpype
print(heavy, jpype.isJVMStarted())
"""
    load_model(1, workspace=home).predict(GOOD + BAD)  # its words are in the cache from now on
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "set() False"
