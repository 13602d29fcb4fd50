"""The memory of what was sent."""

import json
import logging
from pathlib import Path

import pytest

from pipeline.alerts import sent
from pipeline.alerts.sent import Sent


def test_alerts_and_times_are_remembered(tmp_path: Path) -> None:
    memory = Sent(tmp_path)
    assert ("word", "s", "1", "환불") not in memory
    assert memory.time("digest") == ""
    memory.remember([("word", "s", "1", "환불")], {"digest": "2026-11-23T00:00:00Z"})
    memory.remember([("word", "s", "2", "환불")])
    for known in (memory, Sent(tmp_path)):
        assert ("word", "s", "1", "환불") in known
        assert ("word", "s", "2", "환불") in known
        assert ("word", "s1", "", "환불") not in known
        assert known.time("digest") == "2026-11-23T00:00:00Z"
    content = (tmp_path / sent.FILE).read_text(encoding="utf-8")
    assert "환불" not in content


def test_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent, "MOST", 3)
    Sent(tmp_path).remember([(str(number),) for number in range(10)])
    assert [number for number in range(10) if (str(number),) in Sent(tmp_path)] == [7, 8, 9]
    assert len(json.loads((tmp_path / sent.FILE).read_bytes())["alerts"]) == 3


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"alerts": 1, "times": {}}', "\0"])
def test_a_damaged_file_is_begun_anew(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / sent.FILE).write_text(content, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        Sent(tmp_path).remember([("a",)])
    assert "is damaged" in caplog.text
    assert ("a",) in Sent(tmp_path)
