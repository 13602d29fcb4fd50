"""How the labels of a file are read: known schemes, refusals, contradictions, mappings."""

import logging
import re
from collections import Counter
from pathlib import Path

import pytest

from pipeline.crawl.parse.label_schemes import value_key
from pipeline.crawl.sites.file_labels import MAX_VALUES, survey_labels
from pipeline.errors import SourceError
from pipeline.settings import FileSource, Values, load_settings
from tests.pipeline.crawl.sites.label_files import choose, read, refused, source, write

NEGATIVE, POSITIVE, NEUTRAL = 0, 1, 2
SCHEMES = [
    ("0 1", "0 1", "0/1 read as negative/positive"),
    ("0.0 1.0", "0 1", "0.0/1.0 read as negative/positive"),
    ("False True", "0 1", "False/True read as negative/positive"),
    ("FALSE true", "0 1", "FALSE/true read as negative/positive"),
    ("-1 1", "0 1", "-1/1 read as negative/positive"),
    ("-1 0 1", "0 2 1", "-1/0/1 read as negative/neutral/positive"),
    ("-1.0 0.0 1.0", "0 2 1", "-1.0/0.0/1.0 read as negative/neutral/positive"),
    ("\N{MINUS SIGN}1 0 +1", "0 2 1", "\N{MINUS SIGN}1/0/+1 read as negative/neutral/positive"),
    ("-1 0", "0 2", "-1/0 read as negative/neutral"),
    ("1", "1", "1 read as positive"),
    ("negative neutral positive", "0 2 1", "negative/neutral/positive read as negative/neutral"),
    ("Negative POSITIVE", "0 1", "Negative/POSITIVE read as negative/positive"),
    ("neg neu pos", "0 2 1", "neg/neu/pos read as negative/neutral/positive"),
    ("부정 중립 긍정", "0 2 1", "부정/중립/긍정 read as negative/neutral/positive"),
    ("부정적 중립적 긍정적", "0 2 1", "부정적/중립적/긍정적 read as negative/neutral/positive"),
    ("비추천 추천", "0 1", "비추천/추천 read as negative/positive"),
    ("비추 추천", "0 1", "비추/추천 read as negative/positive"),
    ("싫어요 좋아요", "0 1", "싫어요/좋아요 read as negative/positive"),
    ("나쁨 보통 좋음", "0 2 1", "나쁨/보통/좋음 read as negative/neutral/positive"),
    ("불만족 보통 만족", "0 2 1", "불만족/보통/만족 read as negative/neutral/positive"),
    ("불호 호", "0 1", "불호/호 read as negative/positive"),
    ("dislike like", "0 1", "dislike/like read as negative/positive"),
    ("bad good", "0 1", "bad/good read as negative/positive"),
    ("0 1 부정 긍정 중립", "0 1 0 1 2", "0/부정/중립/1/긍정 read as negative/negative/neutral"),
    ("\u1107\u116e\u110c\u1165\u11bc 긍정", "0 1", "read as negative/positive"),
]


@pytest.mark.parametrize(("values", "labels", "line"), SCHEMES, ids=[one[0] for one in SCHEMES])
def test_a_known_scheme_is_read_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, values: str, labels: str, line: str
) -> None:
    with caplog.at_level(logging.INFO):
        found, skipped = read(write(tmp_path / "a.tsv", values.split()))
    assert found == list(map(int, labels.split()))
    assert not skipped
    (logged,) = [one for one in caplog.messages if one.startswith("labels: ")]
    assert line in logged


WITH_DEGREES = [
    ("매우 불만족,불만족,보통,만족,매우 만족", "0 0 2 1 1"),
    ("매우불만족,약간불만족,보통이다,약간만족,매우만족", "0 0 2 1 1"),
    (
        "전혀 만족하지 않음,별로 만족하지 않음,보통이에요,대체로 만족해요,아주 만족합니다",
        "0 0 2 1 1",
    ),
    ("최악이에요,별로예요,그저 그래요,좋아요,최고예요", "0 0 2 1 1"),
    ("매우 나쁨,조금 나쁨,매우 좋음", "0 0 1"),
    ("Very dissatisfied,Somewhat satisfied,Neither satisfied nor dissatisfied", "0 1 2"),
    ("Overwhelmingly Negative,Mostly Negative,Mixed,Mostly Positive", "0 0 2 1"),
]


