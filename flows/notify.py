"""Webhook notifications about failed runs, drift and models."""

from __future__ import annotations

import logging
from typing import Any

import requests
from prefect.client.schemas.objects import FlowRun, State
from urllib3.exceptions import HTTPError

from flows import run_form
from pipeline.errors import InputError
from pipeline.redact import printable
from pipeline.settings import NotifySettings, load_settings

logger = logging.getLogger("pipeline.notify")

WEBHOOK_TIMEOUT_SECONDS = 10.0


def notify(settings: NotifySettings, event: str, text: str, **details: Any) -> None:
    """Post ``{"event": ..., "text": ..., **details}`` as JSON to ``notify.url``.

    Does nothing if the URL is empty. If the request fails, logs a warning instead of raising.
    Redirects are not followed: the message may be meant for this host alone.

    Args:
        settings: The URL of the webhook.
        event: Kind of event, such as ``failure``.
        text: Message; chat services such as Slack display it.
        details: Further keys of the JSON object.
    """
    url = settings.url.get_secret_value()
    if not url:
        return
    try:
        answer = requests.post(
            url,
            json={"event": event, "text": text, **details},
            timeout=WEBHOOK_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        answer.raise_for_status()
        reason = f"status {answer.status_code}, a redirect" if answer.is_redirect else ""
    except (requests.RequestException, HTTPError, ValueError) as error:
        reason = type(error).__name__  # the message contains the URL, which is a secret
    if reason:
        logger.warning("could not send the %s notification: %s; check notify.url", event, reason)


def notify_failure(flow: Any, run: FlowRun, state: State[Any]) -> None:
    """Prefect hook for failed and crashed flow runs."""
    try:
        settings = run_form.settings_of_owner(run.deployment_id, run.parameters)
    except InputError:  # possibly the reason for the failure
        settings = load_settings()
    (message, *_) = (state.message or "no message").splitlines()
    text = printable(f"review-sentiment, {run.name}: {state.name}: {message}")
    notify(settings.notify, "failure", text, flow_run=str(run.id))
