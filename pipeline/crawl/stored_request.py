"""Requests as the database stores them: JSON without the secrets of the settings."""

from __future__ import annotations

from dataclasses import replace

from pipeline.crawl.parse.urls import Secrets
from pipeline.crawl.sites.base import Request


def dump_request(request: Request, secrets: Secrets) -> str:
    """The request as JSON, without the secrets."""
    hide = secrets.hide
    return replace(request, url=hide(request.url), body=hide(request.body)).dump()


def load_request(stored: str, secrets: Secrets) -> Request:
    """The request that :func:`dump_request` returned as JSON, with the current secrets."""
    request, show = Request.load(stored), secrets.show
    return replace(request, url=show(request.url), body=show(request.body))
