"""The local cloud with as many instances of the ingest function as a benchmark wants, and what they need."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from local.outgoing import loopback_client
from local.runner import environment, operator
from local.runner.catalog import PROCESSES
from local.runner.child import Child, Recipe, Watchdog
from local.runner.host import Plan
from local.runner.people import ServedDrive
from local.runner.ports import Ports, free_block
from local.standin import Options

AT_ONCE = 4
"""Requests at once in an instance, as terraform/functions.tf has it."""
PATIENCE = 120.0
EMBEDDING_MODEL = "text-embedding-005"
"""The one of Google's embedding models that takes many texts a request; gemini-embedding-001 takes one."""
_MEMORY = "/dev/shm"  # noqa: S108 - what a function writes to its disk is in memory on Cloud Run
DISPATCHES = 500
"""A second: the most that Cloud Tasks gives. Terraform has 50, which is no limit of the workers'."""


@dataclass
class Cloud:
    """A running block."""

    ports: Ports
    state: Path
    children: dict[str, Child]
    http: httpx.AsyncClient
    variables: dict[str, str]

    async def sync(self) -> None:
        """Have the Scheduler's request sent, which starts a sync of every collection."""
        account, audience = environment.SCHEDULER_ACCOUNT, self.ports.url("ingest")
        minted = await self.http.post(
            f"{self.ports.url('signin')}/v1/projects/-/serviceAccounts/{account}:generateIdToken",
            json={"audience": audience, "includeEmail": True},
            headers={"Authorization": "Bearer local-cloud"},
        )
        token = minted.raise_for_status().json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.http.post(f"{audience}/ingest/sync", json={}, headers=headers)
        answer.raise_for_status()

    async def calls(self) -> dict[str, dict[str, int]]:
        """Service -> method -> calls so far."""
        found: dict[str, dict[str, int]] = {}
        for name in PROCESSES:
            answer = await self.http.get(f"{self.ports.url(f'control-{name}')}/calls")
            found |= answer.raise_for_status().json()
        return found

    def sizes(self) -> list[float]:
        """Resident MB of each instance of the ingest function."""
        return [one.memory_info().rss / 1e6 for one in self._processes("ingest")]

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each process of the block so far."""
        return {
            name: sum(sum(one.cpu_times()[:2]) for one in self._processes(name)) for name in self.children
        }

    def _processes(self, name: str) -> list[psutil.Process]:
        first = psutil.Process(self.children[name].pid)
        return [first, *first.children(recursive=True)]


@contextlib.asynccontextmanager
async def cloud(
    drive: Path, state: Path, workers: int, *, free: bool, port: int = 0, samples: Sequence[Path] = ()
) -> AsyncIterator[Cloud]:
    """Serve `drive` to so many instances; the model is the `free` one or the bundled one.

    The instances have read `samples` before they serve.
    """
    ports = Ports(port or free_block())
    served = ServedDrive(drive, ("alice@example.com",), "Benchmark")
    dog, children = Watchdog(), {}
    async with loopback_client(timeout=PATIENCE) as http:
        try:
            for name in PROCESSES:
                children[name] = await Child.start(_host(name, ports, served, state, http, free=free), dog)
            await asyncio.gather(*(child.serving(PATIENCE) for child in children.values()))
            exports: dict[str, str] = {}
            for name in PROCESSES:
                exports |= (await http.get(f"{ports.url(f'control-{name}')}/exports")).json()
            variables = _variables(ports, served, exports, state)
            instances = [str(workers), *map(str, samples)]
            children["ingest"] = await Child.start(_workers(ports, variables, state, http, instances), dog)
            await children["ingest"].serving(PATIENCE)
            yield Cloud(ports, state, children, http, variables)
        finally:
            await asyncio.gather(*(child.stop(3.0) for child in children.values()))
            await asyncio.to_thread(dog.close)


def _variables(ports: Ports, served: ServedDrive, exports: dict[str, str], state: Path) -> dict[str, str]:
    """As the local cloud sets them; Cloud Tasks goes straight to the function, and there is no gateway."""
    variables = environment.function_environment(ports, served, exports, state)
    return variables | {
        "TASKS_TARGET": ports.url("ingest"),
        "GENAI_EMBEDDING_MODEL": EMBEDDING_MODEL,
        "GENAI_EMBEDDING_INSTANCES": "250",
        "TRACING_URL": "",
        **({"TMPDIR": _MEMORY} if Path(_MEMORY).is_dir() else {}),
    }


def _host(
    name: str, ports: Ports, served: ServedDrive, state: Path, http: httpx.AsyncClient, *, free: bool
) -> Recipe:
    settings = environment.stand_in_settings(ports, operator.load_or_make(state / "operator.json"))
    settings["scheduler"] = {}
    queue = json.loads(settings["tasks"]["queues"])[0]
    queue["rateLimits"] = {
        "maxDispatchesPerSecond": DISPATCHES,
        "maxConcurrentDispatches": 2 * AT_ONCE,
    }
    settings["tasks"] = {"queues": json.dumps([queue])}
    stand_ins = {
        one: Options(ports[one], state, ports.url("signin"), served.folder, settings.get(one, {}))
        for one in PROCESSES[name]
    }
    control = ports[f"control-{name}"]
    module = "benchmarks.ingest.stand_ins" if free and name == "vertex" else "local.runner.host"
    return Recipe(
        name,
        [sys.executable, "-m", module],
        environment.process_environment(state),
        environment.CHECKOUT,
        state / "logs" / f"{name}.log",
        _answers(http, f"http://127.0.0.1:{control}/exports"),
        Plan(stand_ins, control).to_json(),
    )


def _workers(
    ports: Ports,
    variables: dict[str, str],
    state: Path,
    http: httpx.AsyncClient,
    instances: Sequence[str],
) -> Recipe:
    return Recipe(
        "ingest",
        [sys.executable, "-m", "benchmarks.ingest.workers", str(ports["ingest"]), *instances],
        variables,
        environment.CHECKOUT,
        state / "logs" / "ingest.log",
        _answers(http, f"{ports.url('ingest')}/health"),
    )


def _answers(http: httpx.AsyncClient, url: str) -> Any:
    async def ready() -> bool:
        try:
            await http.get(url)
        except httpx.TransportError:
            return False
        return True

    return ready


@contextlib.contextmanager
def as_function(variables: dict[str, str]) -> Any:
    """This process with a function's environment, to read the stores with the project's own adapters."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
