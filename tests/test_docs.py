"""What README and docs say is so."""

import ast
import importlib
import itertools
import re
import shlex
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from pipeline.crawl.demo_site import DemoSite
from pipeline.report.unlabeled import WORTH_BY_LABELS
from pipeline.settings import Settings, load_settings
from pipeline.settings.reference import as_toml, reference
from pipeline.storage.column_names import USUAL_NAMES
from tests.docs import CONFIGS, PAGES, README, ROOT, Page, write_files
from tests.test_layout import FLOORS

ALL = [*PAGES, Page(ROOT / "CHANGELOG.md"), Page(ROOT / "CONTRIBUTING.md")]
each_page = pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)


def tables(page: Page) -> Iterator[list[list[str]]]:
    """The tables of a page: rows of cells, the head first, without the line below it."""
    for table in re.findall(r"(?:^\|.*\|\n)+", page.prose, re.M):
        head, _, *rows = table.splitlines()
        yield [[cell.strip() for cell in row.strip("|").split("|")] for row in (head, *rows)]


def anchors(page: Page) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", page.prose, re.M):
        plain = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).strip().lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        numbers = itertools.count(1)
        unique = anchor
        while unique in found:
            unique = f"{anchor}-{next(numbers)}"
        found.add(unique)
    return found


def test_the_readme_is_short() -> None:
    assert len(README.text.splitlines()) <= 150


@each_page
def test_local_links_and_images_resolve(page: Page) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.prose):
        if "://" in link:
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(Page(target)), link


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {ROOT / path for path in re.findall(r"\]\(([\w./-]+\.md)", README.text)}
    assert {page.path for page in ALL} - {README.path} <= linked


@each_page
def test_make_targets_exist(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([\w-]+)", "\n".join(page.blocks_in("sh")), re.M):
        assert re.search(rf"^{target}:", makefile, re.M), target


@each_page
def test_the_settings_of_the_commands_exist(page: Page) -> None:
    spans = re.findall(r"`([^`\n]+)`", page.prose)
    lines = [line for _, block in page.blocks for line in block.splitlines()]
    for line in (one for one in (*lines, *spans) if re.search(r"(^| )--set \S+=", one)):
        words = shlex.split(line)
        overrides = [value for flag, value in itertools.pairwise(words) if flag == "--set"]
        if file := re.search(r"review-sentiment run ([^-\s]\S*)", line):
            overrides += ["source.kind=file", f"source.path={file[1]}"]
        if "review-sentiment inspect http" in line:
            overrides += ["source.kind=html", "source.url=http://h", "source.item=li"]
            overrides.append('source.fields={ text = "p", rating = "" }')
        load_settings(environment={}, overrides=overrides)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_valid(name: str, demo_site: DemoSite, tmp_path: Path) -> None:
    write_files(tmp_path, demo_site)
    settings = load_settings(config=tmp_path / name, environment={})
    given = tomllib.loads(CONFIGS[name])
    expected = [one["kind"] for one in given.get("sources", [given.get("source")])]
    assert [one.kind for one in settings.all_sources] == expected


def test_a_name_stands_for_one_config() -> None:
    for page in PAGES:
        for block in page.blocks_in("toml"):
            assert block in CONFIGS.values(), f"{page.name}: a config without a name of its own"


def test_the_usual_names_of_columns_are_those_of_the_code() -> None:
    page = Page(ROOT / "docs" / "files.md")
    (rows,) = [rows for head, *rows in tables(page) if head[:2] == ["column", "holds"]]
    named = {field: tuple(re.findall("`([^`]+)`", names)) for field, _, names in rows}
    assert named == USUAL_NAMES


@each_page
def test_tables_of_defaults_are_those_of_the_code(page: Page) -> None:
    for head, *rows in tables(page):
        if head[:2] != ["key", "default"]:
            continue
        for keys, default, *_ in rows:
            for key in re.findall(r"`([\w.]+)`", keys):
                assert default == written(key), key


def written(key: str) -> str:
    """How a table writes a setting's default."""
    value: Any = Settings()
    for part in key.split("."):
        value = getattr(value, part)
    value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return {None: "unset", "": "empty", (): "empty"}.get(value, f"`{as_toml(value)}`")


def test_the_reference_is_that_of_the_code() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == reference(), "run: python -m pipeline.settings.reference > docs/settings.md"


def test_the_packages_are_those_of_the_code_in_their_order() -> None:
    (rows,) = (
        rows
        for head, *rows in tables(Page(ROOT / "docs" / "how-it-works.md"))
        if head == ["package", "holds"]
    )
    assert [sorted(re.findall(r"`([\w.]+)`", row[0])) for row in rows] == list(map(sorted, FLOORS))


@each_page
def test_python_blocks_import_what_exists(page: Page) -> None:
    for block in page.blocks_in("python"):
        for node in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                for alias in node.names:
                    assert hasattr(module, alias.name), f"{node.module}.{alias.name}"


@each_page
def test_paths_exist(page: Page) -> None:
    """Those that stand in backticks and begin with a folder of the project."""
    for path in re.findall(r"`((?:pipeline|flows|tests|data|docs)/[\w./-]*)`", page.prose):
        if not path.startswith("data/workspace"):
            assert (ROOT / path).exists(), path


@each_page
def test_benchmarks_exist(page: Page) -> None:
    for module in re.findall(r"python -m ((?:tests|pipeline)\.[\w.]+)", page.text):
        assert ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file(), module


@pytest.mark.parametrize("name", ["README.md", "docs/benchmarks.md"])
def test_the_report_without_labels_quotes_the_benchmark(name: str) -> None:
    content = (ROOT / name).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (none|0|100|2,000) \| (\.\d{3}) \|", content, re.M)
    measured = {int(size.replace("none", "0").replace(",", "")): float(own) for size, own in rows}
    assert measured == WORTH_BY_LABELS
