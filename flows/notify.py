"""Webhook notifications: failed runs, drift, models, alerts and the digest."""

from __future__ import annotations

import logging
from typing import Any

import requests
from prefect.client.schemas.objects import FlowRun, State
from urllib3.exceptions import HTTPError

from flows import run_form
from flows.chat_forms import Link, body
from pipeline.errors import InputError
from pipeline.redact import printable
from pipeline.settings import NotifySettings, load_settings

logger = logging.getLogger("pipeline.notify")

WEBHOOK_TIMEOUT_SECONDS = 10.0


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
    try:
        answer = requests.post(
            url,
            json=body(settings.form, event, text, link, details),
            timeout=WEBHOOK_TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        answer.raise_for_status()
        reason = f"status {answer.status_code}, a redirect" if answer.is_redirect else ""
    except (requests.RequestException, HTTPError, ValueError) as error:
        reason = type(error).__name__  # the message contains the URL, which is a secret
    if reason:
        logger.warning("could not send the %s notification: %s; check notify.url", event, reason)
    return not reason


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
