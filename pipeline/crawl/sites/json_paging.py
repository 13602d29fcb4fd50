"""Requests for the pages of a JSON API, one after another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pipeline.crawl.parse.json_path import MISSING, keys, look_up
from pipeline.crawl.parse.urls import follow, parameter, with_parameter
from pipeline.crawl.sites.base import Page, Request
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.review import storable
from pipeline.settings import JsonPaging, JsonSource


def first_request(settings: JsonSource) -> Request:
    """What a crawl asks for first.

    Raises:
        SettingsError: The body is no JSON object, or has something else where the parameter is.
    """
    body = settings.body if settings.method == "POST" else ""
    request = Request(url=settings.url, method=settings.method, body=body)
    if settings.paging is None:
        return request
    if settings.paging.kind == "page":
        return _with(request, settings.paging.parameter, settings.paging.first)
    if settings.paging.kind == "offset":
        return _with(request, settings.paging.parameter, _offset(request, settings.paging))
    if settings.paging.kind == "cursor":
        _with(request, settings.paging.parameter, "")  # that it can be done is known at once
    return request


def next_request(
    paging: JsonPaging, request: Request, page: Page, answer: Any, count: int
) -> Request | None:
    """What a crawl asks for after a page; None at the end of the list.

    Args:
        paging: How pages follow one another.
        request: What the page answers.
        page: Its links are relative to this.
        answer: Its JSON value.
        count: Items on it.

    Raises:
        SourceError: What should be a cursor or an address is something else.
    """
    following = replace(request, number=request.number + 1)
    if paging.kind == "page":
        return _with(following, paging.parameter, paging.first + request.number) if count else None
    if paging.kind == "offset":
        offset = _offset(request, paging) + count
        return _with(following, paging.parameter, offset) if count else None
    value = look_up(answer, paging.path)
    if value is MISSING or value is None or value is False or value in ("", [], {}):
        return None
    if isinstance(value, (dict, list, bool)):
        raise SourceError(
            f"{page.url} has no {paging.kind} at {paging.path!r} but {keys(value)}: "
            "check source.paging.path"
        )
    if paging.kind == "cursor":
        value = storable(value) if isinstance(value, str) else value
        return _with(following, paging.parameter, value)
    target = follow(page.url, storable(str(value)))
    return replace(following, url=target) if target else None


def _offset(request: Request, paging: JsonPaging) -> int:
    """Where a page begins, as its own request says."""
    if request.method == "POST":
        value = look_up(_body(request), paging.parameter)
    else:
        value = parameter(request.url, paging.parameter)
    if value is None or value is MISSING:
        return 0
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"source.paging.parameter {paging.parameter!r} is {value!r} in the first request: "
            "give a number or leave it out"
        ) from error


def _with(request: Request, name: str, value: str | float) -> Request:
    """The request with a parameter of its address, or of its body where it has one."""
    if request.method != "POST":
        return replace(request, url=with_parameter(request.url, name, value))
    body = inside = _body(request)
    *parents, last = name.split(".")
    for key in parents:
        inside = inside.setdefault(key, {})
        if not isinstance(inside, dict):
            raise SettingsError(
                f"source.paging.parameter {name!r}: {key!r} of source.body is no object"
            )
    inside[last] = value
    return replace(request, body=json.dumps(body))


def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or "{}")
    except ValueError as error:
        raise SettingsError(f"source.body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise SettingsError("source.body is no JSON object: paging needs one for its parameter")
    return body
