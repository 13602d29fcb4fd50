"""What the README says is so."""

import csv
import itertools
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DATA, DemoSite
from pipeline.settings import Settings, load_settings
from tests.commands import start

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)
COMMANDS = [
    line
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if line.startswith("review-sentiment")
]
CONFIGS = {block.splitlines()[0][2:]: block for language, block in BLOCKS if language == "toml"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, demo_site: DemoSite) -> Path:
    """The files that the recipes speak of."""
    made = tmp_path_factory.mktemp("readme")
    for name, block in CONFIGS.items():
        text = block.replace("http://127.0.0.1:8040", demo_site.url)
        (made / name).write_text(text, encoding="utf-8")
    lines = (DATA / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [(one["text"], one["score"], one["complex"]) for one in map(json.loads, lines)]
    for name, part in {"reviews.csv": rows[:400], "held-out.csv": rows[400:500]}.items():
        with (made / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["review", "rating", "본문", "별점", "상품"])
            writer.writerows([text, score, text, score, group] for text, score, group in part)
    (made / "new.csv").write_text("review\n조용하고 좋아요\n", encoding="utf-8")
    return made


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_does_what_it_should(line: str, folder: Path, prefect_server: str) -> None:
    quick = {"REVIEW_SENTIMENT_TRAIN__EPOCHS": "1", "REVIEW_SENTIMENT_MODEL__LSTM_UNITS": "8"}
    arguments = shlex.split(line)[1:]
    with start(prefect_server, folder, *arguments, **quick) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert out.strip() or "--output" in arguments


def test_the_settings_of_the_commands_exist() -> None:
    lines = [line for _, block in BLOCKS for line in block.splitlines() if " --set " in line]
    for line in lines:
        words = shlex.split(line)
        overrides = [value for flag, value in itertools.pairwise(words) if flag == "--set"]
        load_settings(environment={}, overrides=overrides)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_valid(name: str, folder: Path) -> None:
    settings = load_settings(config=folder / name, environment={})
    assert settings.source.kind == tomllib.loads(CONFIGS[name])["source"]["kind"]


def test_the_defaults_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (`[\w., `]+`) \| (.+?) \|", README, re.M)
    assert len(rows) > 10
    for keys, default in rows:
        for key in re.findall(r"`([\w.]+)`", keys):
            value: object = Settings()
            for part in key.split("."):
                value = getattr(value, part)
            assert default == ("unset" if value is None else f"`{value}`"), key


def test_the_tree_names_what_exists() -> None:
    (tree,) = [block for language, block in BLOCKS if block.startswith("pipeline/  ")]
    folder, named = Path(), set()
    for line in tree.splitlines():
        name = line.split()[0]
        if not line.startswith(" "):
            folder = Path(name)
        path = folder / name if line.startswith(" ") else folder
        assert (ROOT / path).exists(), path
        named.add(path)
    unnamed = {
        path.name
        for path in (ROOT / "pipeline").iterdir()
        if path.name not in ("__init__.py", "__pycache__")
        and Path("pipeline", path.name) not in named
    }
    assert unnamed == {"backend.py", "progress.py"}


def test_the_two_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for image in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / image).is_file(), image