@pytest.mark.parametrize(("values", "labels"), WITH_DEGREES, ids=[one[0] for one in WITH_DEGREES])
def test_the_words_of_a_survey_are_labels(tmp_path: Path, values: str, labels: str) -> None:
    found, skipped = read(write(tmp_path / "a.tsv", values.split(",")))
    assert found == list(map(int, labels.split()))
    assert not skipped


def test_ratings_that_are_words_are_named_as_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("document\trating\n글\t매우 만족\n또\t불만족\n", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        read(path)
    assert str(error.value) == (
        f"{path} has no usable row: 2 ratings are words: set source.columns.label to their column "
        '(first in line 2: "매우 만족")'
    )


def test_equal_values_have_one_key() -> None:
    assert {value_key(value) for value in ("1", "1.0", "+1", "01", "1.00", "１")} == {"1"}
    assert {value_key(value) for value in ("0", "-0.0", "0.")} == {"0", "0."}
    assert value_key(" Not  Recommended ") == "not recommended"


EXAMPLE = "say what they mean, for example source.values = "
TO_FILL_IN = (
    'say what each means ("negative", "neutral", "positive", or "" to skip its rows) with '
    "source.values = "
)
REFUSED = [
    (
        "0 1 2 2",
        '"2" 2, "0" 1, "1" 1; '
        + EXAMPLE
        + '{ "0" = "negative", "1" = "neutral", "2" = "positive" }',
    ),
    ("1 2 2", '"2" 2, "1" 1; ' + EXAMPLE + '{ "1" = "negative", "2" = "positive" }'),
    ("0 2 2", '"2" 2, "0" 1; ' + EXAMPLE + '{ "0" = "negative", "2" = "positive" }'),
    (
        "1 2 3",
        '"1" 1, "2" 1, "3" 1; '
        + EXAMPLE
        + '{ "1" = "negative", "2" = "neutral", "3" = "positive" }',
    ),
    (
        "1 2 4 5 5",
        '"5" 2, "1" 1, "2" 1, "4" 1; '
        + EXAMPLE
        + '{ "1" = "negative", "2" = "", "4" = "", "5" = "positive" }, or if they are ratings, '
        'set source.columns.label = "" and source.columns.rating = "label"',
    ),
    (
        "배송 품질",
        '"배송" 1, "품질" 1; ' + TO_FILL_IN + '{ "배송" = "...", "품질" = "..." }',
    ),
    (
        "긍정 부정 혼합",
        '"긍정" 1, "부정" 1, "혼합" 1; '
        + EXAMPLE
        + '{ "긍정" = "positive", "부정" = "negative", "혼합" = "" }',
    ),
    (
        "0 1 스팸",
        '"0" 1, "1" 1, "스팸" 1; '
        + EXAMPLE
        + '{ "0" = "negative", "1" = "positive", "스팸" = "" }',
    ),
    ("0.5 1", '"0.5" 1, "1" 1; ' + EXAMPLE + '{ "0.5" = "negative", "1" = "positive" }'),
]


@pytest.mark.parametrize(("values", "message"), REFUSED, ids=[one[0] for one in REFUSED])
def test_an_unknown_scheme_is_refused(tmp_path: Path, values: str, message: str) -> None:
    path = write(tmp_path / "a.tsv", values.split())
    assert refused(path) == f"{path}: the labels in column label have no clear meaning: {message}"


def test_values_of_a_refusal_are_short_and_printable(tmp_path: Path) -> None:
    labels = ["\x1b[31m" + "가" * 50, 'a"b\\', "\u202e역", *(f"라벨 {n:02}" for n in range(12))]
    path = write(tmp_path / "a.tsv", labels)
    assert refused(path).removeprefix(f"{path}: the labels in column label ") == (
        'have no clear meaning: "\\u001b[31m' + "가" * 35 + '…" 1, "a"b\\" 1, "\\u202e역" 1, '
        + "".join(f'"라벨 {n:02}" 1, ' for n in range(6))
        + '"라벨 06" 1 and 5 rows with other labels; ' + TO_FILL_IN
        + '{ "a\\"b\\\\" = "...", "\\u202e역" = "...", '
        + ", ".join(f'"라벨 {n:02}" = "..."' for n in range(7)) + " }"
    )  # fmt: skip


def test_the_toml_of_a_refusal_reads_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "2", 'a"b\\', "\x1b", "\u202e역", "2"])
    toml = re.search(r"source\.values = \{ .* \}", refused(path))
    assert toml is not None
    config = tmp_path / "own.toml"
    config.write_text(f'source.kind = "file"\nsource.path = "a.tsv"\n{toml[0]}\n', encoding="utf-8")
    source = load_settings(config=config, environment={}).source
    assert isinstance(source, FileSource)
    found, skipped = read(path, **source.values)
    assert found == [NEGATIVE, POSITIVE, POSITIVE]
    assert skipped == {"skipped by source.values": 3}


