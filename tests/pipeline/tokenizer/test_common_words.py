"""The words that come with the package: Okt's own results, used for Okt's version alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipeline.bundled import bundled
from pipeline.settings import TokenizerSettings
from pipeline.stages.build_words import build
from pipeline.tokenizer import okt
from pipeline.tokenizer.common_words import FILE, CommonWords
from pipeline.tokenizer.okt import OktTokenizer

MOST_BYTES = 3_000_000
TEXT = "정말 재밌어요 ㅋㅋ 배우 연기도 최고!"


def test_the_words_are_those_of_okt() -> None:
    plain = OktTokenizer(TokenizerSettings())
    words = CommonWords.load(plain.version)
    assert len(words.lines) > 100_000
    assert words.lines == sorted(set(words.lines))
    some = [line.split(b"\t")[0].decode() for line in words.lines[::200]]
    assert words.get(some) == plain.tag(some)


def test_common_words_need_no_java(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_heap: int) -> None:
        raise AssertionError("Java")

    monkeypatch.setattr(okt, "start_jvm", start)
    expected = ["정말", "재밌어요", "ㅋㅋ", "배우", "연기", "도", "최고", "!"]
    assert list(OktTokenizer(TokenizerSettings()).tokenize([TEXT])) == [expected]
    (tagged,) = OktTokenizer(TokenizerSettings(pos=True)).tokenize([TEXT])
    assert tagged[:2] == ["정말/Noun", "재밌어요/Adjective"]
    for other in ({"stem": True}, {"norm": True}):
        with pytest.raises(AssertionError, match="Java"):
            list(OktTokenizer(TokenizerSettings(**other)).tokenize([TEXT]))


def test_the_words_of_another_version_are_not_used() -> None:
    version = OktTokenizer(TokenizerSettings()).version
    assert CommonWords.load(version).get(["정말"]) == {"정말": "정말/Noun"}
    assert CommonWords.load(f"{version} of another KoNLPy").get(["정말"]) == {}


def test_the_file_is_small_and_names_nobody() -> None:
    content = (bundled("words") / FILE).read_bytes()
    assert len(content) <= MOST_BYTES
    text = gzip.decompress(content).decode()
    _, _, *lines = text.split("\n")
    assert not [one for one in lines if "@" in one or "#" in one]


def test_words_are_kept_and_found(tmp_path: Path) -> None:
    entries = {
        "가": "가/Noun",
        "가나": "가/Noun\n나/Josa",
        "a.b": "a.b/URL",
        "": "",
        "변": "하다/Verb",
    }
    words = CommonWords.of(entries, "okt 1")
    words.save(tmp_path / "first")
    words.save(tmp_path / "second")
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    read = CommonWords.read((tmp_path / "first").read_bytes())
    assert read == words
    kept = {"가": "가/Noun", "가나": "가/Noun\n나/Josa", "a.b": "a.b/URL"}
    assert read.get([*entries, "나", "가나다"]) == kept


def test_rare_and_personal_words_are_left_out() -> None:
    texts = ["영화 영화 한번", "@name @name 010-1234 010-1234 2020 2020"]
    words = {line.split(b"\t")[0].decode() for line in build(texts).lines}
    assert words == {"영화", "2020"}
