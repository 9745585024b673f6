"""One process of the block: started in a group of its own, logged to a file, ended as a group."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.runner import watchdog

LAST_LINES = 15
POLL = 0.05
"""Seconds between two looks at whether a process serves."""


class Crash(Exception):
    """A process ended, or never served; says which, how, and its last words."""


class Watchdog:
    """The process that ends all groups when this one is killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own file, by this interpreter
            [sys.executable, "-I", "-S", watchdog.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def watch(self, group: int) -> None:
        """Remember a group."""
        self._tell(group)

    def forget(self, group: int) -> None:
        """Its number may be somebody else's from now on."""
        self._tell(-group)

    def _tell(self, number: int) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError, ValueError):
                self._process.stdin.write(f"{number}\n")
                self._process.stdin.flush()

    def close(self) -> None:
        """End it; what it still watches ends too."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=2 * watchdog.GRACE + 2)


@dataclass(frozen=True)
class Recipe:
    """How to start one process; `stdin` is given to it and closed, `ready` says whether it serves yet."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    ready: Callable[[], Awaitable[bool]]
    stdin: str = ""


class Child:
    """A started process and the group it leads."""

    def __init__(self, recipe: Recipe, process: asyncio.subprocess.Process, dog: Watchdog) -> None:
        self.recipe, self._process, self._dog = recipe, process, dog
        self.pid = process.pid

    @classmethod
    async def start(cls, recipe: Recipe, dog: Watchdog) -> "Child":
        """Start the process; the log of the run before is kept as NAME.log.old."""
        recipe.log.parent.mkdir(parents=True, exist_ok=True)
        if recipe.log.exists():
            recipe.log.replace(recipe.log.with_suffix(".log.old"))
        with recipe.log.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *recipe.command,
                env=dict(recipe.environment),
                cwd=recipe.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        dog.watch(process.pid)
        if process.stdin is not None:
            process.stdin.write(recipe.stdin.encode())
            process.stdin.close()
        return cls(recipe, process, dog)

    async def serving(self, limit: float) -> None:
        """Return when the process serves. Raises Crash when it ends before, or takes over `limit` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + limit
        while not await self.recipe.ready():
            if self._process.returncode is not None:
                raise self.crash()
            if loop.time() > end:
                raise Crash(f"{self.recipe.name} did not serve within {limit:g} s\n{self.last_lines()}")
            await asyncio.sleep(POLL)

    async def ended(self) -> "Child":
        """Return when the process has ended."""
        await self._process.wait()
        return self

    def crash(self) -> Crash:
        """Say how it ended, with the end of its log."""
        code = self._process.returncode
        how = (
            f"ended with exit code {code}" if code is None or code >= 0 else f"was ended by {_signal(-code)}"
        )
        said = self.last_lines() or "  (it said nothing)"
        return Crash(f"{self.recipe.name} {how}\n{said}\n(all of it: {self.recipe.log})")

    def last_lines(self) -> str:
        """The end of what it wrote."""
        text = self.recipe.log.read_text(errors="replace") if self.recipe.log.exists() else ""
        return "\n".join(f"  {line}" for line in text.splitlines()[-LAST_LINES:])

    async def stop(self, grace: float) -> None:
        """Ask the group to end; kill what has not after `grace` seconds."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gone(), grace)
        self._signal(signal.SIGKILL)
        await self._process.wait()
        self._dog.forget(self._process.pid)

    async def _gone(self) -> None:
        await self._process.wait()
        while watchdog.lives(self._process.pid):  # noqa: ASYNC110 - nobody tells when a group is empty
            await asyncio.sleep(POLL)

    def _signal(self, wanted: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, wanted)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
