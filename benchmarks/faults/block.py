"""Docent whose processes can be ended, held down and started again, one by one, with short deadlines."""

import asyncio
import contextlib
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from starlette.types import ASGIApp, Receive, Scope, Send

from local.outgoing import loopback_client
from local.runner.catalog import FUNCTIONS, PROCESSES
from local.runner.child import Child, Recipe, Watchdog
from local.runner.environment import PROJECT
from local.runner.front import Front
from local.runner.host import Plan
from local.runner.people import DEMO, ServedDrive
from local.runner.ports import Ports, free_block
from local.runner.stack import Stack

PATIENCE = 120.0
PEOPLE = ("alice@example.com", "bob@example.com", "carol@partner.example", "dan@partner.example")
"""The three of the sample, and one more who is erased again and again."""
TASKS = "7a5c"
"""How the trace ids of what Cloud Tasks sends begin, so that faults can be meant for ingest alone."""
DEADLINES = {
    **{
        f"{name}_TIMEOUT": "4"
        for name in ("FIRESTORE", "SECRETS", "TASKS", "VECTOR", "DRIVE", "GOOGLE", "JWKS", "FIREBASE")
    },
    "RATELIMIT_TIMEOUT": "2",
    "GENAI_TIMEOUT": "6",
    "ANSWER_SECONDS": "6",
    "DRIVE_DOWNLOAD_TIMEOUT": "5",
    # a model on this machine reads the page, and is loaded first: a short deadline would never be met
    "OCR_TIMEOUT": "25",
    "EXPORT_TIMEOUT": "5",
    "RANKING_TIMEOUT": "1",
    "CACHE_LEASE": "3",
}
"""Seconds: what is 30 s late is found late after four or five. docs/settings.md has what is usual."""
OTHERS = {
    "RANKING_ENABLED": "true",
    "OCR_ENGINE": "documentai",
    "OCR_PROCESSOR": f"projects/{PROJECT}/locations/us/processors/1",
    "SECRETS_REFRESH_AFTER": "1",
    "SEARCH_ACCESS_MEMORY": "1",
}
"""Settings that make Docent call what it would leave alone, and often."""
ATTEMPTS = 20
_UNUSED = httpx.Limits(max_connections=None, keepalive_expiry=1)
"""Seconds after which we close an unused connection, before its server does."""


@dataclass
class Block:
    """A running Docent."""

    stack: Stack
    base: str
    tasks: str
    """Where Cloud Tasks reaches the functions."""
    http: httpx.AsyncClient
    exports: dict[str, str]
    children: dict[str, Child] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    dog: Watchdog = field(default_factory=Watchdog)

    def control(self, service: str) -> str:
        """The control port of the process that a stand-in is in."""
        home = next(name for name, inside in PROCESSES.items() if service in inside or name == service)
        return self.stack.ports.url(f"control-{home}")

    async def ask(self, method: str, address: str, **options: Any) -> Any:
        """What a control port answers; asked again when the machine is too busy for it."""
        for last in (False, False, True):
            try:
                answer = await self.http.request(method, address, **options)
                return answer.raise_for_status().json()
            except httpx.HTTPError:
                if last:
                    raise
            await asyncio.sleep(1)
        raise AssertionError

    async def arm(self, service: str, **fault: Any) -> str:
        """Arm a fault; tells its name, for `left`."""
        body = {"service": service, **fault}
        armed = await self.ask("POST", f"{self.control(service)}/faults", json=body)
        return f"{service}/{armed[service][-1]['id']}"

    async def disarm(self, name: str) -> bool:
        """Disarm the fault of this name; whether it had not struck at all or had more to do."""
        service, _, number = name.partition("/")
        address = f"{self.control(service)}/faults"
        armed = (await self.ask("GET", address))[service]
        await self.ask("DELETE", address, params={"service": service, "id": number})
        return any(str(one["id"]) == number for one in armed)

    async def left(self, scope: str) -> set[str]:
        """The faults of this scope, or of none, that have not done all that they were to do; disarms them."""
        found: set[str] = set()
        for name in PROCESSES:
            for service, faults in (await self.ask("GET", f"{self.control(name)}/faults")).items():
                for one in faults:
                    if one["request"] in (scope, ""):
                        found.add(f"{service}/{one['id']}")
                        params = {"service": service, "id": str(one["id"])}
                        await self.ask("DELETE", f"{self.control(name)}/faults", params=params)
        return found

    async def calls(self, request: str) -> list[dict[str, Any]]:
        """The calls of one request; of all, the last ones."""
        params = {"request": request, "last": "4000"}
        asked = (self.ask("GET", f"{self.control(name)}/traces", params=params) for name in PROCESSES)
        return [one for answer in await asyncio.gather(*asked) for one in answer["traces"]]

    async def start(self, name: str) -> None:
        """Start a process and return when it serves."""
        child = self.children[name] = await Child.start(self.recipes[name], self.dog)
        await child.serving(PATIENCE)

    async def hurry(self) -> None:
        """From now on the functions wait for nobody as long as they usually would."""
        for name in FUNCTIONS:
            recipe = self.recipes[name]
            own = {"GENAI_TIMEOUT": "20"} if name == "ingest" else {}  # many texts on a busy machine
            self.recipes[name] = replace(recipe, environment={**recipe.environment, **DEADLINES, **own})
            await self.end(name, kill=False)
        await asyncio.gather(*(self.start(name) for name in FUNCTIONS))

    async def end(self, name: str, *, kill: bool) -> None:
        """End a process, by SIGKILL or as it would be asked to."""
        await self.children[name].stop(0.0 if kill else 5.0)

    def process(self, name: str) -> psutil.Process:
        """The operating system's view of it."""
        return psutil.Process(self.children[name].pid)


