"""The champion that the API serves, while the registry cannot be read for a while."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.api import champion as module
from flows.api.champion import Champion
from pipeline.model.registry import Registry
from pipeline.storage.workspace import Workspace
from tests.flows.api import workspace_of


@pytest.fixture
def workspace(api_home: Path, tmp_path: Path) -> Workspace:
    """A workspace with two versions; the first is the champion."""
    shutil.copytree(api_home / "data", tmp_path / "data")
    return workspace_of(tmp_path)


def gone(path: Path) -> None:
    path.unlink()


def unreadable(path: Path) -> None:
    """Reading fails, but not the stamp of the file."""
    path.unlink()
    path.mkdir()


def unreachable(path: Path) -> None:
    """Even the stamp fails."""
    path.unlink()
    path.symlink_to(path)


def put_back(path: Path, content: bytes) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (gone, "models.json is missing; put it back"),
        (unreadable, "models.json: Is a directory; check its permissions"),
        (unreachable, "Too many levels of symbolic links"),
    ],
)
def test_an_error_that_passes_is_logged_once_and_later_promotions_are_noticed(
    workspace: Workspace,
    breaks: Callable[[Path], None],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "pipeline.api")
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.001)
    registered = workspace.root / "models.json"
    content = registered.read_bytes()
    champion = Champion(workspace)
    loaded = champion.served

    async def watched() -> None:
        task = asyncio.create_task(champion.watch())

        async def until(what: Callable[[], bool]) -> None:
            while not what():
                assert not task.done()
                await asyncio.sleep(0.001)

        breaks(registered)
        await until(lambda: message in caplog.text)
        assert champion.served is loaded
        put_back(registered, content)
        Registry(workspace).promote(2, "by hand")
        await until(lambda: champion.served.name == "2")
        task.cancel()

    asyncio.run(asyncio.wait_for(watched(), timeout=300))
    (warning,) = (one for one in caplog.records if one.levelno == logging.WARNING)
    assert "version 1 stays in use" in warning.getMessage()
    assert "damaged" not in caplog.text


def test_an_unchanged_registry_is_read_again_after_an_error_of_the_file_system(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    champion = Champion(workspace)
    Registry(workspace).promote(2, "by hand")

    def fail(_: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", fail)
        champion.refresh()
        champion.refresh()
        assert champion.served.name == "1"
    assert caplog.text.count("Too many open files; check its permissions") == 1
    champion.refresh()
    assert champion.served.name == "2"
