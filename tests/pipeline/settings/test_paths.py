"""Paths as users give them: ``~``, and Hangul composed or decomposed."""

import unicodedata
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import FileColumns, load_settings
from pipeline.settings.paths import find_path

NFC = "후기/리뷰.csv"
NFD = unicodedata.normalize("NFD", NFC)


@pytest.mark.parametrize(("asked", "there"), [(NFC, NFD), (NFD, NFC), (NFC, NFC), (NFD, NFD)])
def test_a_path_is_found_in_its_other_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, there: str
) -> None:
    path = tmp_path / there
    path.parent.mkdir()
    path.touch()
    assert find_path(tmp_path / asked) == path
    monkeypatch.chdir(tmp_path)
    assert find_path(Path(asked)) == Path(there)
    source = load_settings(overrides=["source.kind=file", f"source.path={asked}"]).source
    assert source.model_dump()["path"] == Path(there)


def test_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "c.toml").write_text(
        '\ufeff[source]\nkind = "file"\npath = "~/a.csv"\ntest_path = "~/b.csv"\n'
        '[pretrain]\nunlabeled_path = "~/c.txt"\n',
        encoding="utf-8",
    )
    settings = load_settings(config=Path("~/c.toml"))
    source = settings.source.model_dump()
    assert (source["path"], source["test_path"]) == (tmp_path / "a.csv", tmp_path / "b.csv")
    assert settings.pretrain.unlabeled_path == tmp_path / "c.txt"


def test_a_path_that_is_not_there_stays(tmp_path: Path) -> None:
    for path in (tmp_path / "가" / "b.csv", Path("gone.csv"), Path("~nobody-here/a.csv")):
        assert find_path(path) == path


def test_an_empty_path_is_not_the_current_folder() -> None:
    with pytest.raises(SettingsError, match=r"source\.path: must not be empty"):
        load_settings(environment={}, overrides=["source.kind=file", "source.path="])
    unset = ["source.test_path=", "pretrain.unlabeled_path=", "pretrain.from_path="]
    settings = load_settings(
        environment={}, overrides=["source.kind=file", "source.path=a.csv", *unset]
    )
    assert settings.source.model_dump()["test_path"] is None
    assert (settings.pretrain.unlabeled_path, settings.pretrain.from_path) == (None, None)


def test_names_of_columns_are_composed() -> None:
    name = unicodedata.normalize("NFD", "본문")
    assert FileColumns(text=name).text == "본문"
