"""An error within a model, in the app itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from flows.api.app import make_app
from flows.api.champion import Champion, Served
from pipeline.predict.starter import StarterPredictor
from pipeline.settings import ApiSettings
from pipeline.storage.workspace import Workspace

PRIVATE = "사생활"


class Broken(StarterPredictor):
    """Fails on a text that it names."""

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        if PRIVATE in texts:
            raise ValueError(f"cannot read {PRIVATE}")
        return super().answers(texts)


async def ask(workspace: Workspace, *texts: str) -> list[httpx.Response]:
    """What concurrent requests get."""
    champion = Champion(workspace)
    champion.served = Served(Broken())
    app = make_app(champion, ApiSettings())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
    ):
        asked = (client.post("/predict", json={"text": text}) for text in texts)
        return await asyncio.gather(*asked)


def test_neither_the_answer_nor_the_log_holds_the_text(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline")
    good, bad = asyncio.run(ask(workspace, "좋아요", PRIVATE))
    assert (good.status_code, bad.status_code) == (200, 500)
    assert bad.json() == {"detail": "internal error on this request; see the log of the server"}
    assert "a request to /predict failed: ValueError" in caplog.text
    assert PRIVATE not in caplog.text
