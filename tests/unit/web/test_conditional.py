"""Answers that are not sent twice."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.limits import meter
from shared.limits.meter import Meter
from shared.web.conditional import revalidated

SHOWN = {"folders": ["a"]}


async def _folders(request: Request) -> Response:
    return revalidated(request, SHOWN)


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of an app with one route."""
    app = Starlette(routes=[Route("/folders", _folders)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_what_the_caller_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    """304 with the same tag, however the tag is listed; counted; private in either case."""
    mine = Meter()
    meter.begin(mine)
    first = await client.get("/folders")
    tag = first.headers["etag"]
    for listed in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await client.get("/folders", headers={"if-none-match": listed})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "private, no-cache"
    assert mine.counts["not_modified"] == 3


async def test_what_changed_is_sent(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another content has another tag."""
    first = await client.get("/folders")
    monkeypatch.setitem(SHOWN, "folders", ["b"])
    again = await client.get("/folders", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.json() == {"folders": ["b"]}
