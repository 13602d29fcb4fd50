"""The package as a library: what it exports, and that its example works."""

import doctest
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import pipeline
from pipeline import InputError, Predictor, ReviewSentimentError, WorkspaceError, load_model
from pipeline.model.registry import Registry
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.pipeline.small_model import BAD, GOOD, copy_small

MODEL = Path("data/workspace/model/small")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small_model: Manifest) -> Iterator[Path]:
    """A folder with a workspace whose champion is a small model, as working directory."""
    folder = tmp_path_factory.mktemp("library")
    workspace = Workspace(folder / "data" / "workspace")
    Registry(workspace).add(copy_small(small_model, workspace.root))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder


def test_everything_that_is_named_is_exported() -> None:
    for name in pipeline.__all__:
        assert getattr(pipeline, name) is not None
    assert pipeline.__version__ == version("review-sentiment")
    assert all(
        issubclass(getattr(pipeline, name), ReviewSentimentError)
        for name in pipeline.__all__
        if name.endswith("Error")
    )
    assert Path(pipeline.__file__).with_name("py.typed").is_file()
    with pytest.raises(AttributeError, match="nothing"):
        pipeline.nothing  # noqa: B018


def test_the_import_loads_nothing() -> None:
    code = "import pipeline, sys; print([n for n in sys.modules if n.startswith('pipeline.')])"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert out.stdout.strip() == "[]"


def test_the_example_in_the_docstring_works(folder: Path) -> None:
    result = doctest.testmod(pipeline)
    assert result.failed == 0
    assert result.attempted > 3


@pytest.mark.parametrize("model", [None, 1, MODEL, str(MODEL)])
def test_a_model_by_version_or_folder(folder: Path, model: int | str | Path | None) -> None:
    predictor: Predictor = load_model(model)
    assert (predictor.predict(GOOD) > 0.5).all()
    assert (predictor.predict(BAD) < 0.5).all()


def test_threads_may_share_a_predictor(folder: Path) -> None:
    predictor, texts = load_model(), (GOOD + BAD) * 20
    expected = predictor.predict(texts)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(predictor.predict, [texts] * 40):
            assert np.array_equal(found, expected)


def test_a_model_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no version 7; known versions: 1"):
        load_model(7)
    with pytest.raises(InputError, match="no model in nowhere: name a version, or a folder"):
        load_model("nowhere")
    with pytest.raises(WorkspaceError, match="holds no trained model"):
        load_model(workspace=tmp_path)


def test_a_model_that_was_changed(folder: Path, tmp_path: Path) -> None:
    path = shutil.copytree(folder / MODEL, tmp_path / "small")
    (path / "vocabulary.json").write_text("[]")
    with pytest.raises(WorkspaceError, match="incomplete or was changed"):
        load_model(path)
