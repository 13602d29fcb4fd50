"""Metrics of the API for Prometheus."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

OTHER = "other"
"""Label for all paths that are not served."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Upper bounds of the latency histogram, in seconds."""


class Metrics:
    """Counts requests and texts; one for each server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "review_sentiment_requests",
            "Requests by path and status.",
            ["path", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "review_sentiment_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ["path"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._texts = Counter("review_sentiment_texts", "Texts answered.", registry=self._registry)
        self._model = Gauge(
            "review_sentiment_model_info",
            "1 for the version that answers.",
            ["version"],
            registry=self._registry,
        )

    def count_request(self, path: str, status: int, seconds: float) -> None:
        """Count a finished request to a path that is served, or to ``OTHER``."""
        self._requests.labels(path, status).inc()
        self._seconds.labels(path).observe(seconds)

    def count_texts(self, texts: int) -> None:
        """Count answered texts."""
        self._texts.inc(texts)

    def exposition(self, model: str) -> bytes:
        """All metrics in Prometheus's text format.

        Args:
            model: Name of the model that is served now.
        """
        self._model.clear()
        self._model.labels(model).set(1)
        return generate_latest(self._registry)
