"""All services saved and restored by one request to the gateway, and the traces of all in one list."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control.app import control_app
from local.control.faults import Control
from local.control.snapshots import Snapshots
from local.runner.controls import Controls
from local.runner.front import Front
from local.runner.gateway import Gateway
from local.runner.pages import Pages
from local.runner.proxy import Proxy
from local.standin import HttpServer

pytestmark = pytest.mark.source("local/control/README.md: snapshots")


class Service:
    """A stand-in whose state is one word."""

    def __init__(self, name: str) -> None:
        self.control, self.word = Control(name), ""

    async def save(self, folder: Path) -> None:
        """Write the word down."""
        await asyncio.sleep(0)
        (folder / "word").write_text(self.word)

    async def restore(self, folder: Path | None) -> None:
        """Read it, or forget it."""
        await asyncio.sleep(0)
        self.word = (folder / "word").read_text() if folder else ""

    async def take(self, word: str, request: str) -> None:
        """A call that changes the state."""
        with self.control.call("take", [("x-request-id", request)]) as call:
            await self.control.meet(call)
            self.word = word


class Block:
    """Two services in two processes' place, one function that writes to both, and a gateway."""

    def __init__(self, base: str, services: list[Service], controls: list[httpx.AsyncClient]) -> None:
        self.services, self.controls = services, controls
        self.client = httpx.AsyncClient(base_url=base)
        self.pause = asyncio.Event()
        self.pause.set()
        self.under_way: asyncio.Task[httpx.Response]
        self.seen: list[str] = []
        self.functions = Control("functions")

    @property
    def words(self) -> list[str]:
        """The state of both."""
        return [service.word for service in self.services]

    async def write(self, request: Request) -> Response:
        """Write the word to the one, then to the other; between them wait, if told to."""
        word, trace = (await request.body()).decode(), request.headers["x-cloud-trace-context"].split("/")[0]
        self.seen.append(trace)
        await self.services[0].take(word, trace)
        await self.pause.wait()
        await self.services[1].take(word, trace)
        return JSONResponse({"trace": trace})

    async def post(self, word: str) -> httpx.Response:
        """Ask the function."""
        return await self.client.post("/chat", content=word)

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask the gateway's control."""
        return await self.client.request(method, f"/local/control{path}", json=body)


@pytest.fixture
async def block(tmp_path: Path) -> AsyncIterator[Block]:
    """A running block without processes."""
    services = [Service("one"), Service("two")]
    apps = [control_app([one.control], Snapshots([one], tmp_path / "snapshots")) for one in services]
    made = Block("", services, [])
    function = Starlette(routes=[Route("/chat", made.write, methods=["POST"])])
    servers: list[HttpServer | Front] = [HttpServer(app) for app in (*apps, function)]
    *ports, chat = [await server.start() for server in servers]
    controls = Controls(ports, {}, made.functions)
    gateway = Gateway(Proxy({"chat": f"http://127.0.0.1:{chat}"}), controls, Pages(tmp_path))
    servers.append(Front(gateway))
    made.client.base_url = httpx.URL(f"http://127.0.0.1:{await servers[-1].start()}")
    made.controls = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") for port in ports]
    async with gateway.open():
        yield made
    for client in (made.client, *made.controls):
        await client.aclose()
    for server in servers:
        await server.stop()


async def test_one_request_saves_and_restores_all(block: Block) -> None:
    """Both services go back together; a second snapshot of the name takes the place of the first."""
    await block.post("first")
    saved = await block.control("POST", "/snapshots", {"name": "a"})
    assert saved.status_code == 201
    assert saved.json()["snapshots"][0]["bytes"] == 10
    await block.post("second")
    assert (await block.control("POST", "/snapshots/a/restore")).status_code == 200
    assert block.words == ["first", "first"]
    await block.post("third")
    await block.control("POST", "/snapshots", {"name": "a"})
    reset = await block.control("DELETE", "/state")
    assert reset.json() == {"reset": ["one", "two"]}
    assert block.words == ["", ""]
    await block.control("POST", "/snapshots/a/restore")
    assert block.words == ["third", "third"]


