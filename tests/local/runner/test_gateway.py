"""The gateway: who gets which path, what passes through untouched, and what does not pass."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from local.control.app import control_app
from local.control.faults import Control
from local.runner.controls import Controls
from local.runner.front import Front
from local.runner.gateway import Gateway, owner
from local.runner.pages import Pages
from local.runner.proxy import Proxy
from local.standin import HttpServer

pytestmark = pytest.mark.source("local/README.md: where the local gateway differs from Firebase Hosting")


class Function:
    """A function behind the gateway that tells what reached it, and streams when asked."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.left = asyncio.Event()
        paths = "/{path:path}"
        self.app = Starlette(
            routes=[
                Route("/chat/stream", self.stream, methods=["POST"]),
                Route("/chat/wait", self.wait),
                Route("/chat/cut", self.cut),
                Route(paths, self.tell, methods=["GET", "POST", "PUT", "DELETE", "PATCH"]),
            ]
        )

    async def tell(self, request: Request) -> Response:
        """What arrived, as JSON."""
        body = await request.body()
        told = {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": [[name, value] for name, value in request.headers.items()],
            "size": len(body),
        }
        response = JSONResponse(told, 418)
        response.headers.append("set-cookie", "a=1")
        response.headers.append("set-cookie", "b=2")
        return response

    async def stream(self, _: Request) -> Response:
        """Two events, the second when told to go on."""

        async def events() -> AsyncIterator[bytes]:
            try:
                yield b"event: meta\ndata: {}\n\n"
                await self.go_on.wait()
                yield b"event: done\ndata: {}\n\n"
            finally:
                self.left.set()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def wait(self, request: Request) -> Response:
        """Answers nothing until the caller hangs up."""
        self.go_on.set()
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self.left.set()
        return Response()

    async def cut(self, _: Request) -> Response:
        """Less than it promised."""

        async def half() -> AsyncIterator[bytes]:
            yield b"half"
            await asyncio.sleep(0)

        return StreamingResponse(half(), headers={"content-length": "100"})


class Rig:
    """A gateway with one function as `chat`, nothing as `auth`, and two control ports."""

    def __init__(
        self, base: str, function: Function, client: httpx.AsyncClient, dist: Path, front: HttpServer | Front
    ) -> None:
        self.base, self.function, self.client, self.dist = base, function, client, dist
        self.front = front


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A running gateway."""
    function = Function()
    servers: list[HttpServer | Front] = []

    async def stop() -> None:
        await asyncio.gather(*(server.stop() for server in servers))

    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(stop)

        async def serve(app: ASGIApp, kind: type[HttpServer] | type[Front] = HttpServer) -> str:
            server = kind(app)
            port = await server.start()
            servers.append(server)
            return f"http://127.0.0.1:{port}"

        chat = await serve(function.app)
        controls = [await serve(control_app([Control(name)])) for name in ("firestore", "tasks")]
        ports = [int(address.rpartition(":")[2]) for address in controls]
        proxy = Proxy({"chat": chat, "auth": "http://127.0.0.1:1"})
        control = Controls(ports, {"admin": "alice@example.com"}, Control("functions"))
        gateway = Gateway(proxy, control, Pages(tmp_path))
        base = await serve(await stack.enter_async_context(gateway.open()), Front)
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=base, timeout=10))
        yield Rig(base, function, client, tmp_path, servers[-1])


def build_page(dist: Path) -> None:
    """A built page as Vite leaves it."""
    (dist / "assets").mkdir()
    (dist / "index.html").write_text("<!doctype html>the page")
    (dist / "assets" / "index-abc123.js").write_text("1")


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/auth/login", "auth"),
        ("/chat", "chat"),
        ("/chat/conversations/1", "chat"),
        ("/collections", "chat"),
        ("/collections/main", "ingest"),
        ("/folders", "chat"),
        ("/folders/search", "chat"),
        ("/files/x/passages", "chat"),
        ("/ingest/tasks/file", "ingest"),
        ("/health", "health"),
        ("/cache/status", "health"),
        ("/cost/summary", "health"),
        ("/stats", "health"),
        ("/metrics", "health"),
        ("/audit", "health"),
        ("/", None),
        ("/chatter", None),
        ("/assets/index.js", None),
    ],
)
def test_each_path_has_its_owner(path: str, role: str | None) -> None:
    """Every route of the design goes to the function that has it; the rest is the page's."""
    assert owner(path) == role


async def test_a_request_passes_untouched(rig: Rig) -> None:
    """Method, escaped path, query, status, body size and repeated headers arrive as they were sent."""
    answer = await rig.client.put("/files/a%2Fb?q=1&q=2", content=b"x" * 2_000_000)
    told = answer.json()
    assert answer.status_code == 418
    assert (told["method"], told["path"], told["query"]) == ("PUT", "/files/a%2Fb", "q=1&q=2")
    assert told["size"] == 2_000_000
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert len(answer.headers.get_list("date")) == 1


async def test_only_the_session_cookie_passes(rig: Rig) -> None:
    """Of all cookies the function sees only __session, as behind Firebase Hosting."""
    told = (await rig.client.get("/chat", headers={"Cookie": "a=1; __session=tok=en; __sessions=2"})).json()
    assert [value for name, value in told["headers"] if name == "cookie"] == ["__session=tok=en"]
    told = (await rig.client.get("/chat", headers={"Cookie": "a=1"})).json()
    assert "cookie" not in dict(told["headers"])


