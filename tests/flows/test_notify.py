"""The webhook of ``notify.url``."""

import logging

import pytest
from pydantic import SecretStr

from flows import notify as module
from flows.notify import notify
from pipeline.settings import NotifySettings
from tests.site import Answer, Drip, Reply, Silence, redirect, serve


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


@pytest.mark.parametrize("reply", [Drip(0.01, "head"), Silence()])
def test_an_answer_that_does_not_come_keeps_no_run_waiting(
    reply: Reply, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "WEBHOOK_SECONDS", 0.5)
    with serve() as site:
        site.answers["/hook"] = reply
        assert not notify(NotifySettings(url=SecretStr(f"{site.url}/hook")), "failure", "failed")
    assert "the failure notification: no answer within 0.5 s; check notify.url" in caplog.text


def test_the_body_of_an_answer_is_not_awaited(caplog: pytest.LogCaptureFixture) -> None:
    with serve() as site:
        site.answers["/hook"] = Drip(0.01, "body")
        assert notify(NotifySettings(url=SecretStr(f"{site.url}/hook")), "failure", "failed")
    assert caplog.text == ""


@pytest.mark.parametrize("status", [304, 403, 404, 429, 500])
def test_the_status_of_a_refusal_is_logged(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with serve() as site:
        site.answers["/hook"] = Answer("no", status)
        assert not notify(NotifySettings(url=SecretStr(f"{site.url}/hook")), "failure", "failed")
    assert f"could not send the failure notification: status {status}; check" in caplog.text
    assert site.url not in caplog.text
