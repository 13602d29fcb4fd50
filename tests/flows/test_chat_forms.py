"""The JSON of notifications for chat services, as a real receiver gets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from flows.chat_forms import Link
from flows.notify import notify
from pipeline.alerts.quoting import quote
from pipeline.settings import NotifySettings
from pipeline.settings.orchestration import NotifyForm
from tests.flows.hook import receiver
from tests.pipeline.alerts.samples import HOSTILE

REPORT = Link("http://127.0.0.1:4201/a&b/report.html", "보고서")
LOCAL = Link("file:///srv/reviews/report.html", "Report")
TEXT = "제목 & <머리>\n첫째 줄 <!channel>\n둘째 줄"
LONG = "\n".join(["가" * 500, *("<&>" * 5_000 for _ in range(9))])


@pytest.fixture
def received() -> list[dict[str, Any]]:
    return []


def post(
    received: list[dict[str, Any]],
    form: NotifyForm,
    text: str,
    link: Link | None = REPORT,
    **details: Any,
) -> dict[str, Any]:
    """What a receiver gets."""
    with receiver(received) as url:
        settings = NotifySettings(url=SecretStr(url), form=form)
        assert notify(settings, "digest", text, link=link, **details)
    assert "s3cret" not in json.dumps(received[-1])
    return received[-1]


def test_plain(received: list[dict[str, Any]]) -> None:
    assert post(received, "plain", TEXT, version=3) == {
        "event": "digest",
        "text": f"{TEXT}\n보고서: {REPORT.url}",
        "version": 3,
    }
    assert post(received, "plain", "one line", None) == {"event": "digest", "text": "one line"}


def test_slack(received: list[dict[str, Any]]) -> None:
    assert post(received, "slack", TEXT, version=3) == {
        "text": "제목 &amp; &lt;머리&gt;",
        "mrkdwn": False,
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "제목 & <머리>"}},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "첫째 줄 &lt;!channel&gt;\n둘째 줄",
                    "verbatim": True,
                },
            },
            {
                "type": "context",
                "elements": [
                    {
                        "type": "mrkdwn",
                        "text": "<http://127.0.0.1:4201/a&amp;b/report.html|보고서>",
                        "verbatim": True,
                    }
                ],
            },
        ],
    }
    assert len(post(received, "slack", "nothing else", None)["blocks"]) == 1


def test_teams(received: list[dict[str, Any]]) -> None:
    message = post(received, "teams", TEXT)
    assert message["type"] == "message"
    (attachment,) = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert [block["type"] for block in card["body"]] == ["RichTextBlock"] * 3
    assert texts(card["body"]) == TEXT.splitlines()
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "보고서", "url": REPORT.url}]
    assert "entities" not in card["msteams"]  # those make mentions


def test_kakaowork(received: list[dict[str, Any]]) -> None:
    message = post(received, "kakaowork", TEXT)
    header, *lines, button = message["blocks"]
    assert message["text"] == header["text"] == "제목 & <머리>"
    assert [line["text"] for line in lines] == TEXT.splitlines()[1:]
    for line in lines:
        assert line["inlines"] == [{"type": "styled", "text": line["text"]}]
    assert button == {
        "type": "button",
        "text": "보고서",
        "style": "default",
        "action": {"type": "open_system_browser", "name": "report", "value": REPORT.url},
    }


def test_limits_of_each_service_are_kept(received: list[dict[str, Any]]) -> None:
    slack = post(received, "slack", LONG)
    header, section, _ = slack["blocks"]
    assert header["text"]["text"] == "가" * 149 + "…"
    shown = section["text"]["text"]
    assert shown.startswith("가" * 500)
    assert 2900 < len(shown) <= 3000
    assert shown.endswith(("&lt;…", "&amp;…", "&gt;…"))
    assert len(slack["text"]) <= 3000
    teams = post(received, "teams", LONG)
    assert len(json.dumps(teams).encode()) <= 28_000
    assert texts(teams["attachments"][0]["content"]["body"])[-1].endswith("…")
    emoji = post(received, "teams", "\n".join(["😀" * 5_000] * 10))
    assert len(json.dumps(emoji).encode()) <= 28_000
    kakaowork = post(received, "kakaowork", LONG)
    first, *lines, _ = kakaowork["blocks"]
    assert first["text"] == "가" * 19 + "…"
    assert lines[0]["text"] == "가" * 500
    assert all(len(line["text"]) <= 500 for line in lines)
    assert lines[-1]["text"].endswith("…")
    assert len(kakaowork["blocks"]) <= 30


@pytest.mark.parametrize("form", ["slack", "teams", "kakaowork"])
def test_a_link_that_browsers_cannot_follow_is_text(
    received: list[dict[str, Any]], form: NotifyForm
) -> None:
    message = json.dumps(post(received, form, TEXT, LOCAL), ensure_ascii=False)
    assert f"Report: {LOCAL.url}" in message
    assert not any(one in message for one in ("OpenUrl", "open_system_browser", "<file:"))


@pytest.mark.parametrize("form", ["plain", "slack", "teams", "kakaowork"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_hostile_review_is_active(
    received: list[dict[str, Any]], form: NotifyForm, text: str
) -> None:
    message = post(received, form, f"제목\n“{quote(text)}”", None)
    said = json.dumps(message, ensure_ascii=False).replace("http://adaptivecards.io", "")
    for active in ("<", "@", "://", "evil.com", "](", "**", "`", "\\u001b", "\\u202e", "\u202e"):
        assert active not in said
    assert "환불" in said


def texts(body: list[dict[str, Any]]) -> list[str]:
    """The text of each block of a card."""
    return ["".join(run["text"] for run in block["inlines"]) for block in body]
