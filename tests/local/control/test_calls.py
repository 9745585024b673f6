"""What a control remembers of calls, over gRPC and HTTP, and what it does to them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import httpx
import pytest
from google.cloud.secretmanager_v1.types import AccessSecretVersionRequest, AccessSecretVersionResponse
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Scope

from local.control.app import control_app
from local.control.calls import request_of
from local.control.faults import Control, Fault
from local.control.http import ControlMiddleware
from local.secrets.server import SecretsServer
from local.standin import HttpServer, Options

pytestmark = pytest.mark.source("local/control/README.md: calls, traces and faults")

TRACE = "0af7651916cd43dd8448eb211c80319c"
NAME = "projects/p/secrets/s/versions/latest"
ACCESS = "/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("traceparent", f"00-{TRACE}-b7ad6b7169203331-01")], TRACE),
        ([("traceparent", f"cc-{TRACE}-b7ad6b7169203331-01-what-comes-later")], TRACE),
        ([("x-cloud-trace-context", f"{TRACE}/12345;o=1")], TRACE),
        ([("x-request-id", b"ask-7")], "ask-7"),
        ([("x-request-id", "ask-7"), ("traceparent", f"00-{TRACE}-b7ad6b7169203331-01")], TRACE),
        ([("traceparent", "00-xyz-1-01"), ("x-request-id", "ask-7")], "ask-7"),
        ([("traceparent", f"00-{TRACE.upper()}-b7ad6b7169203331-01")], ""),
        ([("x-request-id", "two words")], ""),
        ([], ""),
    ],
)
def test_the_request_of_a_call(headers: list[tuple[str, str | bytes]], expected: str) -> None:
    """W3C Trace Context first, then Google's older header, then a plain id; what is malformed is none."""
    assert request_of(headers) == expected


@pytest.fixture
async def secrets() -> AsyncIterator[SecretsServer]:
    """A gRPC stand-in with one secret."""
    server = SecretsServer(Options(settings={"secrets": '{"projects/p/secrets/s": "value"}'}))
    await server.start()
    yield server
    await server.stop()


async def access(server: SecretsServer, metadata: Any = (), name: str = NAME) -> tuple[int, int]:
    """Read the secret; how many bytes went there and back."""
    async with grpc.aio.insecure_channel(server.exports()["SECRETS_HOST"]) as channel:
        call = channel.unary_unary(ACCESS)
        request = AccessSecretVersionRequest.serialize(AccessSecretVersionRequest(name=name))
        reply = await call(request, metadata=metadata)
        assert AccessSecretVersionResponse.deserialize(reply).payload.data == b"value"
        return len(request), len(reply)


async def test_a_grpc_call_is_remembered(secrets: SecretsServer) -> None:
    """With its request, status, duration and the bytes of its messages as they were on the wire."""
    sizes = await access(secrets, (("traceparent", f"00-{TRACE}-b7ad6b7169203331-01"),))
    (call,) = secrets.control.traces
    assert (call.service, call.method, call.request, call.status) == (
        "secrets",
        "AccessSecretVersion",
        TRACE,
        "OK",
    )
    assert (call.received, call.sent) == sizes
    assert call.seconds is not None
    assert call.seconds > 0


async def test_a_failed_grpc_call_keeps_its_code(secrets: SecretsServer) -> None:
    """The code that the service ended it with, or the one that was injected, which is told apart."""
    secrets.control.faults.append(Fault("AccessSecretVersion", status="UNAVAILABLE"))
    for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await access(secrets, name="projects/p/secrets/none/versions/1")
        assert error.value.code() == code
    injected, missing = secrets.control.traces
    assert (injected.status, injected.fault) == ("UNAVAILABLE", "UNAVAILABLE")
    assert (missing.status, missing.fault) == ("NOT_FOUND", "")


@pytest.fixture
async def echo() -> AsyncIterator[tuple[Control, httpx.AsyncClient, httpx.AsyncClient]]:
    """An HTTP service with its control: a client of the one, and one of the other."""

    async def answer(request: Any) -> PlainTextResponse:
        return PlainTextResponse(await request.body(), 201)

    control = Control("echo")
    app = Starlette(routes=[Route("/say", answer, methods=["POST"])])

    def name(scope: Scope) -> str:
        return str(scope["path"]).strip("/")

    service = HttpServer(ControlMiddleware(app, control, name, lambda status: {"code": status}))
    face = HttpServer(control_app([control]))
    addresses = [f"http://127.0.0.1:{await one.start()}" for one in (service, face)]
    there, here = (httpx.AsyncClient(base_url=address) for address in addresses)
    async with there, here:
        yield control, there, here
    await service.stop()
    await face.stop()


Echo = tuple[Control, httpx.AsyncClient, httpx.AsyncClient]


async def test_http_calls_are_told_by_request(echo: Echo) -> None:
    """GET /traces gives those of one request, or the last ones of all, in the order of their beginning."""
    _, there, here = echo
    for request in ("a", "b", "a"):
        await there.post("/say", content=b"12345", headers={"x-request-id": request})
    found = (await here.get("/traces", params={"request": "a"})).json()["traces"]
    assert [(one["request"], one["status"], one["received"], one["sent"]) for one in found] == [
        ("a", "201", 5, 5)
    ] * 2
    last = (await here.get("/traces", params={"last": "2"})).json()["traces"]
    assert [one["request"] for one in last] == ["b", "a"]
    assert last[0]["began"] <= last[1]["began"]
    assert (await here.delete("/traces")).json() == {"traces": []}


async def test_calls_wait_while_they_are_held(echo: Echo) -> None:
    """PUT /hold lets new calls wait until DELETE /hold, or until its seconds are over."""
    control, there, here = echo
    await here.put("/hold", json={"seconds": 20})
    waiting = asyncio.create_task(there.post("/say"))
    while not control.traces:
        await asyncio.sleep(0.005)
    assert control.under_way == 0
    assert not waiting.done()
    await here.delete("/hold")
    assert (await waiting).status_code == 201
    await here.put("/hold", json={"seconds": 0.05})
    assert (await there.post("/say")).status_code == 201


async def test_one_fault_is_disarmed_alone(echo: Echo) -> None:
    """DELETE /faults takes a service and the id that the list gives; without them it disarms all."""
    _, there, here = echo
    for status in ("503", "429"):
        armed = await here.post("/faults", json={"service": "echo", "status": status, "times": 0})
    first, _ = armed.json()["echo"]
    left = (await here.delete("/faults", params={"service": "echo", "id": first["id"]})).json()["echo"]
    assert [one["status"] for one in left] == ["429"]
    assert (await there.post("/say")).status_code == 429
    assert (await here.delete("/faults")).json() == {"echo": []}
    assert (await here.post("/faults", json={"service": "mail"})).status_code == 404
    assert (await here.post("/faults", json={"service": "echo", "colour": "red"})).status_code == 422


async def test_the_page_and_who_may_have_it(echo: Echo) -> None:
    """The page is served without inline code; another host name or another site's page gets 404."""
    _, _, here = echo
    for path, kind in (("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css")):
        answer = await here.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "<script>" not in answer.text
        assert "style=" not in answer.text
    for headers in ({"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await here.get("/calls", headers=headers)).status_code == 404