async def test_a_snapshot_that_one_process_lacks_is_none(block: Block) -> None:
    """It is not listed and not restored: nothing changes, and the answer is 404."""
    await block.controls[0].post("/snapshots", json={"name": "half"})
    await block.post("now")
    assert (await block.control("GET", "/snapshots")).json() == {"snapshots": []}
    assert (await block.control("POST", "/snapshots/half/restore")).status_code == 404
    assert block.words == ["now", "now"]
    assert (await block.control("POST", "/snapshots", {"name": "../x"})).status_code == 422
    assert (await block.control("DELETE", "/snapshots/half")).json() == {"snapshots": []}
    assert (await block.control("DELETE", "/snapshots/half")).status_code == 404


async def restoring(block: Block) -> "asyncio.Task[httpx.Response]":
    """A restore of "saved" that waits for a request which has written "old" to the first service only."""
    await block.post("saved")
    await block.control("POST", "/snapshots", {"name": "a"})
    block.pause = asyncio.Event()
    block.under_way = asyncio.create_task(block.post("old"))
    while block.words != ["old", "saved"]:
        await asyncio.sleep(0.005)
    task = asyncio.create_task(block.control("POST", "/snapshots/a/restore"))
    while not block.functions.held:
        await asyncio.sleep(0.005)
    return task


async def test_a_restore_waits_for_requests_under_way(block: Block) -> None:
    """They finish first, so no old write lands in the new state."""
    task = await restoring(block)
    await asyncio.sleep(0.05)  # what would go wrong has to have time for it
    block.pause.set()
    assert (await task).status_code == (await block.under_way).status_code == 200
    assert block.words == ["saved", "saved"]


async def test_what_comes_during_a_restore_waits(block: Block) -> None:
    """A new request reaches its function when the state is restored, and not before."""
    task = await restoring(block)
    late = asyncio.create_task(block.post("late"))
    while len(block.functions.traces) < 3:
        await asyncio.sleep(0.005)
    assert len(block.seen) == 2
    block.pause.set()
    assert (await task).status_code == (await late).status_code == 200
    assert block.words == ["late", "late"]


async def test_a_snapshot_is_a_moment_of_all(block: Block) -> None:
    """A request between its two writes is in the snapshot with the first only, whenever it ends."""
    await block.post("before")
    block.pause = asyncio.Event()
    under_way = asyncio.create_task(block.post("after"))
    while block.words != ["after", "before"]:
        await asyncio.sleep(0.005)
    await block.control("POST", "/snapshots", {"name": "a"})
    block.pause.set()
    await under_way
    assert block.words == ["after", "after"]
    await block.control("POST", "/snapshots/a/restore")
    assert block.words == ["after", "before"]


async def test_the_calls_of_a_request_are_in_one_list(block: Block) -> None:
    """The gateway gives a request its trace id; the function and both services are found under it."""
    other, mine = [(await block.post(word)).json()["trace"] for word in ("x", "y")]
    assert len(mine) == 32
    assert mine != other
    found = (await block.control("GET", f"/traces?request={mine}")).json()["traces"]
    assert [(one["service"], one["method"]) for one in found] == [
        ("functions", "chat"),
        ("one", "take"),
        ("two", "take"),
    ]
    assert found[0]["detail"] == "POST /chat"
    assert found[0]["status"] == "200"
    last = (await block.control("GET", "/traces?last=1")).json()["traces"]
    assert [one["service"] for one in last] == ["two"]
    assert (await block.control("DELETE", "/traces")).json() == {"traces": []}
    page = await block.client.get("/local/control/")
    assert page.headers["content-type"].startswith("text/html")


async def test_a_trace_of_the_callers_own_is_kept(block: Block) -> None:
    """Who sends a trace header finds the calls under its id; the gateway makes no second one."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"x-cloud-trace-context": f"{trace}/1;o=1"}
    assert (await block.client.post("/chat", content="x", headers=headers)).json()["trace"] == trace
    found = (await block.control("GET", f"/traces?request={trace}")).json()["traces"]
    assert [one["service"] for one in found] == ["functions", "one", "two"]
