"""The threads of a server that answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx
from threadpoolctl import threadpool_info

from flows.api.app import make_app
from flows.api.champion import Champion, Served
from pipeline.predict.starter import StarterPredictor
from pipeline.settings import ApiSettings
from pipeline.storage.workspace import Workspace


class Observer(StarterPredictor):
    """Keeps how many threads linear algebra may use when it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.threads = set[int]()

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        libraries = [one for one in threadpool_info() if one["user_api"] == "blas"]
        self.threads |= {one["num_threads"] for one in libraries}
        return super().answers(texts)


async def ask(champion: Champion) -> int:
    """Ask the app for a prediction; returns the status."""
    app = make_app(champion, ApiSettings())
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
        ) as client,
    ):
        return (await client.post("/predict", json={"text": "좋아요"})).status_code


def test_linear_algebra_leaves_the_other_cores_to_the_event_loop(workspace: Workspace) -> None:
    champion, observer = Champion(workspace), Observer()
    champion.served = Served(observer)
    assert asyncio.run(ask(champion)) == 200
    assert observer.threads == {1}
