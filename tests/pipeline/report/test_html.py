"""What stands in a report."""

import re
from pathlib import Path
from typing import Any

import pytest

from pipeline.report.formatting import RATINGS, SHARES, verdict
from pipeline.report.phrases import Phrases
from pipeline.settings import Settings
from pipeline.target.kinds import Score, Three
from tests.pipeline.report.page import EVIL, RATED, driver, error, explained, hostile, write
from tests.processes import ROOT

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
    assert "over 4,000 reviews together" in page
    assert '<rect width="50.0%"' in page
    assert '<rect width="100.0%"' in page
    assert "Multiplies the odds of a positive answer by 2.7 in the mean (2.5 to 3.0)" in page
    assert "Divides the odds of a positive answer by 7.4 in the mean (6.7 to 8.2)" in page
    assert "Related words: 주차장, 세대당" in page
    assert '<bdi>교통</bdi> <small class="soft">120 reviews</small>' in page
    assert "nothing that stands out" in page
    assert "No word moves the answers" in write(tmp_path)


def test_errors_show_both_answers_and_what_pushed_them(tmp_path: Path) -> None:
    answer = {"label": "negative", "probability": 0.12}
    one = error("관리가 참", network=answer, baseline=answer, doubtful=True)
    one["pieces"] = [["관리", 1.3], ["가 ", 0.1], ["참", -0.6]]
    page = write(tmp_path, explanation=explained([one]), networks=2)
    assert "Is positive" in page
    assert "network: negative 88.0%" in page
    assert '<mark class="up3">관리</mark>가 <mark class="down2">참</mark>' in page
    assert "1 labels are marked doubtful" in page
    assert "The colours are those of the first network." in page


def test_a_report_on_three_classes_shows_each_of_them(tmp_path: Path) -> None:
    answer = {"label": "positive", "probability": 0.9, "probability_positive": 0.9}
    row = error("가<", "neutral", network=answer, baseline=answer)
    page = write(tmp_path, explanation=explained([row]), target=Three(), class_weights="balanced")
    for name in ("negative", "neutral", "positive"):
        assert page.count(f">is {name}</th>") == page.count(f">predicted {name}</th>") == 2
    assert "means over the classes" in page
    assert "each class weighed the same" in page
    assert "network: positive 90.0%" in page


def test_a_report_on_ratings_shows_errors_in_their_points(tmp_path: Path) -> None:
    row = error("가<", 1.0, network={"score": 4.56}, baseline={"score": 3})
    page = write(tmp_path, explanation=explained([row]), target=Score(lowest=1, highest=5))
    assert "Mean absolute error on 40 test reviews" in page
    assert "in points of the rating, from 1 to 5" in page
    assert "Rank correlation (Spearman)" in page
    assert 'aria-label="Mean prediction by given rating"' in page
    assert "Is 1.0" in page
    assert "network: 4.56" in page
    assert "confusion" not in page
    assert "weighed the same" not in page


def test_it_needs_no_other_file(tmp_path: Path) -> None:
    page = write(tmp_path, RATED, hostile())
    links = re.findall(
        r"(?:src|href)\s*=\s*[\"']([^\"'#][^\"']*)", page.replace("&lt;img src=x", "")
    )
    assert not links
    assert "@import" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert ' style="' not in page


def test_each_network_of_an_ensemble_is_described(tmp_path: Path) -> None:
    page = write(tmp_path, networks=2)
    assert "an ensemble of 2 networks" in page
    assert "Layers with parameters of network 2" in page
    assert "Loss by epoch, network 2" in page
    assert "an ensemble" not in write(tmp_path)


