"""Words on which taggers take minutes, fail or lose the text: pieces, tokens, log lines."""

from __future__ import annotations

import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import DataError
from pipeline.settings import TokenizerSettings
from pipeline.settings.tag_sets import TaggerName
from pipeline.tokenizer import hannanum, kkma, make_tokenizer
from pipeline.tokenizer.base import LONGEST_WORD, MOST_OF_A_WORD
from pipeline.tokenizer.chunks import chunks_of, join_chunks, tokenize_chunk

JAMO = "ㄴ슫ㅋㅋㄱㅋㄷㄷㄱㄱㄷㄱㅋㄱㄷㅋㄱㄷㄱㅋㄷㄱㄷㄱㅋㄱㄷㄱㅋㄷㄱ"
UNSPACED = "재미있는영화를보았다그래서그랬지" * 12


def tokens_of(name: TaggerName, *texts: str) -> list[list[str]]:
    tokenizer = make_tokenizer(TokenizerSettings(name=name), workers=1)
    tokens = list(tokenizer.tokenize(texts))
    tokenizer.close()
    return tokens


def test_kkma_gets_pieces_with_few_analyses() -> None:
    tokens_of("kkma", "가")  # starts Java
    for word in (JAMO, "ㄹㅇㄴㅁ" * 5, "아" * 30, "이" * 18, "영화ㄱㅋㄷㄱㅋㄷㄱㅋㄷㄱㅋㄷ"):
        pieces = kkma.split_word(word, kkma.count_analyses)
        assert "".join(pieces) == word
        for piece in pieces:
            few = kkma.count_analyses(piece) <= kkma.MOST_ANALYSES
            assert len(piece) <= (kkma.LONGEST_WORD if few else kkma.UNCHECKED)
    for ordinary in ("재미있는영화를보았다그래서", "첨만들어본거같네,,음악이", "ㅋ" * 16):
        assert kkma.split_word(ordinary, kkma.count_analyses) == [ordinary]


def test_kkma_analyses_no_beginning_that_is_much_too_long() -> None:
    """Their number doubles with each letter here."""
    asked = []

    def count(text: str) -> int:
        asked.append(text)
        return int(2 ** len(text))

    pieces = kkma.split_word("ㄱㅋ" * 8, count)
    assert [len(piece) for piece in pieces] == [8, 8]
    assert max(map(len, asked)) == 9


def test_hannanum_gets_few_quotation_marks_in_a_word() -> None:
    word = "좋'아\"요`" * 20
    pieces = hannanum.split_word(word)
    assert "".join(pieces) == word
    assert max(sum(piece.count(mark) for mark in "'\"`") for piece in pieces) == 8
    assert hannanum.split_word("'재미'있는\"영화\"") == ["'재미'있는\"영화\""]


def test_hannanum_tags_a_text_with_a_word_on_which_it_fails() -> None:
    text = f"좋아요. 정말 재밌다. {UNSPACED}. 싫어요."
    texts = ("정말 재밌다.", text, "'\"" * 60, "정말 재밌다.")
    before, long, quotes, after = tokens_of("hannanum", *texts)
    assert "".join(long).startswith("좋아요.정말재밌다.재미있는")
    assert "".join(long).endswith("싫어요.")
    assert "".join(quotes) == "'\"" * 60
    assert after == before


def test_words_are_kept_up_to_a_length(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pipeline.tokenizer"):
        ((*tokens,),) = tokens_of("komoran", "a" * 2 * MOST_OF_A_WORD)
    assert [len(token) for token in tokens] == [LONGEST_WORD] * (MOST_OF_A_WORD // LONGEST_WORD)
    assert caplog.messages[-1] == (
        'komoran: cut 1 word that was too long for the tagger (first: "aaaaaaaaaaaaaaaaaaaa...")'
    )


def tokens_file(folder: Path, texts: list[str], settings: TokenizerSettings) -> Path:
    """Tokenize texts in chunks of one."""
    examples, chunks = folder / "examples.parquet", []
    pq.write_table(pa.table({"text": texts}), examples)
    for rows in chunks_of(examples, 1):
        chunks.append(folder / f"{rows.start}.parquet")
        tokenize_chunk(examples, rows, chunks[-1], settings, folder, workers=1)
    join_chunks(chunks, folder / "tokens.parquet", settings)
    return folder / "tokens.parquet"


def test_a_run_logs_one_line_for_all_chunks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    texts = ["좋아요", f"{JAMO} {UNSPACED}", JAMO]
    with caplog.at_level(logging.INFO, "pipeline.tokenizer"):
        tokens_file(tmp_path, texts, TokenizerSettings(name="kkma"))
    assert [line for line in caplog.messages if "cut" in line] == [
        f'kkma: cut 3 words that were too long for the tagger (first: "{JAMO[:20]}...")'
    ]


@pytest.mark.parametrize(
    ("texts", "settings", "message"),
    [
        (
            ["영화 최고"],
            TokenizerSettings(keep_tags=("Verb",)),
            "none of the 1 texts has a token of okt that passes tokenizer.keep_tags: "
            "change or unset them",
        ),
        (
            ["", " "],
            TokenizerSettings(),
            "none of the 2 texts has a token of okt: "
            "check that the source's text column holds words",
        ),
    ],
)
def test_texts_without_tokens_are_refused(
    tmp_path: Path, texts: list[str], settings: TokenizerSettings, message: str
) -> None:
    with pytest.raises(DataError) as refusal:
        tokens_file(tmp_path, texts, settings)
    assert str(refusal.value) == message
    assert not (tmp_path / "tokens.parquet").exists()
