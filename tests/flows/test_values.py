"""Encoding, dates and ratings of a file as people write them, up to the report."""

import csv
from pathlib import Path

import pytest

from tests.commands import Command
from tests.flows.own import FEW, options, rated

DATES = (
    *("2026.7.3", "2026-1-5", "26.07.03", "2026/7/3", "Jul 3, 2026", "20260703", "1783008000"),
    *("2026-07-03 12:30:00", "2025.07.24.", "2024년 11월 14일", "10시간 전", "뒤집기"),
)
RATINGS = (
    *("{}점", "별점 {}점", "{}/5", "{},0"),
    *("5점 만점에 {}점", "별표 5개 만점에 {}개를 받았습니다"),
)


@pytest.mark.long
def test_a_run_reads_cp949_with_dates_and_ratings_of_all_forms_and_missing_values(
    command: Command, tmp_path: Path
) -> None:
    texts = [text.encode("cp949", "ignore").decode("cp949") or "굿" for text, _ in rated(FEW)]
    texts[3], texts[7] = "", " "
    rows = [
        (texts[n], RATINGS[n % len(RATINGS)].format(rating), DATES[n % len(DATES)])
        for n, (_, rating) in enumerate(rated(FEW))
    ]
    with (tmp_path / "own.csv").open("w", encoding="cp949", newline="") as file:
        csv.writer(file).writerows([("review", "rating", "date"), *rows])
    answer = command("run", *options())
    assert answer.status == 0, answer.err
    assert "reading own.csv as CP949" in answer.err
    assert "reviews: 198 new, 16 dates not understood (first in line 13: " in answer.err
    assert "using ratings: <= 2 of 5 is negative, >= 4 positive" in answer.err
    report = Path(answer.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "Skipped: missing text</th><td>2</td>" in report
    assert "own.csv" in report
    assert "Review dates: 2024-11-14 to 20" in report
    assert "Dates not understood (left empty)" in report
