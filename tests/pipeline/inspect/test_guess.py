"""Columns that are found by their values."""

from pathlib import Path

import pytest

from tests.pipeline.inspect.tables import inspect, write


def test_columns_that_look_like_answers_are_named(tmp_path: Path) -> None:
    rows = ["후기,몇 점,어땠나요", "방이 넓어요,5,좋아요", "창문이 작아요,1,싫어요"]
    found = inspect(write(tmp_path / "a.csv", rows))
    assert "몇 점 looks like a rating" in found.problems[0]
    assert "어땠나요 looks like a label" in found.problems[0]
    assert '# rating = "몇 점"' in found.toml
    assert found.run is not None
    assert not found.run.trains


def test_a_column_of_dates_is_named(tmp_path: Path) -> None:
    rows = ["접수,후기,label", "2026.7.3,방이 넓어요,1", "2026.7.4,창문이 작아요,0"]
    found = inspect(write(tmp_path / "a.csv", rows))
    assert found.problems[-1].startswith("no date column was found, but 접수 looks like one")
    assert '# date = "접수"' in found.toml
    assert inspect(tmp_path / "a.csv", "source.columns.date=").toml.count("접수") == 0
    ids = ["번호,후기,label", "20263,방이 넓어요,1", "20264,창문이 작아요,0"]
    assert "looks like one" not in str(inspect(write(tmp_path / "b.csv", ids)).problems)


@pytest.mark.parametrize(
    "lines", [["방이 좋아요", "별로예요", "최고"], ["고객의 소리", f"{'넓어요 ' * 9}"]]
)
def test_a_list_of_texts_may_have_no_header(tmp_path: Path, lines: list[str]) -> None:
    path = write(tmp_path / "a.txt", lines)
    advice = 'is a review and not a header, set source.columns_in_order = ["text"]'
    assert any(one.endswith(advice) for one in inspect(path).problems)
    found = inspect(path, 'source.columns_in_order=["text"]')
    assert (found.rows, found.columns[0].taken_for) == (len(lines), "text")
    assert advice not in str(found.problems)
    assert advice not in str(inspect(write(tmp_path / "b.txt", ["리뷰", *lines])).problems)


LONG = "방이 넓고 깨끗하고 조용해서 아주 편하게 지내다가 갑니다 또 올게요"
QUESTION = "전반적인 서비스에 얼마나 만족하셨나요? (1점: 매우 불만족 ~ 5점: 매우 만족)"
WISH = "개선할 점이나 하고 싶은 말씀을 자유롭게 적어 주세요. 직원에게 전하겠습니다."


def test_the_questions_of_a_survey_are_a_header(tmp_path: Path) -> None:
    day = "2026/07/03 3:12:45 오후 GMT+9"
    rows = [f"타임스탬프,{QUESTION},{WISH}", f"{day},5,방이 넓어요", f"{day},1,창문이 작아요"]
    found = inspect(write(tmp_path / "a.csv", rows))
    assert {one.taken_for: one.name for one in found.columns} == {
        "date": "타임스탬프", "": QUESTION, "text": WISH,
    }  # fmt: skip
    assert (found.first_date, found.rows) == ("2026-07-03", 2)
    assert f'# rating = "{QUESTION}"' in found.toml


@pytest.mark.parametrize(
    "rows",
    [
        ["1,방이 넓어요,5", "2,창문이 작아요,1"],
        ["5,5,방이 넓어요", "1,5,창문이 작아요"],
        [
            f"2026-07-03,{LONG}",
            "2026-07-04,별로",
        ],
        [f"{LONG},★★★★★", "별로,★"],
    ],
)
def test_a_first_line_of_values_is_not_a_header(tmp_path: Path, rows: list[str]) -> None:
    assert "there is no header line" in inspect(write(tmp_path / "a.csv", rows)).problems[0]


def test_columns_with_few_values_are_not_the_text(tmp_path: Path) -> None:
    rows = [
        f"방이 넓어요 {number},{'사장님이 남긴 긴 답글입니다' * (number < 3)}"
        for number in range(8)
    ]
    found = inspect(write(tmp_path / "a.csv", ["의견,답글", *rows]))
    assert found.problems[0].startswith("no column has a known name for texts, but 의견 looks")


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (["2026/11/03", "2026/11/04", "26.11.05"], "date"),
        (["20261103", "20261104", "20261105"], "date"),
        (["1795424400", "1795424401", "1795424402"], "column1"),
        (["30645", "30526", "30458"], "column1"),
        (["2026-11-03", "단지", "2동"], "column1"),
    ],
)
def test_dates_without_a_header_are_found_by_their_values(
    tmp_path: Path, days: list[str], name: str
) -> None:
    path = tmp_path / "own.txt"
    texts = "조용하고 좋아요. " * 5, "시끄러워서 별로예요", "관리가 잘 돼요"
    rows = zip(days, texts, strict=True)
    path.write_text("".join(f"{one}|{text}|4/5\n" for one, text in rows), encoding="cp949")
    found = inspect(path)
    assert [one.name for one in found.columns] == [name, "text", "column3"]
