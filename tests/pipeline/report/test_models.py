"""Figures, verdicts and rules of the models in a report."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.evaluate.records import Assessment, Caution, Figure
from pipeline.report.formatting import RATINGS, SHARES, verdict
from pipeline.report.models import complaints, headline, summary
from pipeline.report.phrases import Language, Phrases
from pipeline.storage import names
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.target.three import Three
from tests.pipeline.report.page import hostile, write

ENGLISH = Phrases("en")


@pytest.mark.parametrize(
    ("value", "interval", "kind"),
    [
        (0.02, [0.01, 0.03], "better"),
        (-0.02, [-0.03, -0.01], "worse"),
        (0.02, [-0.01, 0.05], "even"),
    ],
)
def test_the_verdict_follows_the_interval(value: float, interval: list[float], kind: str) -> None:
    assessed: Assessment = {"difference": {"value": value, "interval": interval}, "cautions": []}
    found = verdict(assessed, SHARES, ENGLISH)
    assert found["kind"] == kind
    assert "2.0 percentage points" in found["text"]
    assert "0.020 rating points" in verdict(assessed, RATINGS, ENGLISH)["text"]


def test_what_makes_figures_worthless_stands_in_place_of_a_proud_verdict() -> None:
    better: Figure = {"value": 0.2, "interval": [0.1, 0.3]}
    few: Caution = {"kind": "few_examples", "examples": 10}
    leak: Caution = {"kind": "leak", "seen": 4, "share": 0.4}
    found = verdict({"difference": better, "cautions": [few, leak]}, SHARES, ENGLISH)
    assert found["kind"] == "worse"
    assert found["text"] == "Only 10 reviews were tested, too few for reliable metrics."
    assert found["cautions"] == [
        "4 test reviews (40.0%) are exact or near duplicates of training data, "
        "so the metrics may be too optimistic."
    ]
    better_with_leak = verdict({"difference": better, "cautions": [leak]}, SHARES, ENGLISH)
    assert better_with_leak["kind"] == "better"
    assert len(better_with_leak["cautions"]) == 1
    ignored: Caution = {"kind": "groups_ignored", "groups": 2}
    (text,) = verdict({"difference": better, "cautions": [ignored]}, SHARES, ENGLISH)["cautions"]
    assert "There are only 2 groups, or their sizes are too uneven" in text
    one_class: Caution = {"kind": "one_class", "name": "positive"}
    in_korean = verdict({"difference": better, "cautions": [one_class]}, SHARES, Phrases("ko"))
    assert "모두 긍정 클래스여서" in in_korean["text"]


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [
        (0.012, [0.004, 0.02], "previous champion, model 3, by 1.2 percentage points"),
        (-0.012, [-0.02, -0.004], "1.2 percentage points worse than the champion, model 3"),
        (0.001, [-0.003, 0.005], "model 3, is 0.1 percentage points and not statistically"),
    ],
)
def test_the_champion_is_compared_with(
    tmp_path: Path, value: float, interval: list[float], text: str
) -> None:
    champion = {"number": 3, "value": value, "interval": interval}
    assert text in write(tmp_path, champion=champion)
    assert "champion" not in write(tmp_path)


def test_the_rules_of_both_models_are_stated(tmp_path: Path) -> None:
    network = Binary(threshold=0.83)
    page = write(tmp_path, explanation=hostile(), target=network, baseline=BINARY)
    rule = (
        "A review is predicted positive if its positive probability is at least 83.0% (network) or "
        "50.0% (baseline); thresholds chosen on held-out reviews for macro-F1."
    )
    assert page.count(rule) == 2
    assert "Positive score (positive from 83.0%)" in page
    korean = write(tmp_path, target=network, baseline=BINARY, language="ko")
    assert "긍정 확률이 신경망 83.0%, 기준 모델 50.0% 이상이면 긍정으로 분류합니다" in korean
    three = write(tmp_path, target=Three(decision_weights=(1.8, 1.2, 1)), baseline=Three())
    assert "Class weights (negative : neutral : positive): network 1.80 : 1.20 : 1.00" in three


def test_the_complaints_that_both_models_find_are_counted_in_words(tmp_path: Path) -> None:
    confusion = {"network": [[18, 7], [12, 900]], "baseline": [[0, 25], [0, 912]]}
    scores: Any = {name: {"confusion": counts} for name, counts in confusion.items()}
    assert complaints(scores, ENGLISH) == (
        "Complaints (negative reviews): network 18 of 25 found, 12 false alarms, "
        "baseline 0 of 25 found (no review predicted negative)."
    )
    assert complaints(scores, Phrases("ko")) == (
        "불만(부정) 리뷰: 신경망 25건 중 18건을 찾음, 오탐 12건, "
        "기준 모델 25건 중 0건을 찾음(부정으로 예측한 리뷰 없음)."
    )
    assert "Complaints (negative reviews): network" in write(tmp_path)
    assert "불만(부정) 리뷰: 신경망" in write(tmp_path, language="ko", target=Three())
    assert "(negative reviews)" not in write(tmp_path, target=Score(lowest=1, highest=5))


def test_the_headline_says_what_is_found_in_words() -> None:
    figures = {"macro_f1": {"value": 0.761, "interval": [0.7, 0.8]}}
    metrics: Any = {"examples": 937, "folds": 0, "network": {
        "figures": figures, "confusion": [[18, 7], [6, 906]]}}  # fmt: skip
    assert headline(metrics, BINARY, ENGLISH) == (
        "The model found 18 of 25 complaints that were set aside for testing, with 6 false "
        "alarms. Macro-F1: 76.1% (95% confidence interval 70.0% to 80.0%)."
    )
    metrics["network"]["confusion"] = [[0, 0], [6, 931]]
    line = "Macro-F1 on 937 test reviews: 76.1% (95% confidence interval 70.0% to 80.0%)."
    assert headline(metrics, BINARY, ENGLISH) == line


def test_the_headline_of_a_cross_validation_names_all_reviews() -> None:
    figures = {"macro_f1": {"value": 0.761, "interval": [0.7, 0.8]}}
    metrics: Any = {"examples": 937, "folds": 5, "network": {
        "figures": figures, "confusion": [[18, 7], [6, 906]]}}  # fmt: skip
    assert headline(metrics, BINARY, ENGLISH) == (
        "In 5-fold cross-validation over all 937 labelled reviews, the model found 18 of 25 "
        "complaints, with 6 false alarms. Macro-F1: 76.1% (95% confidence interval 70.0% to 80.0%)."
    )
    metrics["network"]["confusion"] = [[0, 0], [6, 931]]
    assert "Macro-F1 in 5-fold cross-validation over all 937 labelled reviews" in headline(
        metrics, BINARY, ENGLISH
    )


def test_the_log_has_one_line_of_both_models() -> None:
    figures = {"macro_f1": {"value": 0.761, "interval": [0.7, 0.8]}}
    metrics: Any = {
        "network": {"figures": figures, "confusion": [[18, 7], [12, 900]]},
        "baseline": {"figures": figures, "confusion": [[14, 11], [24, 888]]},
        "folds": 0,
        "chosen_baseline": {"class_weights": "balanced", "validation": {}},
    }
    assert summary(metrics, BINARY) == (
        "Macro-F1: network 76.1%, baseline 76.1% (with balanced class weights); "
        "complaints (negative reviews): network 18 of 25 found, 12 false alarms, "
        "baseline 14 of 25 found, 24 false alarms"
    )
    of_ratings: Any = {
        name: {"figures": {"mean_absolute_error": {"value": 0.5}}}
        for name in ("network", "baseline")
    } | {"chosen_baseline": {"class_weights": None, "validation": {}}}
    line = summary(of_ratings, Score(lowest=1, highest=5))
    assert line == "Mean absolute error (MAE): network 0.500, baseline 0.500"


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ("balanced", "% (with balanced class weights)"),
        (None, "the report uses the baseline without class weights"),
    ],
)
def test_the_baseline_that_is_stronger_on_validation_is_named(
    tmp_path: Path, weights: str | None, text: str
) -> None:
    chosen = {"class_weights": weights, "validation": {"plain": 0.576, "balanced": 0.764}}
    page = write(tmp_path, more={"chosen_baseline": chosen})
    assert "a macro-F1 of 57.6% without and 76.4% with balanced class weights" in page
    assert text in page


@pytest.mark.parametrize(
    ("language", "said", "rule"),
    [
        ("en", "Labels: 119 given by hand, 3 from the source, 1,200 from ratings.",
         "On the 5-point scale, ratings up to 2 are negative"),
        ("ko", "라벨 구성: 직접 단 라벨 119건, 원본 데이터의 라벨 3건, 평점으로 정한 라벨 1,200건.",
         "평점 기준: 5점 척도에서 2점 이하는 부정"),
    ],
)  # fmt: skip
def test_it_says_where_the_labels_come_from(
    tmp_path: Path, language: Language, said: str, rule: str
) -> None:
    thresholds: dict[str, float] = {"scale": 5, "negative_max": 2, "positive_min": 4}
    origins = {"ratings": 1_200, "hand": 119, "source": 3}
    page = write(tmp_path, thresholds=thresholds, origins=origins, language=language)
    assert said in page
    assert rule in page
    assert Phrases(language)("labels_neutral", count=0) not in page
    alone = write(tmp_path, origins={"hand": 119}, neutral_labels=19, language=language)
    assert Phrases(language)("labels_neutral", count=19) in alone
    assert said.partition(",")[0] + "." in alone
    assert rule not in alone


@pytest.mark.parametrize("language", ["en", "ko"])
def test_metrics_on_labels_given_by_hand_are_cautioned(tmp_path: Path, language: Language) -> None:
    one = {"kind": "by_hand", "by_hand": 119, "examples": 120}
    said = Phrases(language)("caution_by_hand", by_hand=119, examples=120)
    page = write(tmp_path, more={"cautions": [one]}, language=language)
    assert f"<li>{said}</li>" in page
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK)
    assert said in [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]


def test_reversed_labels_are_said_before_the_first_number(tmp_path: Path) -> None:
    page = write(tmp_path, more={"cautions": [{"kind": "reversed"}]})
    said = "The labels seem to be reversed"
    assert page.count(said) == 2  # also where the results are judged
    assert page.index(said) < page.index('class="lead"')
    assert said not in write(tmp_path)