async def test_forwarded_headers(rig: Rig) -> None:
    """The caller's address is appended to what it claims; proto and host are ours alone to say."""
    claims = {"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    told = (await rig.client.get("/chat", headers=claims)).json()
    found = {name: value for name, value in told["headers"] if name.startswith("x-forwarded")}
    assert found == {
        "x-forwarded-for": "9.9.9.9, 127.0.0.1",
        "x-forwarded-proto": "http",
        "x-forwarded-host": rig.base.removeprefix("http://"),
    }


async def test_a_stream_is_not_held_back(rig: Rig) -> None:
    """The first event is here before the second has been made."""
    async with rig.client.stream("POST", "/chat/stream", json={}) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == "event: meta"
        assert not rig.function.left.is_set()
        rig.function.go_on.set()
        assert [line async for line in lines if line][1] == "event: done"


async def test_hanging_up_in_mid_stream_reaches_the_function(rig: Rig) -> None:
    """A caller who leaves while it streams ends the function's work."""
    async with rig.client.stream("POST", "/chat/stream", json={}) as answer:
        assert await anext(answer.aiter_lines()) == "event: meta"
    await asyncio.wait_for(rig.function.left.wait(), 10)


async def test_hanging_up_before_the_answer_reaches_the_function(rig: Rig) -> None:
    """A caller who leaves before the first byte ends the function's work too."""
    call = asyncio.create_task(rig.client.get("/chat/wait"))
    await asyncio.wait_for(rig.function.go_on.wait(), 10)
    call.cancel()
    await asyncio.wait_for(rig.function.left.wait(), 10)


async def test_a_function_that_is_down_is_named(rig: Rig) -> None:
    """502 problem+json with the function's name, not a stack trace."""
    answer = await rig.client.get("/auth/user")
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert "auth" in answer.json()["detail"]


async def test_an_answer_cut_short_is_cut_short(rig: Rig) -> None:
    """When the function breaks off, the caller sees a broken answer, not a whole one."""
    with pytest.raises(httpx.RemoteProtocolError):
        await rig.client.get("/chat/cut")


async def test_the_page_and_its_routes(rig: Rig) -> None:
    """A browser gets index.html for every path of the page's own, never from a cache unasked."""
    build_page(rig.dist)
    for path in ("/", "/index.html", "/c/42"):
        answer = await rig.client.get(path, headers={"Accept": "text/html,*/*"})
        assert answer.text == "<!doctype html>the page", path
        assert answer.headers["cache-control"] == "no-cache"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"


async def test_hashed_assets_are_kept_for_ever(rig: Rig) -> None:
    """What has its hash in its name may be kept by the browser."""
    build_page(rig.dist)
    answer = await rig.client.get("/assets/index-abc123.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("GET", "/assets/gone.js", "text/html"),
        ("GET", "/nowhere", "application/json"),
        ("POST", "/nowhere", "text/html"),
        ("GET", "/../ports.py", "*/*"),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", "*/*"),
        ("GET", "/local/other", "*/*"),
    ],
)
async def test_what_is_not_there(rig: Rig, method: str, path: str, accept: str) -> None:
    """Scripts and API callers get 404 problem+json for unknown paths, not the page."""
    build_page(rig.dist)
    answer = await rig.client.request(method, path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


async def test_a_page_not_built_says_so(rig: Rig) -> None:
    """Without a build the sentence says how to get one."""
    answer = await rig.client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "make run" in answer.json()["detail"]


async def test_controls_of_all_processes_are_one(rig: Rig) -> None:
    """Counts are merged, a fault goes to the service it names, and clearing reaches all."""
    assert (await rig.client.get("/local/control/calls")).json() == {"firestore": {}, "tasks": {}}
    fault = {"service": "tasks", "method": "CreateTask", "status": "UNAVAILABLE"}
    await rig.client.post("/local/control/faults", json=fault)
    armed = (await rig.client.get("/local/control/faults")).json()
    assert armed["firestore"] == []
    assert armed["tasks"][0]["method"] == "CreateTask"
    assert (await rig.client.put("/local/control/round-trip", json={"seconds": 0.01})).status_code == 200
    cleared = (await rig.client.delete("/local/control/faults")).json()
    assert cleared == {"firestore": [], "tasks": []}
    unknown = await rig.client.post("/local/control/faults", json={"service": "mail", "method": "*"})
    assert unknown.status_code == 404
    assert (await rig.client.get("/local/stack")).json() == {"admin": "alice@example.com"}


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_controls_are_not_for_other_sites(rig: Rig, header: dict[str, str]) -> None:
    """A page of another site, or a name made to point here, does not reach the controls."""
    fault = json.dumps({"service": "tasks", "method": "*", "drop": True})
    answer = await rig.client.post("/local/control/faults", content=fault, headers=header)
    assert answer.status_code == 404
    assert (await rig.client.get("/local/control/faults")).json()["tasks"] == []


async def test_ending_under_way_is_quiet(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A gateway that ends while it streams cuts the stream and logs no traceback."""
    async with rig.client.stream("POST", "/chat/stream", json={}) as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == "event: meta"
        await rig.front.stop()
        with pytest.raises(httpx.RemoteProtocolError):
            _ = [line async for line in lines]
    assert [record for record in caplog.records if record.name == "uvicorn.error"] == []
