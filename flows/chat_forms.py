"""JSON messages for the webhooks of chat services.

No text becomes a link or a mention. Quoted reviews contain no markup either, because they have
passed :func:`pipeline.alerts.quoting.quote`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pipeline.settings.orchestration import NotifyForm

CUT = "…"
SLACK_HEADER = 150
SLACK_SECTION = 3000
"""Limits of Slack's Block Kit, in characters of escaped text."""
TEAMS_TEXT = 2200
"""Maximum characters of a message, of up to 12 bytes each: workflows accept less than 28 KB."""
KAKAOWORK_LABEL = 20
KAKAOWORK_TEXT = 500
"""Limits of KakaoWork's blocks in characters; a header and a button may have 20."""
_SLACK_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Link(NamedTuple):
    """A URL and its label."""

    url: str
    text: str


def body(
    form: NotifyForm, event: str, text: str, link: Link | None, details: dict[str, Any]
) -> dict[str, Any]:
    """The JSON of a message.

    Args:
        form: Chat service that receives the message.
        event: Kind of event.
        text: The message; its first line is the title.
        link: Shown below the message; only HTTP addresses can be opened.
        details: Further keys of the plain form.
    """
    lines = text.splitlines() or [event]
    if link and (form == "plain" or urlsplit(link.url).scheme not in ("http", "https")):
        lines.append(f"{link.text}: {link.url}")
        link = None
    if form == "plain":
        return {"event": event, "text": "\n".join(lines), **details}
    return _CHATS[form](lines[0], lines[1:], link)


def _slack(title: str, lines: list[str], link: Link | None) -> dict[str, Any]:
    """A Slack message in Block Kit: https://docs.slack.dev/reference/block-kit/blocks."""
    rest = [title, *lines] if len(title) > SLACK_HEADER else lines
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(title, SLACK_HEADER)}}
    ]
    if rest:
        shown = _escaped("\n".join(rest), SLACK_SECTION)
        blocks.append({"type": "section", "text": _mrkdwn(shown)})
    if link:
        url, label = (one.translate(_SLACK_ESCAPES) for one in link)
        blocks.append({"type": "context", "elements": [_mrkdwn(f"<{url}|{label}>")]})
    return {"text": _escaped(title, SLACK_SECTION), "mrkdwn": False, "blocks": blocks}


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str, most: int) -> str:
    """Escaped text, cut to at most ``most`` characters but never within an escape."""
    escaped = text.translate(_SLACK_ESCAPES)
    kept = len(text)
    while len(escaped) > most:
        kept -= max(1, (len(escaped) - most) // 5)
        escaped = text[:kept].rstrip().translate(_SLACK_ESCAPES) + CUT
    return escaped


def _teams(title: str, lines: list[str], link: Link | None) -> dict[str, Any]:
    """A message with an Adaptive Card, for a workflow that posts it.

    A RichTextBlock does not interpret Markdown, unlike a TextBlock:
    https://adaptivecards.io/explorer/RichTextBlock.html.
    """
    most = TEAMS_TEXT // (1 + len(lines))
    title, *lines = (cut(line, most) for line in (title, *lines))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [_rich(title, weight="Bolder", size="Medium"), *map(_rich, lines)],
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": link.text, "url": link.url}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _rich(text: str, **style: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _kakaowork(title: str, lines: list[str], link: Link | None) -> dict[str, Any]:
    """A message in KakaoWork's Block Kit: https://docs.kakaoi.ai/kakao_work/blockkit."""
    rest = [title, *lines] if len(title) > KAKAOWORK_LABEL else lines
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": cut(title, KAKAOWORK_LABEL), "style": "blue"},
        *(_kakaowork_text(line) for line in rest),
    ]
    if link:
        action = {"type": "open_system_browser", "name": "report", "value": link.url}
        label = cut(link.text, KAKAOWORK_LABEL)
        blocks.append({"type": "button", "text": label, "style": "default", "action": action})
    return {"text": cut(title, KAKAOWORK_TEXT), "blocks": blocks}


def _kakaowork_text(line: str) -> dict[str, Any]:
    text = cut(line, KAKAOWORK_TEXT)
    return {"type": "text", "text": text, "inlines": [{"type": "styled", "text": text}]}


def cut(text: str, most: int) -> str:
    """The text, or its beginning with ``…`` if it is longer than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + CUT


_CHATS: dict[str, Callable[[str, list[str], Link | None], dict[str, Any]]] = {
    "slack": _slack,
    "teams": _teams,
    "kakaowork": _kakaowork,
}
