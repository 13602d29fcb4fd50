"""The API's paths (endpoints)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from flows.api.batches import Batches, BusyError
from flows.api.champion import Champion
from flows.api.gate import Gate, problem
from flows.api.metrics import Metrics
from flows.api.schema import (
    EXAMPLES,
    Answers,
    Health,
    ModelCard,
    Problem,
    explain_refusal,
    limited_question,
)
from flows.request_guard import RequestGuard
from pipeline.explain.single import as_records, explain_text
from pipeline.predict.text_predictor import TextPredictor
from pipeline.runtime import frozen_objects, one_blas_thread
from pipeline.settings import ApiSettings

logger = logging.getLogger("pipeline.api")

BATCH_TEXTS = 128
MAX_WAITING, MAX_WAITING_EXPLAINED = 20_000, 64
"""Maximum number of waiting texts, for predictions and for explanations."""
BODY_SECONDS = 10.0
"""Time limit for receiving a request's body."""
JSON = "application/json"
DESCRIPTION = "Labels Korean reviews with the champion of a workspace of review-sentiment."
REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The Host header names a foreign host.",
    HTTPStatus.UNAUTHORIZED: "The token is missing or wrong.",
    HTTPStatus.FORBIDDEN: "The request comes from a page of another site.",
}
REFUSALS_OF_TEXTS = {
    HTTPStatus.REQUEST_TIMEOUT: "The body did not arrive in time.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: f"The body is not sent as {JSON}.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body is no valid JSON, has an unknown field, too many "
    "texts or too long ones.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many texts are waiting.",
}


def make_app(champion: Champion, settings: ApiSettings) -> FastAPI:
    """Make the app, which predicts with the champion."""
    predictions = Batches(_answers, size=BATCH_TEXTS, most=MAX_WAITING)
    explanations = Batches(_explained_answers, size=1, most=MAX_WAITING_EXPLAINED)
    counters, question = Metrics(), limited_question(settings)
    token = settings.token.get_secret_value()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        # More threads for linear algebra would take CPU time from the event loop, and garbage
        # collection would scan the model and the libraries again and again.
        with one_blas_thread(), frozen_objects():
            async with predictions.running(), explanations.running():
                watching = asyncio.create_task(champion.watch())
                yield
                watching.cancel()

    app = FastAPI(
        title="review-sentiment",
        version=version("review-sentiment"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
        responses=_described(REFUSALS),
    )
    private = [Security(HTTPBearer(auto_error=False))] if token else []

    async def predict(request: Request) -> Response:
        """Label one text or several, in their order."""
        body = await _read_body(request, settings.max_body_bytes)
        try:
            asked = question.model_validate_json(body)
        except ValidationError as error:
            raise HTTPException(422, explain_refusal(error)) from None
        served, batches = champion.served, explanations if asked.explain else predictions
        try:
            answers = await batches.answer(served.predictor, asked.asked)
        except BusyError:
            busy = "too many texts are waiting; retry in a few seconds"
            raise HTTPException(503, busy, {"Retry-After": "5"}) from None
        counters.count_texts(len(answers))
        answered = {"model": served.name, "answers": answers}
        return Response(json.dumps(answered, ensure_ascii=False).encode(), media_type=JSON)

    app.router.add_api_route(
        "/predict",
        predict,
        methods=["POST"],
        response_model=None,
        dependencies=private,
        responses=_described(REFUSALS_OF_TEXTS) | {200: {"model": Answers}},
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {JSON: {"schema": question.model_json_schema(), "examples": EXAMPLES}},
            }
        },
        route_class_override=_DirectRoute,
    )

    @app.get("/health")
    async def health() -> Health:
        """Say that the server is up, and which model is loaded. Needs no token."""
        served = champion.served
        return Health(status="ok", model=served.name, trained=served.version is not None)

    @app.get("/model", dependencies=private)
    async def model() -> ModelCard:
        """Describe the model that answers."""
        served = champion.served
        target, known = served.predictor.target, served.version
        fields = {"made", "source", "metric", "network", "baseline", "passed"}
        return ModelCard(
            model=served.name,
            target=target.kind,
            labels=list(target.names) if "label" in target.columns else [],
            rule=target.rule,
            **(known.model_dump(include=fields) if known else {}),
        )

    @app.get(
        "/metrics",
        response_class=Response,
        dependencies=private,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics() -> Response:
        """Metrics in Prometheus's text format."""
        return Response(counters.exposition(champion.served.name), media_type=CONTENT_TYPE_LATEST)

    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.add_exception_handler(ClientDisconnect, _refuse_disconnected)
    app.add_exception_handler(Exception, _fail)
    app.add_middleware(
        Gate,
        guard=RequestGuard(settings.host, frozenset(settings.names)),
        token=token,
        metrics=counters,
        served=("/predict", "/health", "/model", "/metrics", "/openapi.json"),
        public=("/health",),
    )
    return app


class _DirectRoute(APIRoute):
    """A route whose function reads the request and creates the response itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function itself; FastAPI's handler would parse query and body first."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


def _answers(predictor: TextPredictor, texts: list[str]) -> list[dict[str, Any]]:
    return predictor.answers(texts)


def _explained_answers(predictor: TextPredictor, texts: list[str]) -> list[dict[str, Any]]:
    """Answers with the contribution of each part of a text."""
    answers = predictor.answers(texts)
    for text, answer in zip(texts, answers, strict=True):
        pieces = [] if predictor.is_blank(text) else explain_text(predictor, text.strip())
        answer["explanation"] = as_records(pieces)
    return answers


async def _read_body(request: Request, limit: int) -> bytes:
    """The body of a request, read up to the limit.

    Raises:
        HTTPException: Its content type is not JSON, or it is too large or arrives too slowly.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise HTTPException(415, f"send the body as Content-Type: {JSON}")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        slow = f"the body did not arrive within {BODY_SECONDS:.0f} seconds"
        raise HTTPException(408, slow) from None
    return bytes(body)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the body is larger than {limit:,} bytes")


def _described(refusals: dict[HTTPStatus, str]) -> dict[int | str, dict[str, Any]]:
    return {
        status.value: {"model": Problem, "description": description}
        for status, description in refusals.items()
    }


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101  (registered for these)
    return problem(error.status_code, error.detail, dict(error.headers or {}))


async def _refuse_disconnected(_: Request, __: Exception) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, "the client closed the connection")


async def _fail(request: Request, error: Exception) -> Response:
    """Answer and log an error without its message, which may contain review text."""
    logger.error(
        "a request to %s failed: %s",
        request.url.path,
        type(error).__name__,
        exc_info=logger.isEnabledFor(logging.DEBUG),
    )
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal error on this request; see the log of the server",
    )
