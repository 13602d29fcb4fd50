"""The phrases of a report in both languages."""

import re
from typing import Any

import pytest

from pipeline.report.phrases import Phrases
from tests.pipeline.report.page import EVIL
from tests.processes import ROOT

ENGLISH = Phrases("en")


def test_both_languages_have_the_same_phrases_with_the_same_values() -> None:
    korean = Phrases("ko").texts
    assert list(korean) == list(ENGLISH.texts)

    def values(text: str) -> set[str]:
        return set(re.findall(r"{\w+", text))

    for key, text in ENGLISH.texts.items():
        assert values(text) == values(korean[key]), key


def test_every_phrase_is_used() -> None:
    folder = ROOT / "pipeline" / "report"
    sources: Any = [*folder.rglob("*.j2"), *folder.rglob("*.py")]
    sources += [*ROOT.glob("pipeline/alerts/*.py"), *ROOT.glob("flows/*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    families = ("figure_", "slice_", "kind_", "expected_", "class_", "split_", "left_out_",
                "caution_", "champion_", "drift_", "verdict_", "plot_", "odds_", "rating_driver_",
                "status_", "reason_", "unread_", "baseline_", "chosen_", "labels_",
                "source_", "fact_", "period_", "column_", "quotes_", "filter_")  # fmt: skip
    for key in ENGLISH.texts:
        assert f'"{key}"' in code or key.startswith(families), key


def test_values_of_phrases_are_escaped() -> None:
    assert EVIL not in ENGLISH("from", source=EVIL)
    with pytest.raises(KeyError):
        ENGLISH("from")
