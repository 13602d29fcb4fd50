"""Inspects tables of tests."""

from pathlib import Path

from pipeline.inspect.file import inspect_file
from pipeline.inspect.findings import Inspection
from pipeline.settings import FileSource, load_settings


def inspect(path: Path, *overrides: str, config: Path | None = None) -> Inspection:
    given = [] if config else ["source.kind=file", f"source.path={path}"]
    settings = load_settings(config=config, environment={}, overrides=[*overrides, *given])
    assert isinstance(settings.source, FileSource)
    return inspect_file(settings, settings.source)


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
