"""What every function answers to the good, the bad and the unforeseen."""

import json
from collections.abc import AsyncIterator, Collection
from typing import Annotated

import httpx
import pytest
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from shared.errors import NotSignedIn, Unavailable
from shared.models import Person
from shared.web.app import make_app
from shared.web.body import MAX_BODY, read
from shared.web.guard import Access, Guard, person, route
from shared.web.sse import Event, event_stream

HOME = "https://docent.example.com"


class FakePeople:
    """Two sessions; a third that cannot be checked."""

    async def person(self, token: str) -> Person:
        """The person of a known token."""
        if token == "unknowable":
            raise Unavailable("Firestore cannot be reached.", retry_after=5)
        if token not in ("alice", "admin"):
            raise NotSignedIn("Your session has ended.")
        return Person(token, f"{token}@example.com", "example.com", admin=token == "admin")


class FakeCallers:
    """Knows one token of one service account."""

    async def verify(self, token: str, audience: str, allowed: Collection[str]) -> str:
        """The account of the known token."""
        if token != "task-token" or audience != HOME or "tasks@example.com" not in allowed:
            raise NotSignedIn("Not one of ours.")
        return "tasks@example.com"


class Wish(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid")
    message: Annotated[str, StringConstraints(min_length=1, max_length=10)]


async def _hello(request: Request) -> Response:
    return JSONResponse({"hello": person(request).subject})


async def _wish(request: Request) -> Response:
    return JSONResponse({"wish": (await read(request, Wish)).message})


async def _boom(_: Request) -> Response:
    raise RuntimeError("the database password is hunter2")


async def _plain(_: Request) -> Response:
    return PlainTextResponse("hello")


async def _stream(_: Request) -> Response:
    async def events() -> AsyncIterator[Event]:
        yield Event("token", {"text": "grüß\ndich"})

    return event_stream(events())


GUARD = Guard(
    FakePeople(), frozenset([HOME]), FakeCallers(), HOME, frozenset(["tasks@example.com"]), frozenset()
)
ROUTES = [
    route("/hello", _hello),
    route("/wish", _wish, method="POST"),
    route("/boom", _boom, access=Access.PUBLIC),
    route("/public", _plain, access=Access.PUBLIC),
    route("/admin", _plain, access=Access.ADMIN),
    route("/task", _plain, method="POST", access=Access.TASK),
    route("/stream", _stream, access=Access.PUBLIC),
]


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app with one route of each kind."""
    transport = httpx.ASGITransport(make_app(ROUTES, object(), GUARD))
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as one:
        yield one


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "code"),
    [
        ("GET", "/hello", "", 401, "not-signed-in"),
        ("GET", "/hello", "mallory", 401, "not-signed-in"),
        ("GET", "/hello", "unknowable", 503, "unavailable"),
        ("GET", "/admin", "alice", 403, "not-allowed"),
        ("POST", "/task", "alice", 401, "not-signed-in"),
        ("POST", "/task", "", 401, "not-signed-in"),
        ("GET", "/nothing", "", 401, "not-signed-in"),
        ("GET", "/nothing", "alice", 404, "not-found"),
        ("DELETE", "/hello", "alice", 405, "wrong-method"),
        ("GET", "/boom", "", 500, "internal"),
    ],
)
async def test_every_refusal_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, token: str, status: int, code: str
) -> None:
    """Status, stable type, a sentence and the request id; nothing of what went wrong inside."""
    answer = await client.request(method, path, headers=bearer(token) if token else {})
    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:problem-type:docent:{code}"
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "hunter2" not in answer.text


async def test_the_good_come_in(client: httpx.AsyncClient) -> None:
    """A session by bearer or cookie, an administrator, a task with its token."""
    assert (await client.get("/hello", headers=bearer("alice"))).json() == {"hello": "alice"}
    cookie = {"Cookie": "__session=alice"}
    assert (await client.get("/hello", headers=cookie)).json() == {"hello": "alice"}
    assert (await client.get("/admin", headers=bearer("admin"))).status_code == 200
    assert (await client.post("/task", headers=bearer("task-token"))).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[]", 422, "invalid"),
        (b'{"message": ""}', 422, "invalid"),
        (b'{"message": "12345678901"}', 422, "invalid"),
        (b'{"message": "hi", "extra": 1}', 422, "invalid"),
        (b" " * (MAX_BODY + 1), 413, "too-large"),
    ],
)
async def test_a_bad_body_is_a_clear_4xx(
    client: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    """Not JSON, the wrong shape, too short, too long, unknown fields, too large."""
    answer = await client.post("/wish", content=body, headers=bearer("alice"))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:problem-type:docent:{code}")


async def test_a_body_without_a_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    """A chunked body is cut off at the limit, not read to its end."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b" " * 10_000

    answer = await client.post("/wish", content=endless(), headers=bearer("alice"))
    assert answer.status_code == 413
    assert sent < 20


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": HOME}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": HOME + ".evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({}, 403),
    ],
)
async def test_a_cookie_alone_does_not_write(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    """An unsafe request with a cookie must show that one of our own pages sent it."""
    answer = await client.post(
        "/wish", json={"message": "hi"}, headers={"Cookie": "__session=alice", **headers}
    )
    assert answer.status_code == status


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    """Also errors: no sniffing, no framing, no caching, no referrer."""
    for path in ("/public", "/hello", "/boom"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"


async def test_only_known_origins_may_read_across_sites(client: httpx.AsyncClient) -> None:
    """CORS names the exact origin, with credentials; a stranger's gets no header."""
    ours = await client.get("/public", headers={"Origin": HOME})
    assert ours.headers["access-control-allow-origin"] == HOME
    theirs = await client.get("/public", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in theirs.headers


async def test_the_trace_of_the_front_end_is_the_request_id(client: httpx.AsyncClient) -> None:
    """A well-formed trace id is taken over; anything else is replaced."""
    trace = "0123456789abcdef0123456789abcdef"
    answer = await client.get("/public", headers={"X-Cloud-Trace-Context": f"{trace}/1;o=1"})
    assert answer.headers["x-request-id"] == trace
    answer = await client.get("/public", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert answer.headers["x-request-id"] == trace
    answer = await client.get("/public", headers={"X-Cloud-Trace-Context": "<script>/1"})
    assert len(answer.headers["x-request-id"]) == 32


async def test_an_event_is_one_line_of_json(client: httpx.AsyncClient) -> None:
    """A line break inside the data does not end the event."""
    answer = await client.get("/stream")
    assert answer.headers["content-type"].startswith("text/event-stream")
    name, data, *rest = answer.text.split("\n")
    assert name == "event: token"
    assert json.loads(data.removeprefix("data: ")) == {"text": "grüß\ndich"}
    assert rest == ["", ""]
