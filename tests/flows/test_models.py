"""Model versions: the gate, manual promotion, notifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Answer, Command
from tests.flows.hook import receiver
from tests.flows.own import FEW, options, rated, write_own

STRICT = "gate.behaviour_floor=1"


@pytest.mark.long
def test_model_below_the_gate_stays_a_candidate(command: Command, tmp_path: Path) -> None:
    received: list[dict[str, Any]] = []

    def run(*settings: str) -> Answer:
        answer = command("run", *options(STRICT, *settings), REVIEW_SENTIMENT_NOTIFY__URL=url)
        assert answer.status == 0, answer.err
        return answer

    def statuses() -> dict[int, str]:
        found = json.loads(command("models", "--json").out)
        return {one["number"]: one["status"] for one in found}

    with receiver(received) as url:
        write_own(tmp_path, rated(FEW))
        first = run()
        assert "model 1 is the champion: the first model of the workspace, although" in first.err
        assert received == []
        other = [(f"item{row % 9} quality{row % 5} {score} of 5", score) for row, (_, score) in
                 enumerate(rated(FEW))]  # fmt: skip
        write_own(tmp_path, other)
        second = run()
        assert "model 2 is the candidate: it passes" in run().err  # told once only
    assert "model 2 is the candidate: it passes" in second.err
    assert [one["event"] for one in received] == ["drift", "candidate"]
    assert all(one["text"].startswith("review-sentiment: ") for one in received)
    assert statuses() == {1: "champion", 2: "candidate"}

    assert command("models", "promote", "2").status == 0
    assert statuses() == {1: "former", 2: "champion"}
    assert command("predict", "--text", "item1 quality1 5 of 5").status == 0
    assert command("models", "promote", "1").status == 0
    assert statuses() == {1: "champion", 2: "former"}
    received.clear()
    with receiver(received) as url:
        again = run()
    assert "model 2 is the former: replaced by version 1 (decided before)" in again.err
    assert "candidate" not in [one["event"] for one in received]
    assert statuses() == {1: "champion", 2: "former"}
    assert "known versions: 1, 2" in command("models", "promote", "3").error
