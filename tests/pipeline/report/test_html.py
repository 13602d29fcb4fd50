"""Content of a report."""

import re
from pathlib import Path

import pytest

from pipeline.report.phrases import Phrases
from pipeline.settings import Settings
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score
from pipeline.target.three import Three
from tests.pipeline.report.page import (
    RATED,
    driver,
    error,
    explained,
    hostile,
    judged_rows,
    write,
)

ENGLISH = Phrases("en")


def test_what_comes_from_outside_is_escaped(tmp_path: Path) -> None:
    for language in ("en", "ko"):
        page = write(tmp_path, RATED, hostile(), language=language)
        assert page.count("<script") == 1
        assert "<img" not in page
        assert "&lt;script&gt;" in page
        assert "&lt;i&gt;a list" in page
        assert "http://a/&lt;b&gt;: &lt;u&gt;reset" in page
        assert "&lt;b&gt;my&lt;/b&gt;.tsv" in page


def test_the_drivers_are_shown_with_their_effect_examples_and_related_words(
    tmp_path: Path,
) -> None:
    up, down = driver("편해요", 20), driver("주차", -40)
    explanation = explained(
        up=[up],
        down=[down],
        related={"주차": [["주차장", 0.8], ["세대당", 0.7]]},
        aspects={"교통": {"texts": 120, "up": [up], "down": []}},
    )
    page = write(tmp_path, explanation=explanation)
    assert "predictions for 4,000 reviews" in page
    assert '<rect width="50.0%"' in page
    assert '<rect width="100.0%"' in page
    assert "Multiplies the odds of a positive prediction by 2.7 on average" in page
    assert "by 2.7 on average (95% confidence interval 2.5 to 3.0)" in page
    assert "by 7.4 on average (95% confidence interval 6.7 to 8.2)" in page
    assert "Similar words: 주차장, 세대당" in page
    assert '<bdi>교통</bdi> <small class="soft">120 reviews</small>' in page
    assert "None significant" in page
    assert "No word or phrase has a significant effect" in write(tmp_path)


def test_errors_show_both_answers_and_what_pushed_them(tmp_path: Path) -> None:
    answer = {"label": "negative", "probability": 0.12}
    one = error("관리가 참", network=answer, baseline=answer, doubtful=True)
    one["pieces"] = [["관리", 1.3], ["가 ", 0.1], ["참", -0.6]]
    review = dict.fromkeys(REVIEWS_SCHEMA.names, "") | {"text": "가", "rating": 5.0}
    judged = [row | {"is_doubtful": True} for row in judged_rows([review])]
    page = write(tmp_path, explanation=explained([one]), networks=2, judged=judged)
    assert "Actual: positive" in page
    assert "Network: negative 88.0%" in page
    assert '<mark class="up3">관리</mark>가 <mark class="down2">참</mark>' in page
    assert "Possible label errors: 1 " in page
    assert "Highlights show the first network." in page


def test_a_report_on_three_classes_shows_each_of_them(tmp_path: Path) -> None:
    answer = {"label": "positive", "probability": 0.9, "probability_positive": 0.9}
    row = error("가<", "neutral", network=answer, baseline=answer)
    found = explained([row], up=[driver("편해요", 20)])
    page = write(tmp_path, explanation=found, target=Three(), class_weights="balanced")
    assert "Multiplies the odds of positive against negative by 2.7" in page
    for name in ("negative", "neutral", "positive"):
        assert page.count(f">Actual {name}</th>") == page.count(f">Predicted {name}</th>") == 2
    assert "macro-averaged over the classes" in page
    assert "balanced class weights" in page
    assert "Network: positive 90.0%" in page


def test_a_report_on_ratings_shows_errors_in_their_points(tmp_path: Path) -> None:
    row = error("가<", 1.0, network={"score": 4.56}, baseline={"score": 3})
    found = explained([row], up=[driver("편해요", 20)], down=[driver("주차", -40)])
    page = write(tmp_path, explanation=found, target=Score(lowest=1, highest=5))
    assert "Raises a predicted rating of 3 to 3.9 on average" in page
    assert "(95% confidence interval 3.8 to 4.0)" in page
    assert "Lowers a predicted rating of 3 to 1.5 on average" in page
    assert "(95% confidence interval 1.4 to 1.5)" in page
    assert "odds" not in page
    assert "Predicted rating (positive from 3.0)" in page
    assert "<td>negative</td><td>3.8</td>" in page
    assert "Mean absolute error (MAE) on 40 held-out test reviews" in page
    assert "in rating points on the scale from 1 to 5" in page
    assert "Spearman correlation" in page
    assert 'aria-label="Mean prediction by actual rating"' in page
    assert "Actual: 1.0" in page
    assert "<label>Actual rating <select" in page
    assert "Network: 4.56" in page
    assert "confusion" not in page
    assert "balanced" not in page


