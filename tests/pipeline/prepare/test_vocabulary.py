"""The vocabulary: counting, ranking, saving and loading."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import WorkspaceError
from pipeline.prepare.token_counts import count_tokens
from pipeline.prepare.vocabulary import UNKNOWN, Vocabulary
from pipeline.settings import VocabularySettings
from pipeline.storage.schemas import EXAMPLES_SCHEMA, TOKENS_SCHEMA

ODD = ['"', "\\", "'", "{", "😀", "👨‍👩‍👧", " ", "\t", "\u2028", "\u00a0", "가", "ㅋㅋ", "null", ""]


def ids(vocabulary: Vocabulary, tokens: list[str]) -> list[int]:
    return list(vocabulary.encode(pa.array(tokens, pa.string())))


def count(folder: Path, texts: dict[str, list[list[str]]], row_groups: tuple[int, int]) -> pa.Table:
    """Token counts of ``texts`` by split, from files with row groups of these sizes."""
    rows = [(split, text) for split, of_split in texts.items() for text in of_split]
    values = dict.fromkeys(EXAMPLES_SCHEMA.names, [""] * len(rows)) | {
        "fold": [None] * len(rows),
        "split": [split for split, _ in rows], "label": [1] * len(rows),
    }  # fmt: skip
    examples, tokens = folder / "examples.parquet", folder / "tokens.parquet"
    pq.write_table(pa.table(values, schema=EXAMPLES_SCHEMA), examples, row_group_size=row_groups[0])
    tokenized = pa.table({"tokens": [text for _, text in rows]}, schema=TOKENS_SCHEMA)
    pq.write_table(tokenized, tokens, row_group_size=row_groups[1])
    return count_tokens(examples, tokens)


def test_tokens_rank_by_frequency_then_code_point() -> None:
    texts = [["나", "b", "가", "😀"], ["나", "가", "b", "😀"], ["나", "라"], []]
    built = Vocabulary.build(texts, VocabularySettings(size=10, min_count=2))
    assert list(built.counts.items()) == [
        ("<pad>", 0), ("<unk>", 1), ("나", 3), ("b", 2), ("가", 2), ("😀", 2),
    ]  # fmt: skip
    assert ids(built, ["가", "라", "나"]) == [4, UNKNOWN, 2]


def test_the_size_counts_the_reserved_entries() -> None:
    texts = [[token] * (9 - rank) for rank, token in enumerate("가나다라")]
    built = Vocabulary.build(texts, VocabularySettings(size=4, min_count=1))
    assert built.counts == {"<pad>": 0, "<unk>": 7 + 6, "가": 9, "나": 8}


def test_reserved_tokens_in_a_text_become_unknown() -> None:
    texts = [["<pad>", "<unk>", "<pad>", "가"]]
    built = Vocabulary.build(texts, VocabularySettings(min_count=1))
    assert built.counts == {"<pad>": 0, "<unk>": 3, "가": 1}
    assert ids(built, ["<pad>", "<unk>", "가"]) == [UNKNOWN, UNKNOWN, 2]


def test_texts_without_tokens_give_the_reserved_entries(tmp_path: Path) -> None:
    built = Vocabulary.build([[], []], VocabularySettings())
    assert ids(built, ["가"]) == [UNKNOWN]
    counts = count(tmp_path, {"train": [[], []], "validation": [["가"]]}, (9, 9))
    assert Vocabulary.from_counts(counts, VocabularySettings()).counts == {"<pad>": 0, "<unk>": 0}


def test_unusual_tokens_round_trip_through_the_file(tmp_path: Path) -> None:
    texts = [[token] * (99 - rank) for rank, token in enumerate([*ODD, "<pad>"])]
    built = Vocabulary.build(texts, VocabularySettings())
    built.save(tmp_path / "vocabulary.json")
    loaded = Vocabulary.load(tmp_path / "vocabulary.json")
    assert list(loaded.counts.items()) == list(built.counts.items())
    assert ids(loaded, ODD) == list(range(2, 2 + len(ODD)))
    assert '  "가": 89,\n' in (tmp_path / "vocabulary.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "culprit"),
    [
        (b'{"<pad>": 0, "<unk', "Unterminated string"),
        (b'{"<pad>": 0, "<unk>": 1, "\xb0\xa1": 1}', "can't decode"),
        (b'["<pad>", "<unk>"]', "does not map each token to its count"),
        (b'{"<pad>": 0, "<unk>": "1"}', "does not map each token to its count"),
        (b'{"<pad>": 0, "<unk>": -1}', "does not map each token to its count"),
        (b'{"<pad>": 0, "<unk>": 1, "a": 2, "b": 2, "a": 1}', "holds 'a' twice"),
        (b'{"<pad>": 0, "a": 2}', "does not begin with <pad> and <unk>"),
        (b"{}", "does not begin with <pad> and <unk>"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes, culprit: str) -> None:
    path = tmp_path / "vocabulary.json"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match=f"{path} is not a vocabulary: .*{culprit}"):
        Vocabulary.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"none\.json is not a vocabulary: .*No such file"):
        Vocabulary.load(tmp_path / "none.json")


def test_counts_do_not_depend_on_the_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [[f"t{(row * step) % 97}" for step in range(row % 9)] for row in range(500)]
    splits = {"train": texts[:300], "test": texts[:50], "unlabeled": texts[250:]}
    once = count(tmp_path, splits, (10_000, 10_000))
    monkeypatch.setattr("pipeline.prepare.tokens.ROW_GROUP", 13)
    monkeypatch.setattr("pipeline.prepare.token_counts.COUNTS_SUMMED_AT_ONCE", 50)
    assert count(tmp_path, splits, (7, 11)).equals(once)
    found = dict(zip(once["token"].to_pylist(), once["count"].to_pylist(), strict=True))
    assert found == Counter(
        token for split in ("train", "unlabeled") for text in splits[split] for token in text
    )


def test_files_with_different_row_counts_are_refused(tmp_path: Path) -> None:
    count(tmp_path, {"train": [["가"], ["나"]]}, (9, 9))
    pq.write_table(
        pa.table({"tokens": [["가"]]}, schema=TOKENS_SCHEMA), tmp_path / "tokens.parquet"
    )
    with pytest.raises(WorkspaceError, match=r"has 2 rows and .* has 1"):
        count_tokens(tmp_path / "examples.parquet", tmp_path / "tokens.parquet")
