"""JSON documents as tables."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SourceError
from pipeline.storage.tables import open_table

TWO = [{"text": "좋아요", "n": 1}, {"text": "별로", "n": 2}]


def read(folder: Path, document: Any, items: str = "") -> list[dict[str, Any]]:
    path = folder / "a.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    with open_table(path, items=items) as (names, rows):
        found = list(rows)
    assert names == list(dict.fromkeys(name for row in found for name in row))
    assert [row.place for row in found] == [f"item {n}" for n in range(1, len(found) + 1)]
    return [dict(row) for row in found]


@pytest.mark.parametrize(
    "document",
    [
        TWO,
        {"reviews": TWO},
        {"meta": {"tags": [{"a": 1}]}, "data": {"page": 1, "items": TWO}},
        {"text": ["좋아요", "별로"], "n": [1, 2]},
        {"text": {"0": "좋아요", "1": "별로"}, "n": {"0": 1, "1": 2}},
        {"r1": TWO[0], "r2": TWO[1]},
        "\ufeff" + json.dumps(TWO, ensure_ascii=False),
    ],
)
def test_the_list_is_found(document: Any, tmp_path: Path) -> None:
    assert read(tmp_path, document) == TWO


def test_the_list_is_named(tmp_path: Path) -> None:
    document = {"data": {"long": [{"n": 1}] * 3, "items": TWO}}
    assert read(tmp_path, document, "data.items") == TWO
    assert len(read(tmp_path, document)) == 3
    with pytest.raises(SourceError, match=r"no list of objects at data.item; it is an object with"):
        read(tmp_path, document, "data.item")


def test_an_empty_list_has_no_columns(tmp_path: Path) -> None:
    assert read(tmp_path, []) == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"a": ', r"a\.json, line 1: not JSON: Expecting value"),
        ("[1, 2]", r"a\.json, item 1: not a JSON object: 1"),
        ('[{"a": 1}, "b"]', r"a\.json, item 2: not a JSON object: \"b\""),
        ("3", r"holds no list of objects; it is 3: name the path of the list with source\.items"),
        ("[" * 100_000, r"not JSON: nested more than 100 levels deep"),
    ],
)
def test_other_documents_are_refused(document: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=message):
        read(tmp_path, document)


def test_values_within_objects(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    document = [{"user": {"name": "가", "tags": ["나"]}, "a.b": 1}]
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    with open_table(path) as (_, rows):
        (row,) = rows
    values = [row.value(name) for name in ("user.name", "user.tags.0", "a.b", "user.age", "x.y")]
    assert values == ["가", "나", 1, None, None]
    with pytest.raises(SourceError, match="item 1: column user holds an object, not a text"):
        row.text("user")