def test_labels_are_counted_once_until_the_file_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"])
    first = survey_labels(path, source(path))
    assert survey_labels(path, source(path)) is first
    write(path, ["0", "1", "1"])
    assert survey_labels(path, source(path)).labels == {"0": 1, "1": 2}
    assert survey_labels(path, source(path, label="rating")).labels == {}


def test_memory_holds_a_bounded_number_of_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", [f"{n}번 글 " + "가" * 5_000 for n in range(1_500)])
    survey = survey_labels(path, source(path))
    assert (len(survey.labels), survey.further) == (MAX_VALUES, 500)
    assert max(map(len, survey.labels)) == 101
    assert "and 1,490 rows with other labels; say what each means" in refused(path)


def test_a_few_words_among_known_labels_are_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"] * 50 + ["글쎄\x1b[0m"])
    found, skipped = read(path)
    assert Counter(found) == {0: 50, 1: 50}
    assert skipped == {"label is not 0 or 1": 1}
    assert skipped.first == {"label is not 0 or 1": 'line 102: "글쎄\\u001b[0m"'}


def test_a_single_other_number_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1"] * 500 + ["2"])
    assert "have no clear meaning" in refused(path)


def test_source_values_name_the_whole_scheme(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1", "2", "2.0", "4", "None"])
    values: Values = {"0": "negative", "2": "positive", "1": ""}
    with caplog.at_level(logging.INFO):
        found, skipped = read(path, **values)
    assert found == [NEGATIVE, POSITIVE, POSITIVE, None]
    assert "labels: 0/2.0 read as negative/positive (source.values)" in caplog.text
    assert skipped == {
        "skipped by source.values": 1,
        "label is not 0 or 2.0": 1,
    }
    assert skipped.first["label is not 0 or 2.0"] == 'line 6: "4"'


def test_a_value_that_is_skipped_leaves_a_known_scheme(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["0", "1", "9", "혼합", "혼합"])
    found, skipped = read(path, **{"9": "", "혼합": ""})
    assert found == [NEGATIVE, POSITIVE]
    assert skipped == {"skipped by source.values": 3}


def test_source_values_give_numbers_to_ratings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", ["", "", "", "", "1"], ["FIVE", "3", "없음", "둘", "ONE"])
    found, skipped = read(path, FIVE=5, ONE=1, 없음="")
    assert found == [5.0, 3.0, POSITIVE]
    assert skipped == {"skipped by source.values": 1, "rating is not understood": 1}
    assert skipped.first["rating is not understood"] == 'line 5: "둘"'


@pytest.mark.parametrize(
    ("first", "second", "meanings"),
    [
        (["-1", "0", "1"], ["0", "1"], {"-1": 0, "0": 2, "1": 1}),
        (["-1", "0", "1"], ["-1", "1"], {"-1": 0, "0": 2, "1": 1}),
        (["0", "1"], ["부정", "긍정"], {"0": 0, "1": 1, "부정": 0, "긍정": 1}),
    ],
)
def test_both_files_share_a_scheme(
    tmp_path: Path, first: list[str], second: list[str], meanings: dict[str, int]
) -> None:
    paths = write(tmp_path / "a.tsv", first), write(tmp_path / "b.tsv", second)
    for scheme in (choose(*paths), choose(*reversed(paths))):
        assert {value: scheme.sentiment(value) for value in meanings} == meanings


def test_files_with_two_schemes_are_refused(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.tsv", ["0", "1"]), write(tmp_path / "b.tsv", ["-1", "1"])
    assert refused(first, second) == (
        f'{first} and {second}: the labels in column label have no clear meaning: "1" 2, "0" 1, '
        '"-1" 1; ' + EXAMPLE + '{ "-1" = "negative", "0" = "neutral", "1" = "positive" }'
    )


def test_the_file_with_unknown_labels_is_named(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.tsv", ["0", "1"]), write(tmp_path / "b.tsv", ["1", "2"])
    assert refused(first, second).startswith(f"{second}: the labels")
