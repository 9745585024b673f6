"""The whole of it: which processes make up Docent on this machine, and what happens until it is ready."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from local.control.faults import Control
from local.outgoing import loopback_client
from local.runner import ingest, operator, progress
from local.runner.catalog import FUNCTIONS, PROCESSES
from local.runner.child import Child, Recipe
from local.runner.controls import Controls
from local.runner.environment import (
    CHECKOUT,
    function_environment,
    process_environment,
    stand_in_settings,
)
from local.runner.follow import follow_logs
from local.runner.front import Front
from local.runner.gateway import Gateway
from local.runner.host import Plan
from local.runner.pages import Pages
from local.runner.people import ServedDrive
from local.runner.ports import Ports
from local.runner.proxy import Proxy
from local.runner.sign_in import NotSignedIn, sign_in
from local.runner.spans import Spans
from local.runner.supervisor import Supervisor
from local.standin import LOOPBACK, Options


@dataclass(frozen=True)
class Stack:
    """One run: where it listens, where its state is, what it serves."""

    ports: Ports
    state: Path
    drive: ServedDrive
    console: Console
    verbose: bool = False
    snapshot: str = ""
    """The copy of the state to begin with; empty: what the state folder holds."""

    async def work(self, supervisor: Supervisor) -> None:
        """Start everything, read the Drive in, say that it is ready, and stay."""
        following = asyncio.create_task(self._follow())
        try:
            async with loopback_client(timeout=30) as probe:
                self._say("starting the local Google Cloud")
                await supervisor.start([self.host(name, probe) for name in PROCESSES])
                exports = await self.exports(probe)
                self._say("starting the functions")
                await supervisor.start([self.function(name, exports, probe) for name in FUNCTIONS])
            await self._serve(supervisor)
        finally:
            following.cancel()

    async def _serve(self, supervisor: Supervisor) -> None:
        controls = self.controls(supervisor.children)
        async with self.gateway(controls).open() as gateway:
            server = Front(gateway, self.ports["gateway"])
            await server.start()
            try:
                if self.snapshot:
                    await controls.state.restore(self.snapshot)
                await self._read_drive()
                self._say(f"ready at {self.ports.url('gateway')}")
                await asyncio.Event().wait()
            finally:
                await server.stop()

    async def _follow(self) -> None:
        if self.verbose:
            await follow_logs(self.state / "logs", self.console)

    def _say(self, sentence: str) -> None:
        self.console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def host(self, name: str, probe: httpx.AsyncClient) -> Recipe:
        """How a process of stand-ins is started."""
        secrets = operator.load_or_make(self.state / "operator.json")
        settings = stand_in_settings(self.ports, secrets)
        control = self.ports[f"control-{name}"]
        stand_ins = {
            one: Options(
                port=self.ports[one],
                state=self.state,
                signin=self.ports.url("signin"),
                drive=self.drive.folder,
                settings=settings.get(one, {}),
            )
            for one in PROCESSES[name]
        }
        plan = Plan(stand_ins, control, self.state / "snapshots")
        return Recipe(
            name=name if (name,) == PROCESSES[name] else f"{name} ({', '.join(PROCESSES[name])})",
            command=[sys.executable, "-m", "local.runner.host"],
            environment=process_environment(self.state),
            folder=CHECKOUT,
            log=self.state / "logs" / f"{name}.log",
            ready=_answers(probe, f"http://127.0.0.1:{control}/exports"),
            stdin=plan.to_json(),
        )

    async def exports(self, probe: httpx.AsyncClient) -> dict[str, str]:
        """The variables that point a client at the running stand-ins."""
        exports: dict[str, str] = {}
        for name in PROCESSES:
            reply = await probe.get(f"{self.ports.url(f'control-{name}')}/exports")
            exports |= reply.json()
        return exports

    def function(self, name: str, exports: dict[str, str], probe: httpx.AsyncClient) -> Recipe:
        """How a function is started."""
        return Recipe(
            name=name,
            command=[sys.executable, "-m", "local.runner.function", name, str(self.ports[name])],
            environment=function_environment(self.ports, self.drive, exports, self.state),
            folder=CHECKOUT,
            log=self.state / "logs" / f"{name}.log",
            ready=_answers(probe, f"{self.ports.url(name)}/health"),
        )

    def controls(self, children: Sequence[Child]) -> Controls:
        """The face of all control ports; tells of these processes."""
        about = {
            "people": self.drive.people,
            "admin": self.drive.admin,
            "drive": str(self.drive.folder),
            "state": str(self.state),
            "ports": {role: self.ports[role] for role in self.ports.roles},
            "processes": {child.recipe.log.stem: child.pid for child in children},
        }
        ports = [self.ports[f"control-{name}"] for name in PROCESSES]
        return Controls(ports, about, Control("functions"), Spans(self.state / "logs"))

    def gateway(self, controls: Controls) -> Gateway:
        """What stands in front of the functions."""
        proxy = Proxy({name: self.ports.url(name) for name in FUNCTIONS})
        return Gateway(proxy, controls, Pages(CHECKOUT / "chat-app" / "dist"))

    async def _read_drive(self) -> None:
        """Connect the Drive as the admin would, and show the ingest until it is through."""
        base = self.ports.url("gateway")
        try:
            token = await sign_in(base, self.drive.admin)
            headers = {"Authorization": f"Bearer {token}"}
            async with loopback_client(base_url=base, headers=headers, timeout=30) as client:
                with progress.display(self.console) as show:
                    await ingest.connect(client, self.drive.name)
                    reached = await ingest.follow(client, show)
        except (NotSignedIn, ingest.IngestRefused, httpx.HTTPError) as error:
            self._say(f"The Drive could not be read in: {error}")
            return
        self._say(f"{reached.total} files: {progress.summary(reached)}")
        if reached.error:
            self._say(f"The sync failed: {reached.error}")
        elif not reached.finished:
            self._say(f"Nothing has moved for {ingest.STALLED:g} s; it goes on in the background.")


def _answers(probe: httpx.AsyncClient, url: str) -> Callable[[], Awaitable[bool]]:
    """Whether the address answers anything; for a function, the first answer also builds its app."""
    port = httpx.URL(url).port

    async def ready() -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)  # costs less than a request that fails
            writer.close()
            await writer.wait_closed()
            await probe.get(url)
        except (OSError, httpx.TransportError):
            return False
        return True

    return ready
