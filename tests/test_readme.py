"""What the README says is so."""

import itertools
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.demo_site import DemoSite
from pipeline.settings import Settings, load_settings
from tests.readme import BLOCKS, CONFIGS, README, ROOT, write_files


def test_the_settings_of_the_commands_exist() -> None:
    lines = [line for _, block in BLOCKS for line in block.splitlines() if " --set " in line]
    for line in lines:
        words = shlex.split(line)
        overrides = [value for flag, value in itertools.pairwise(words) if flag == "--set"]
        load_settings(environment={}, overrides=overrides)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_valid(name: str, demo_site: DemoSite, tmp_path: Path) -> None:
    write_files(tmp_path, demo_site)
    settings = load_settings(config=tmp_path / name, environment={})
    assert settings.source.kind == tomllib.loads(CONFIGS[name])["source"]["kind"]


def test_the_defaults_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (`[\w., `]+`) \| (.+?) \|", README, re.M)
    assert len(rows) > 10
    for keys, default in rows:
        for key in re.findall(r"`([\w.]+)`", keys):
            value: Any = Settings()
            for part in key.split("."):
                value = getattr(value, part)
            said = {None: "unset", "": "empty"}.get(value, f"`{value}`")
            assert default == said, key


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
