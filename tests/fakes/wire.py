"""Holds every answer that a test sees against what its route says that it answers."""

import re
from collections.abc import Iterator

import httpx
from pydantic import TypeAdapter

from scripts.openapi import FUNCTIONS
from shared.web.described import Wire
from shared.web.guard import Described

_UNTOLD = (304, 404, 405)


def check(answer: httpx.Response) -> None:
    """Raise AssertionError when the answer is not one that its route describes."""
    wire = _wire_of(answer.request)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if wire is None or kind == "application/problem+json" or answer.status_code in _UNTOLD:
        return
    known = [one for status, one in wire.answers if status == answer.status_code]
    where = f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {kind}"
    assert known or kind == "text/html", f"{where} is not described"
    models = [one for one in known if isinstance(one, type)]
    if kind == "application/json" and models and answer.request.method != "HEAD":
        fits = any(_fits(TypeAdapter(one), answer.content) for one in models)
        assert fits, f"{where} is not {models}: {answer.text}"


def _fits(adapter: TypeAdapter[object], body: bytes) -> bool:
    try:
        adapter.validate_json(body)
    except ValueError:
        return False
    return True


def _wire_of(request: httpx.Request) -> Wire | None:
    found = (one for one in _routes() if request.method in (one.methods or ()))
    return next((one.wire for one in found if re.fullmatch(_pattern(one.path), request.url.path)), None)


def _routes() -> Iterator[Described]:
    """Those without parameters first, as they are more exact."""
    listed = [one for routes in FUNCTIONS.values() for one in routes if isinstance(one, Described)]
    yield from sorted(listed, key=lambda one: one.path.count("{"))


def _pattern(path: str) -> str:
    return re.sub(r"{\w+}", "[^/]+", path)