class Marked:
    """Gives what Cloud Tasks sends a trace whose id can be told from people's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        trace = TASKS + secrets.token_hex(14)
        parent = f"00-{trace}-{secrets.token_hex(8)}-01".encode()
        headers = [one for one in scope["headers"] if one[0] != b"traceparent"]
        await self._app({**scope, "headers": [*headers, (b"traceparent", parent)]}, receive, send)


def copied_drive(folder: Path) -> ServedDrive:
    """A copy of the sample, with one person more, who may read what everybody may."""
    shutil.copytree(DEMO / "files", folder / "files", dirs_exist_ok=True)
    sidecar = json.loads((DEMO / "permissions.json").read_text())
    sidecar["users"] = list(PEOPLE)
    del sidecar["reference_time"]  # so that what is created now is newer than what is there
    (folder / "permissions.json").write_text(json.dumps(sidecar))
    return ServedDrive(folder, PEOPLE, "Sample Drive")


@contextlib.asynccontextmanager
async def block(folder: Path, port: int = 0, **settings: str) -> AsyncIterator[Block]:
    """A Docent over a copy of the sample Drive, nothing read in yet; `settings` go before its own."""
    drive = await asyncio.to_thread(copied_drive, folder / "drive")
    stack = Stack(Ports(port or free_block()), folder / "state", drive, Console(quiet=True))
    async with loopback_client(timeout=PATIENCE, limits=_UNUSED) as http, contextlib.AsyncExitStack() as ends:
        made = Block(stack, stack.ports.url("gateway"), "", http, {})
        ends.push_async_callback(_all_end, made)
        gateway = await ends.enter_async_context(stack.gateway(stack.controls([])).open())
        front, behind = Front(gateway, stack.ports["gateway"]), Front(Marked(gateway))
        await front.start()
        ends.push_async_callback(front.stop)
        made.tasks = f"http://127.0.0.1:{await behind.start()}"
        ends.push_async_callback(behind.stop)
        for name in PROCESSES:
            made.recipes[name] = _with_own_queue(stack.host(name, http))
        await asyncio.gather(*(made.start(name) for name in PROCESSES))
        made.exports = await stack.exports(http)
        own = {**OTHERS, "TASKS_TARGET": made.tasks, "TASKS_MAX_ATTEMPTS": str(ATTEMPTS)}
        for name in FUNCTIONS:
            recipe = stack.function(name, made.exports, http)
            made.recipes[name] = replace(recipe, environment={**recipe.environment, **own, **settings})
        await asyncio.gather(*(made.start(name) for name in FUNCTIONS))
        yield made


async def _all_end(made: Block) -> None:
    await asyncio.gather(*(child.stop(3.0) for child in made.children.values()))
    await asyncio.to_thread(made.dog.close)


def _with_own_queue(recipe: Recipe) -> Recipe:
    """The same with a queue that does not wait long between attempts, and no jobs on schedule."""
    plan = Plan.from_json(recipe.stdin)
    for name, options in plan.stand_ins.items():
        if name in ("scheduler", "ranking"):
            options.settings.clear()  # ranking by words alone: it would embed forty passages a question
        if name == "tasks":
            (queue,) = json.loads(options.settings["queues"])
            queue["retryConfig"] = {"maxAttempts": ATTEMPTS, "minBackoff": "0.1s", "maxBackoff": "1s"}
            options.settings["queues"] = json.dumps([queue])
    return replace(recipe, stdin=plan.to_json())