def test_it_needs_no_other_file(tmp_path: Path) -> None:
    page = write(tmp_path, RATED, hostile())
    links = re.findall(
        r"(?:src|href)\s*=\s*[\"']([^\"'#][^\"']*)", page.replace("&lt;img src=x", "")
    )
    assert links == ["./report.xlsx"]  # to read more, not to show the page
    assert "@import" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert ' style="' not in page


def test_each_network_of_an_ensemble_is_described(tmp_path: Path) -> None:
    page = write(tmp_path, networks=2)
    assert "an ensemble of 2 networks" in page
    assert "Layers of network 2" in page
    assert "Loss per epoch, network 2" in page
    assert "an ensemble" not in write(tmp_path)


def test_without_ratings_dates_or_errors_it_still_reads_well(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert 'id="people"' not in page
    assert "made no errors on the tested reviews" in page
    assert "Skipped: missing text</th><td>2</td>" in page


def test_texts_on_one_aspect_are_not_counted_in_the_title(tmp_path: Path) -> None:
    rows = [{"text": "가", "rating": 5.0, "aspect": aspect} for aspect in ("", "", "교통", "주변")]
    page = write(tmp_path, rows)
    assert "<h1>What 2 reviews say</h1>" in page
    assert "Total reviews</th><td>2</td>" in page
    assert "Texts on one aspect (교통, 주변)</th><td>2</td>" in page
    several = "Each text counts here: a review can have several, one for each aspect."
    assert several in page
    assert several not in write(tmp_path, rows[:2])


def test_groups_are_ranked_by_the_cautious_end_of_their_interval(tmp_path: Path) -> None:
    rows = [
        {"text": "가", "rating": rating, "group": name}
        for name, ratings in {
            "few and best": [5.0, 5, 5, 5, 3],
            "many and good": [5.0, 4] * 40,
            **{f"middling {n}": [3.0, 4] * 10 for n in range(9)},
        }.items()
        for rating in ratings
    ]
    page = write(tmp_path, rows)
    highest = page[page.index("Highest rated") :]
    assert highest.index("many and good") < highest.index("few and best")


@pytest.mark.parametrize(
    ("length_percentile", "why"),
    [(99.5, ", which covers 99.5% of the training reviews"), (None, " (as configured)")],
)
def test_it_says_what_the_network_does_not_read(
    tmp_path: Path, length_percentile: float | None, why: str
) -> None:
    page = write(tmp_path, length_percentile=length_percentile)
    assert "has 40,000 entries; 12.5% of the test tokens" in page
    assert f"truncated to 1,234 tokens{why}; 3 of 5,000 reviews are truncated" in page


def test_a_run_can_be_made_again_from_what_it_says(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert '<th scope="row">vocabulary.size</th><td class="text">40000</td>' in page
    assert '<th scope="row">pretrain.starter</th><td class="text">true</td>' in page
    assert '<th scope="row">train.members</th><td class="text">[]</td>' in page
    assert (
        '<th scope="row">train.epochs</th><td class="text"><span class="soft">unset</span>' in page
    )
    assert '<th scope="row">tensorflow</th>' in page
    assert "text-transform" not in page, "names stay as they are written"
    secret = Settings.model_validate(
        {"store": {"url": "postgresql://me:secret@host/db"},
         "pretrain": {"unlabeled_path": "/home/me/reviews.txt"}}
    ).recipe  # fmt: skip
    assert "secret" not in str(secret)
    assert secret["pretrain"]["unlabeled_path"] == "reviews.txt"


def test_the_weak_parts_and_the_leaks_are_shown(tmp_path: Path) -> None:
    part = {"slice": "group", "value": "<b>단지</b>", "examples": 31, "network": 0.25,
            "baseline": 0.5, "interval": [0.1, 0.4]}  # fmt: skip
    leakage = {"same": 3, "near": 1, "group_overlap": 0, "with": 0.5, "without": 0.45}
    page = write(tmp_path, more={"slices": {"rows": [part], "too_small": 2}, "leakage": leakage})
    assert "Group: <bdi>&lt;b&gt;단지&lt;/b&gt;</bdi></th><td>31</td><td>25.0%" in page
    assert "Segments with fewer than 30 reviews are not shown (2)." in page
    assert "Accuracy of the network without these duplicates: 45.0% (with them: 50.0%)" in page


@pytest.mark.parametrize(
    ("key", "english", "korean"),
    [("2024-Q1", "Q1 2024", "2024년 1분기"), ("2024", "2024", "2024년")],
)
def test_the_periods_of_weak_parts_have_the_names_of_the_plots(
    tmp_path: Path, key: str, english: str, korean: str
) -> None:
    part = {"slice": "period", "value": key, "examples": 31, "network": 0.25, "baseline": 0.5,
            "interval": [0.1, 0.4]}  # fmt: skip
    more = {"slices": {"rows": [part], "too_small": 0}}
    assert f"Period: <bdi>{english}</bdi>" in write(tmp_path, more=more)
    assert f"기간: <bdi>{korean}</bdi>" in write(tmp_path, more=more, language="ko")


@pytest.mark.parametrize(
    ("overlap", "english", "korean"),
    [
        (0, "No group occurs in both", "함께 나오는 그룹은 없습니다"),
        (7, "7 test reviews belong to groups that also occur", "7건은 학습 데이터에도 나오는"),
    ],
)
def test_it_says_whether_groups_of_the_test_split_are_known(
    tmp_path: Path, overlap: int, english: str, korean: str
) -> None:
    leakage = {"same": 0, "near": 0, "group_overlap": overlap, "with": 0.5, "without": 0.5}
    assert english in write(tmp_path, more={"leakage": leakage})
    assert korean in write(tmp_path, more={"leakage": leakage}, language="ko")


def test_drift_is_shown_and_warned_of(tmp_path: Path) -> None:
    found = {"labels": 0.31, "lengths": 0.02, "tokens": 0.12, "new_tokens": 0.04,
             "rose": ["<b>층간소음"], "fell": [], "is_drift": True,
             "examples": {"now": 900, "before": 800}}  # fmt: skip
    page = write(tmp_path, drift=found)
    assert "differ from the champion's data" in page
    assert "Label distribution (PSI)</th><td>0.310</td>" in page
    assert "Increased frequency: &lt;b&gt;층간소음" in page
    assert "Decreased frequency" not in page
    quiet = write(tmp_path, drift=found | {"is_drift": False})
    assert "Data drift: " not in quiet
    assert "Data drift" not in write(tmp_path)


@pytest.mark.parametrize(
    ("target", "thresholds", "english", "korean"),
    [
        (BINARY, None, "Labels: 9 from the source.", "라벨 구성: 원본 데이터의 라벨 9건."),
        (BINARY, (5, 2.0, 4.0), "up to 2 are negative", "5점 척도에서 2점 이하는 부정"),
        (Three(), (10, 4.0, 9.0), "in between are neutral", "9점 이상은 긍정, 그 사이는 중립"),
        (Score(lowest=1, highest=5), None, "scale from 1 to 5", "1 ~ 5점 척도의 평점"),
    ],
)
def test_the_labelling_rule_is_stated_in_the_language_of_the_report(
    tmp_path: Path,
    target: Target,
    thresholds: tuple[float, float, float] | None,
    english: str,
    korean: str,
) -> None:
    names = ("scale", "negative_max", "positive_min")
    rule = dict(zip(names, thresholds, strict=True)) if thresholds else None
    assert english in write(tmp_path, target=target, thresholds=rule)
    assert korean in write(tmp_path, target=target, thresholds=rule, language="ko")


def test_failed_behaviour_tests_are_listed(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert '<th scope="row">Negation</th><td>14</td><td>28</td>' in page
    assert "교통이 안 좋아요</td><td>negative</td><td>70.0%</td>" in page
