"""Pagination of JSON APIs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pipeline.crawl.parse.json_path import MISSING, keys, look_up, put
from pipeline.crawl.parse.urls import follow, parameter, with_parameter
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.json_frame import goes_on
from pipeline.crawl.targets import Target, fill_body, fill_url
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.review import storable
from pipeline.settings import JsonPaging, JsonSource


def first_request(settings: JsonSource, target: Target) -> Request:
    """The request for the first page of a list.

    Raises:
        SettingsError: The body is not a JSON object or cannot hold the paging parameter.
    """
    request = Request(
        url=fill_url(settings.url, target.id),
        method=settings.method,
        body=fill_body(settings.body, target.id) if settings.method == "POST" else "",
        target=target.id,
        group=target.id,
        group_name=target.name,
    )
    if settings.paging is None:
        return request
    if settings.paging.kind == "page":
        return _numbered(request, settings, settings.paging, settings.paging.first)
    if settings.paging.kind == "offset":
        return _with(request, settings.paging.parameter, _offset(request, settings.paging))
    for name in settings.paging.sent:
        _with(request, name, "")  # validates the body early
    return request


def next_request(
    settings: JsonSource, request: Request, page: Page, answer: Any, count: int
) -> Request | None:
    """The request for the next page, None at the end of the list.

    Args:
        settings: Kind and parameters of the pagination.
        request: Request of the current page.
        page: The current page; links are resolved relative to its URL.
        answer: JSON value of the current page.
        count: Number of items on the current page.

    Raises:
        SourceError: The value at ``paging.path`` is not a cursor or URL.
    """
    paging = settings.paging
    if paging is None:
        return None
    following = replace(request, number=request.number + 1)
    if paging.kind == "page":
        number = paging.first + request.number
        return _numbered(following, settings, paging, number) if count else None
    if paging.kind == "offset":
        offset = _offset(request, paging) + count
        return _with(following, paging.parameter, offset) if count else None
    following = replace(following, is_linked=True)
    if paging.kind == "cursor":
        for name, path in paging.sent.items():
            value = _cursor(settings, path, request, page, answer, count)
            if value is None:
                return None
            following = _with(following, name, value)
        return following
    value = _cursor(settings, paging.path, request, page, answer, count)
    target = follow(page.url, str(value)) if value is not None else ""
    return replace(following, url=target) if target else None


def _cursor(
    settings: JsonSource, path: str, request: Request, page: Page, answer: Any, count: int
) -> str | float | None:
    """The value at the path of a cursor or next URL; None at the end of the list.

    Raises:
        SourceError: The value is neither, or it is missing although the list goes on.
    """
    value = look_up(answer, path)
    if value is MISSING and request.number == 1 and count:
        reason = goes_on(answer, settings.items, count, request)
        if reason:
            raise SourceError(
                f"{page.url}: nothing at {path!r}, but {reason}: check source.paging.path, or "
                f"remove source.paging if there is only one page; the response is {keys(answer)}"
            )
    if value is MISSING or value is None or value is False or value in ("", [], {}):
        return None
    if isinstance(value, (dict, list, bool)):
        raise SourceError(
            f"{page.url}: expected a {settings.paging.kind if settings.paging else 'cursor'} value "
            f"at {path!r}, got {keys(value)}: check source.paging.path"
        )
    return storable(value) if isinstance(value, str) else value


def _numbered(request: Request, settings: JsonSource, paging: JsonPaging, number: int) -> Request:
    """The request with a page number, in the parameter or in place of ``{page}``."""
    if paging.parameter:
        return _with(request, paging.parameter, number)
    url = fill_url(settings.url, request.target, number)
    if request.method != "POST":
        return replace(request, url=url)
    return replace(request, url=url, body=fill_body(settings.body, request.target, number))


def _offset(request: Request, paging: JsonPaging) -> int:
    """Offset of a page, from its request; 0 if the parameter is missing."""
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
            "use a number or remove it"
        ) from error


def _with(request: Request, name: str, value: str | float) -> Request:
    """The request with a query parameter set, or a key of the JSON body for a POST."""
    if request.method != "POST":
        return replace(request, url=with_parameter(request.url, name, value))
    body = _body(request)
    try:
        put(body, name, value)
    except TypeError as error:
        raise SettingsError(
            f"source.paging.parameter {name!r}: {error} in source.body is not an object"
        ) from error
    return replace(request, body=json.dumps(body))


def _body(request: Request) -> dict[str, Any] | list[Any]:
    try:
        body = json.loads(request.body or "{}")
    except ValueError as error:
        raise SettingsError(f"source.body is not valid JSON: {error}") from error
    if not isinstance(body, dict | list):
        raise SettingsError(
            "source.body is not a JSON object or list: source.paging.parameter needs one"
        )
    return body
