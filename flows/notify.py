"""Webhook notifications: failed runs, drift, models, alerts and the digest."""

from __future__ import annotations

import contextlib
import logging
import threading
from http import HTTPStatus
from typing import Any

import requests
from prefect.client.schemas.objects import FlowRun, State

from flows import run_form
from flows.chat_forms import Link, body
from pipeline.errors import InputError
from pipeline.redact import printable
from pipeline.settings import NotifySettings, load_settings

logger = logging.getLogger("pipeline.notify")

WEBHOOK_SECONDS = 10.0
"""Time limit for a whole request, however slowly the answer comes."""


def notify(
    settings: NotifySettings, event: str, text: str, *, link: Link | None = None, **details: Any
) -> bool:
    """Post a message to ``notify.url`` as JSON in the form of ``notify.form``.

    Does nothing if the URL is empty. If the request fails, logs a warning instead of raising.
    Redirects are not followed, because the message may be meant for this host only.

    Args:
        settings: The URL of the webhook and the form of its messages.
        event: Kind of event, such as ``failure``.
        text: Message; its first line is the title.
        link: Link to the report.
        details: Further keys of the JSON object in the plain form.

    Returns:
        Whether the webhook accepted the message.
    """
    url = settings.url.get_secret_value()
    if not url:
        return False
    reason = _reason_within(WEBHOOK_SECONDS, url, body(settings.form, event, text, link, details))
    if reason:
        logger.warning("could not send the %s notification: %s; check notify.url", event, reason)
    return not reason


def _reason_within(seconds: float, url: str, message: dict[str, Any]) -> str:
    """Post a message; returns why it was not accepted in this time, empty if it was.

    The limit of a request applies to each step alone, so another thread does the request.
    """
    reason = f"no answer within {seconds:g} s"

    def post() -> None:
        nonlocal reason
        with contextlib.suppress(requests.Timeout):
            reason = _post(url, message, seconds)

    posting = threading.Thread(target=post, name="notification", daemon=True)
    posting.start()
    posting.join(seconds)
    return reason


def _post(url: str, message: dict[str, Any], seconds: float) -> str:
    """Post a message; returns why it was not accepted. The body of the answer is not read."""
    try:
        with requests.post(
            url, json=message, timeout=seconds, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.Timeout:
        raise
    except Exception as error:  # whatever it is: its message may contain the URL, a secret
        return type(error).__name__
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    return f"status {status}, a redirect" if answer.is_redirect else f"status {status}"


def notify_failure(flow: Any, flow_run: FlowRun, state: State[Any]) -> None:
    """Prefect hook for failed and crashed flow runs, called with keyword arguments.

    Args:
        flow: Flow of the deployment, which has the fixed name of its runs; needed because a runner
            knows a run only by its name from before it started. None if ``flow_run`` was read
            later.
        flow_run: The run.
        state: Final state of the run.
    """
    try:
        settings = run_form.settings_of_owner(flow_run.deployment_id, flow_run.parameters)
    except InputError:  # may be the cause of the failure
        settings = load_settings()
    (message, *_) = (state.message or "no message").splitlines()
    name = flow.flow_run_name if flow else flow_run.name
    text = printable(f"review-sentiment, {name}: {state.name}: {message}")
    notify(settings.notify, "failure", text, flow_run=str(flow_run.id))
