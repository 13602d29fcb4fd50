"""A message to a webhook when a person should look."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import requests
from prefect.client.schemas.objects import FlowRun, State

from pipeline.errors import InputError
from pipeline.settings import NotifySettings, load_settings

logger = logging.getLogger("pipeline.notify")

SECONDS_TO_ANSWER = 10.0


def notify(settings: NotifySettings, event: str, text: str, **details: Any) -> None:
    """Post ``{"event": ..., "text": ..., ...}`` as JSON; Slack and its like show the text.

    Where nobody is to be told, or the receiver does not answer, the log says it alone.
    """
    url = settings.url.get_secret_value()
    if not url:
        return
    try:
        answer = requests.post(
            url, json={"event": event, "text": text, **details}, timeout=SECONDS_TO_ANSWER
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        reason = type(error).__name__  # its text holds the address, which is a secret
        logger.warning("nobody was told of this %s: %s", event, reason)


def tell_failure(flow: Any, run: FlowRun, state: State[Any]) -> None:
    """A hook of a flow for its failure and for its crash."""
    config = run.parameters.get("config")
    try:
        settings = load_settings(
            config=Path(config) if config else None, overrides=run.parameters.get("overrides") or []
        )
    except InputError:  # which may be why the run failed
        settings = load_settings()
    (message, *_) = (state.message or "no message").splitlines()
    text = f"review-sentiment, {run.name}: {state.name}: {message}"
    notify(settings.notify, "failure", text, flow_run=str(run.id))
