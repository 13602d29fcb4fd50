"""Imports run one way: each package imports only from those below it, and none in a circle."""

import ast
import functools
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = [
    ["flows"],
    ["pipeline"],
    ["pipeline.stages"],
    ["pipeline.alerts"],
    ["pipeline.report"],
    ["pipeline.topics"],
    ["pipeline.explain"],
    ["pipeline.label"],
    ["pipeline.predict"],
    ["pipeline.train"],
    ["pipeline.model"],
    ["pipeline.evaluate"],
    ["pipeline.inspect"],
    ["pipeline.starter"],
    ["pipeline.prepare"],
    ["pipeline.crawl"],
    ["pipeline.target"],
    ["pipeline.reviews"],
    ["pipeline.tokenizer"],
    ["pipeline.storage"],
    ["pipeline.settings"],
    ["pipeline.helper_process"],
    ["pipeline.progress", "pipeline.runtime"],
    ["pipeline.arrays", "pipeline.bounded_json", "pipeline.bundled", "pipeline.errors"],
    ["pipeline.redact"],
]
"""From the top down; ``pipeline`` is what the package itself exports."""
FLOOR_OF = {package: floor for floor, packages in enumerate(FLOORS) for package in packages}


def modules() -> dict[str, Path]:
    """Every module of the two packages, by its dotted name."""
    named = {}
    for path in (*ROOT.glob("pipeline/**/*.py"), *ROOT.glob("flows/**/*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


MODULES = modules()


@functools.cache
def imports(module: str) -> frozenset[str]:
    """The modules that a module names in its imports, those within functions too."""
    return frozenset(imported(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module


def package_of(module: str) -> str:
    return "flows" if module.startswith("flows") else ".".join(module.split(".")[:2])


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_from_below_only(name: str) -> None:
    own = package_of(name)
    for other in imports(name) & MODULES.keys():
        package = package_of(other)
        assert package == own or FLOOR_OF[package] > FLOOR_OF[own], f"{name} imports {other}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("pipeline")])
def test_the_pipeline_knows_no_prefect(name: str) -> None:
    assert not {other for other in imports(name) if other.split(".")[0] in ("flows", "prefect")}


def test_no_module_imports_itself_by_way_of_others() -> None:
    order = TopologicalSorter({name: imports(name) & MODULES.keys() for name in MODULES})
    assert set(order.static_order()) == MODULES.keys()


def test_every_package_has_its_floor() -> None:
    assert {package_of(name) for name in MODULES} == FLOOR_OF.keys()
