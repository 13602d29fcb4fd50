"""The webhook of ``notify.url``."""

import logging

import pytest
from pydantic import SecretStr

from flows.notify import notify
from pipeline.settings import NotifySettings
from tests.site import Answer, redirect, serve


@pytest.mark.parametrize(
    "url",
    ["https://.example.com/x", f"https://{'a' * 64}.example.com/x", "https://h:port/x", "nothing"],
)
def test_a_wrong_webhook_is_a_warning(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notify(NotifySettings(url=SecretStr(url)), "failure", "it failed")
    assert "could not send the failure notification" in caplog.text
    assert url not in caplog.text


def test_the_message_is_not_taken_to_another_host(caplog: pytest.LogCaptureFixture) -> None:
    with serve() as asked, serve() as other:
        asked.answers["/hook"] = redirect(f"{other.url}/hook", 307)
        other.answers["/hook"] = Answer()
        with caplog.at_level(logging.WARNING):
            notify(NotifySettings(url=SecretStr(f"{asked.url}/hook")), "failure", "it failed")
        assert len(asked.requests) == 1
        assert other.requests == []
    assert "status 307, a redirect; check notify.url" in caplog.text
