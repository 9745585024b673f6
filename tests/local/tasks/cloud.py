"""What the tests of Cloud Tasks put around the stand-in: a handler, a token issuer, the real client."""

import asyncio
import inspect
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import grpc.aio
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.clock import Clock
from local.standin import HttpServer, Options
from local.tasks.server import TasksServer

LOCATION = "projects/p/locations/l"
QUEUE = f"{LOCATION}/queues/q"
ACCOUNT = "worker@p.iam.gserviceaccount.com"
QUICK: dict[str, Any] = {"name": QUEUE, "retryConfig": {"minBackoff": "0.02s", "maxBackoff": "0.1s"}}


async def until(condition: Callable[[], Any]) -> None:
    """Poll until the condition, which may be a coroutine, holds; fails after 20 seconds."""
    async with asyncio.timeout(20):
        while True:
            holds = condition()
            if await holds if inspect.isawaitable(holds) else holds:
                return
            await asyncio.sleep(0.005)


@dataclass
class Received:
    """One request as the handler got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def task(self) -> str:
        """The task's id."""
        return self.headers["x-cloudtasks-taskname"]


class Handler:
    """A task handler on a loopback port, which answers with the statuses it was given, then with 200."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: list[int | tuple[int, dict[str, str]]] = []
        self.gate: asyncio.Event | None = None
        self.check: Callable[[Received], bool] | None = None
        self.under_way = self.most_at_once = 0
        self._app = Starlette(routes=[Route("/{path:path}", self._answer, methods=_METHODS)])
        self._server = HttpServer(self._app)
        self.url = ""

    async def start(self, port: int = 0) -> None:
        """Listen, on a port of one's own choice if need be."""
        self._server = HttpServer(self._app, port)
        self.url = f"http://127.0.0.1:{await self._server.start()}"

    async def stop(self) -> None:
        """Stop listening."""
        if self.gate:
            self.gate.set()
        await self._server.stop()

    async def _answer(self, request: Request) -> Response:
        received = Received(request.method, request.url.path, dict(request.headers), await request.body())
        self.requests.append(received)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            if self.gate:
                await self.gate.wait()
        finally:
            self.under_way -= 1
        if self.check and not self.check(received):
            return Response(status_code=401)
        status = self.answers.pop(0) if self.answers else 200
        return Response(status_code=status) if isinstance(status, int) else Response(None, *status)

    def names(self) -> list[str]:
        """The ids of the tasks received, in order."""
        return [request.task for request in self.requests]


_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


@cache
def _first_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Issuer:
    """The generateIdToken of IAM Credentials, with keys that can be rotated."""

    def __init__(self) -> None:
        self.minted = 0
        self.lifetime = 3600
        self.broken = False
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        path = "/v1/projects/-/serviceAccounts/{email}:generateIdToken"
        self._server = HttpServer(Starlette(routes=[Route(path, self._mint, methods=["POST"])]))
        self.url = ""
        self._use(_first_key())

    async def start(self) -> None:
        """Listen."""
        self.url = f"http://127.0.0.1:{await self._server.start()}"

    async def stop(self) -> None:
        """Stop listening."""
        await self._server.stop()

    def rotate(self) -> None:
        """Replace the key: what it signed is refused from now on."""
        self._use(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def _use(self, key: rsa.RSAPrivateKey) -> None:
        self._keys = {f"key-{time.monotonic_ns()}": key}

    async def _mint(self, request: Request) -> Response:
        wanted = await request.json()
        if self.broken or request.headers.get("Authorization") != "Bearer local-cloud":
            return JSONResponse({"error": {"code": 503}}, 503)
        self.minted += 1
        ((kid, key),) = self._keys.items()
        claims = {
            "iss": "https://accounts.google.com",
            "aud": wanted["audience"],
            "email": request.path_params["email"],
            "email_verified": wanted["includeEmail"],
            "exp": int(time.time()) + self.lifetime,
        }
        return JSONResponse({"token": jwt.encode(claims, key, "RS256", headers={"kid": kid})})

    def accepts(self, received: Received, audience: str, account: str = ACCOUNT) -> bool:
        """Whether the request carries this account's token for this audience, signed with today's key."""
        token = received.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]].public_key()
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=audience)
        except (jwt.PyJWTError, KeyError):
            return False
        return bool(claims["email"] == account and claims["email_verified"])


@dataclass
class Cloud:
    """A running stand-in with its client and a handler."""

    server: TasksServer
    client: tasks_v2.CloudTasksAsyncClient
    handler: Handler
    issuer: Issuer

    async def create(self, task_id: str = "", /, **task: Any) -> tasks_v2.Task:
        """Create a task for the handler in QUEUE, named when an id is given."""
        request = {"url": f"{self.handler.url}/work"} | task.pop("http_request", {})
        named = {"name": f"{QUEUE}/tasks/{task_id}"} if task_id else {}
        return await self.client.create_task(parent=QUEUE, task={**named, "http_request": request, **task})

    async def left(self) -> list[str]:
        """The ids of the tasks that are still in QUEUE."""
        return [task.name.rsplit("/", 1)[-1] async for task in await self.client.list_tasks(parent=QUEUE)]

    async def empty(self) -> None:
        """Wait until no task is left."""

        async def nothing_left() -> bool:
            """Whether the list is empty."""
            return not await self.left()

        await until(nothing_left)


@asynccontextmanager
async def running(
    queues: list[dict[str, Any]] | None = None,
    state: Path | None = None,
    clock: Clock | None = None,
    settings: dict[str, str] | None = None,
) -> AsyncIterator[Cloud]:
    """A stand-in that has `queues` (QUICK alone, if none are given), with handler and issuer."""
    handler, issuer = Handler(), Issuer()
    await asyncio.gather(handler.start(), issuer.start())
    declared = {"queues": json.dumps([QUICK] if queues is None else queues)}
    server = TasksServer(Options(0, state, issuer.url, settings=declared | (settings or {})), clock)
    port = await server.start()
    try:
        async with client(port) as tasks:
            yield Cloud(server, tasks, handler, issuer)
    finally:
        await server.stop()
        await asyncio.gather(handler.stop(), issuer.stop())


@asynccontextmanager
async def client(port: int) -> AsyncIterator[tasks_v2.CloudTasksAsyncClient]:
    """The real asynchronous client, pointed at a port."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield tasks_v2.CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))
