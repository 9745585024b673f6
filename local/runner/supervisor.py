"""Starts processes in stages, watches them, and ends them all, whatever happens."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn

from local.runner.child import Child, Crash, Recipe, Watchdog

START_LIMIT = 60.0
GRACE = 3.0
"""Seconds a stage gets to end by itself."""


class Supervisor:
    """The processes of one run. `grace` is how long each stage may take to end when asked."""

    def __init__(self, grace: float = GRACE) -> None:
        self._grace = grace
        self._dog = Watchdog()
        self._stages: list[list[Child]] = []
        self._ended: asyncio.Queue[Child] = asyncio.Queue()
        self._watching: list[asyncio.Task[None]] = []

    @property
    def children(self) -> list[Child]:
        """All processes, in the order of their stages."""
        return [child for stage in self._stages for child in stage]

    async def start(self, recipes: Sequence[Recipe]) -> None:
        """Start a stage and return when all of it serves. Raises Crash."""
        stage: list[Child] = []
        self._stages.append(stage)
        for recipe in recipes:
            child = await Child.start(recipe, self._dog)
            stage.append(child)
            self._watching.append(asyncio.create_task(self._report(child)))
        try:
            async with asyncio.TaskGroup() as together:
                for child in stage:
                    together.create_task(child.serving(START_LIMIT))
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def crashed(self) -> NoReturn:
        """Wait until a process ends by itself, then raise its Crash."""
        raise (await self._ended.get()).crash()

    async def stop(self) -> None:
        """End all processes, the latest stage first."""
        for task in self._watching:
            task.cancel()
        for stage in reversed(self._stages):
            await asyncio.gather(*(child.stop(self._grace) for child in stage))
        await asyncio.to_thread(self._dog.close)

    def hurry(self) -> None:
        """Give nobody time from now on."""
        self._grace = 0.0

    async def _report(self, child: Child) -> None:
        await child.ended()
        self._ended.put_nowait(child)


async def supervise(supervisor: Supervisor, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work`, which may start processes, until SIGINT, SIGTERM or SIGHUP; then end everything.

    Raises Crash when a process ends by itself, and what `work` raises.
    """
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()

    def asked() -> None:
        if ending.is_set():
            supervisor.hurry()
        ending.set()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, asked)
    working = asyncio.ensure_future(work())
    others = [asyncio.create_task(ending.wait()), asyncio.create_task(supervisor.crashed())]
    try:
        await _first(working, others, ending)
    finally:
        working.cancel()
        for task in others:
            task.cancel()
        await asyncio.gather(working, *others, return_exceptions=True)
        await supervisor.stop()


async def _first(
    working: "asyncio.Future[None]", others: Sequence["asyncio.Task[object]"], ending: asyncio.Event
) -> None:
    """Return when asked to end; raise what went wrong, a crash rather than what followed from it."""
    pending: set[asyncio.Future[object]] = {working, *others}  # type: ignore[arg-type]
    while not ending.is_set():
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        failures = [error for task in done if (error := task.exception()) is not None]
        for failure in sorted(failures, key=lambda error: not isinstance(error, Crash)):
            raise failure
