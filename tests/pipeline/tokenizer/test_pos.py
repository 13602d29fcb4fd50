"""Kinds of tokens by part of speech, for each tagger."""

import contextlib
from pathlib import Path

import pytest

from pipeline.settings import TokenizerSettings
from pipeline.settings.tag_sets import TaggerName
from pipeline.tokenizer import make_tokenizer
from pipeline.tokenizer.factory import close_shared
from pipeline.tokenizer.okt import OktTokenizer
from pipeline.tokenizer.pos import Kind, kind, kinds

TEXT = "배우가 정말 재밌네요!! ㅋㅋ 10점"
CONTENT, STEM, GRAMMAR = Kind.CONTENT, Kind.STEM, Kind.GRAMMAR


@pytest.mark.parametrize(
    ("tagger", "of_kind", "tags"),
    [
        ("okt", CONTENT, "Noun Adjective Verb Adverb Exclamation KoreanParticle VerbPrefix"),
        ("okt", GRAMMAR, "Josa Eomi PreEomi Suffix"),
        ("mecab", CONTENT, "NNG NNBC XR MAG IC SL XPN VV+EF"),
        ("mecab", STEM, "VA VV VX VCN"),
        ("mecab", GRAMMAR, "JKS JX EF EC EP+EF ETM XSA+EP XSN VCP+EP"),
        ("kiwi", STEM, "VA-I VV-R VA"),
        ("kiwi", CONTENT, "SW NNG"),
        ("komoran", GRAMMAR, "JX EC VCP XSV"),
        ("hannanum", CONTENT, "N M I F"),
        ("hannanum", STEM, "P"),
        ("hannanum", GRAMMAR, "J E X"),
        ("kkma", CONTENT, "EMO OL NNM"),
        ("kkma", STEM, "VXV VA"),
        ("kkma", GRAMMAR, "EFN ECE EPT ETD JX"),
    ],
)
def test_each_tag_set_is_known(tagger: TaggerName, of_kind: Kind, tags: str) -> None:
    assert {tag: kind(tag, tagger) for tag in tags.split()} == dict.fromkeys(tags.split(), of_kind)


@pytest.mark.parametrize("pos", [False, True])
def test_particles_and_endings_are_grammar(pos: bool) -> None:
    settings = TokenizerSettings(name="mecab", pos=pos)
    (tokens,) = make_tokenizer(settings).tokenize([TEXT])
    (found,) = kinds([TEXT], [tokens], settings)
    assert [token.partition("/")[0] for token in tokens[:5]] == [
        "배우",
        "가",
        "정말",
        "재밌",
        "네요",
    ]
    assert found[:5] == [CONTENT, GRAMMAR, CONTENT, STEM, GRAMMAR]


def test_filtered_tokens_have_no_kinds() -> None:
    settings = TokenizerSettings(name="mecab", drop_tags=("J",), stop_words=("정말",))
    (tokens,) = make_tokenizer(settings).tokenize([TEXT])
    (found,) = kinds([TEXT], [tokens], settings)
    assert tokens[:3] == ["배우", "재밌", "네요"]
    assert found[:3] == [CONTENT, STEM, GRAMMAR]


def test_words_that_were_tagged_before_are_not_tagged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = TokenizerSettings(name="okt")
    with contextlib.closing(make_tokenizer(settings, tmp_path)) as tokenizer:
        (tokens,) = tokenizer.tokenize(["배우가 갸륵했쥬"])
    monkeypatch.setattr(OktTokenizer, "tag", lambda *_: pytest.fail("tagged again"))
    (found,) = kinds(["배우가 갸륵했쥬"], [tokens], settings, tmp_path)
    close_shared()
    assert found[:2] == [CONTENT, GRAMMAR]


def test_tokens_that_the_tagger_no_longer_makes_are_content() -> None:
    settings = TokenizerSettings(name="mecab")
    assert list(kinds([TEXT], [["배우가", "재밌네요"]], settings)) == [[CONTENT, CONTENT]]