def test_without_ratings_dates_or_errors_it_still_reads_well(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert "What people say" not in page
    assert "got every test review right" in page
    assert "Items skipped: missing text</th><td>2</td>" in page


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
    highest = page[page.index("Rated highest") :]
    assert highest.index("many and good") < highest.index("few and best")


@pytest.mark.parametrize(
    ("length_percentile", "why"),
    [(99.5, "a length that 99.5 % of the training reviews do not exceed"), (None, "as set")],
)
def test_it_says_what_the_network_does_not_read(
    tmp_path: Path, length_percentile: float | None, why: str
) -> None:
    page = write(tmp_path, length_percentile=length_percentile)
    assert "holds 40,000 entries; 12.5% of the test split" in page
    assert f"reads the first 1,234 tokens of a review, {why}; 3 of 5,000 reviews are cut" in page


def test_a_run_can_be_made_again_from_what_it_says(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert '<th scope="row">vocabulary.size</th><td class="text">40000</td>' in page
    assert '<th scope="row">tensorflow</th>' in page
    secret = Settings.model_validate(
        {"store": {"url": "postgresql://me:secret@host/db"},
         "pretrain": {"unlabeled_path": "/home/me/reviews.txt"}}
    ).recipe  # fmt: skip
    assert "secret" not in str(secret)
    assert secret["pretrain"]["unlabeled_path"] == "reviews.txt"


@pytest.mark.parametrize(
    ("value", "interval", "kind"),
    [
        (0.02, [0.01, 0.03], "better"),
        (-0.02, [-0.03, -0.01], "worse"),
        (0.02, [-0.01, 0.05], "even"),
    ],
)
def test_the_verdict_follows_the_interval(value: float, interval: list[float], kind: str) -> None:
    difference = {"difference": {"value": value, "interval": interval}, "cautions": []}
    found = verdict(difference, SHARES, ENGLISH)
    assert found["kind"] == kind
    assert "2.0 points" in found["text"]
    assert "0.020 of a rating point" in verdict(difference, RATINGS, ENGLISH)["text"]


def test_what_makes_figures_worthless_stands_in_place_of_a_proud_verdict() -> None:
    better = {"value": 0.2, "interval": [0.1, 0.3]}
    few = {"kind": "few_examples", "examples": 10}
    leak = {"kind": "leak", "seen": 4, "share": 0.4}
    found = verdict({"difference": better, "cautions": [few, leak]}, SHARES, ENGLISH)
    assert found["kind"] == "worse"
    assert found["text"] == "10 test reviews are too few to trust any of these figures."
    assert found["cautions"] == [
        "4 test reviews (40.0%) are in the training reviews too, the same or nearly the same: "
        "the figures flatter the model."
    ]
    better_with_leak = verdict({"difference": better, "cautions": [leak]}, SHARES, ENGLISH)
    assert better_with_leak["kind"] == "better"
    assert len(better_with_leak["cautions"]) == 1
    one_class = {"kind": "one_class", "name": "positive"}
    in_korean = verdict({"difference": better, "cautions": [one_class]}, SHARES, Phrases("ko"))
    assert "모두 긍정입니다" in in_korean["text"]


def test_the_weak_parts_and_the_leaks_are_shown(tmp_path: Path) -> None:
    part = {"slice": "group", "value": "<b>단지</b>", "examples": 31, "network": 0.25,
            "baseline": 0.5, "interval": [0.1, 0.4]}  # fmt: skip
    leakage = {"same": 3, "near": 1, "group_overlap": 7, "with": 0.5, "without": 0.45}
    page = write(tmp_path, more={"slices": {"rows": [part], "too_small": 2}, "leakage": leakage})
    assert "Group: <bdi>&lt;b&gt;단지&lt;/b&gt;</bdi></th><td>31</td><td>25.0 %" in page
    assert "2 parts of fewer than 30 reviews are left out" in page
    assert "Without them the network's Accuracy is 45.0 % instead of 50.0 %" in page


def test_drift_is_shown_and_warned_of(tmp_path: Path) -> None:
    found = {"labels": 0.31, "lengths": 0.02, "tokens": 0.12, "new_tokens": 0.04,
             "rose": ["<b>층간소음"], "fell": [], "is_drift": True,
             "examples": {"now": 900, "before": 800}}  # fmt: skip
    page = write(tmp_path, drift=found)
    assert "no longer like those that the champion learnt from" in page
    assert "Labels: stability index</th><td>0.310</td>" in page
    assert "More frequent: &lt;b&gt;층간소음" in page
    assert "Less frequent" not in page
    quiet = write(tmp_path, drift=found | {"is_drift": False})
    assert "no longer like" not in quiet
    assert "What has changed" not in write(tmp_path)


@pytest.mark.parametrize(
    ("value", "interval", "text"),
    [
        (0.012, [0.004, 0.02], "It is 1.2 points better than model 3, the champion until then"),
        (-0.012, [-0.02, -0.004], "It is 1.2 points worse than model 3, the champion, which stays"),
        (0.001, [-0.003, 0.005], "model 3, the champion until then, differ by 0.1 points"),
    ],
)
def test_the_champion_is_compared_with(
    tmp_path: Path, value: float, interval: list[float], text: str
) -> None:
    champion = {"number": 3, "value": value, "interval": interval, "p_value": 0.01}
    assert text in write(tmp_path, champion=champion)
    assert "champion" not in write(tmp_path)


def test_failed_behaviour_tests_are_listed(tmp_path: Path) -> None:
    page = write(tmp_path)
    assert '<th scope="row">negation</th><td>14</td><td>28</td>' in page
    assert "교통이 안 좋아요</td><td>negative</td><td>70.0%</td>" in page


def test_both_languages_have_the_same_phrases_with_the_same_values() -> None:
    korean = Phrases("ko").texts
    assert list(korean) == list(ENGLISH.texts)

    def values(text: str) -> set[str]:
        return set(re.findall(r"{\w+", text))

    for key, text in ENGLISH.texts.items():
        assert values(text) == values(korean[key]), key


def test_every_phrase_is_used() -> None:
    folder = ROOT / "pipeline" / "report"
    sources: Any = [*folder.rglob("*.j2"), *folder.glob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    families = ("figure_", "slice_", "kind_", "expected_", "class_", "split_", "left_out_",
                "caution_", "champion_", "drift_", "verdict_", "plot_", "odds_",
                "status_")  # fmt: skip
    for key in ENGLISH.texts:
        assert f'"{key}"' in code or key.startswith(families), key


def test_values_of_phrases_are_escaped() -> None:
    assert EVIL not in ENGLISH("from", source=EVIL)
    with pytest.raises(KeyError):
        ENGLISH("from")
