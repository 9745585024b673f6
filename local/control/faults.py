"""What a stand-in was told to do wrong, and what it was asked so far."""

import asyncio
import itertools
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from local.control.calls import Call, request_of

REMEMBERED = 2000
"""How many calls of a service are remembered for traces."""
_numbers = itertools.count(1)


@dataclass
class Fault:
    """One armed fault; see README.md for the fields."""

    method: str = "*"
    status: str = ""
    delay: float = 0.0
    drop: bool = False
    times: int = 1
    skip: int = 0
    late: bool = False
    """Strikes when the work is done: what is lost is the answer, or all of it but its beginning."""
    request: str = ""
    """Hits calls of these requests alone: a shell pattern over the ids that clients sent (`Call.request`)."""
    id: int = field(default_factory=lambda: next(_numbers))
    """Tells it from others of its process, for disarming it alone."""

    def takes(self, call: Call) -> bool:
        """Whether this call is hit; counts down as it goes."""
        if not fnmatchcase(call.method, self.method) or self.times < 0:
            return False
        if self.request and not fnmatchcase(call.request, self.request):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times == 1:
            self.times = -1
        elif self.times > 1:
            self.times -= 1
        return True

    @property
    def told(self) -> str:
        """What it does to a call, in a word."""
        what = "drop" if self.drop else self.status or "delay"
        return f"late {what}" if self.late else what


@dataclass
class Control:
    """Counts, faults and the latest calls of one service."""

    service: str
    calls: Counter[str] = field(default_factory=Counter)
    billed: Counter[str] = field(default_factory=Counter)
    """What Google would charge for, by "thing:unit", as the service itself counts it."""
    faults: list[Fault] = field(default_factory=list)
    round_trip: float = 0.0
    traces: deque[Call] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _gate: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _held_until: float = 0.0
    under_way: int = 0
    """Calls that are being answered; those that are held are not."""

    @contextmanager
    def call(
        self, method: str, headers: Iterable[tuple[str, str | bytes]] = (), detail: str = ""
    ) -> Iterator[Call]:
        """Count a call and remember it; it ends with the block, whose owner sets status and bytes."""
        self.calls[method] += 1
        self.under_way += 1
        made = Call(self.service, method, request_of(headers), detail)
        self.traces.append(made)
        began = time.perf_counter()
        try:
            yield made
        finally:
            self.under_way -= 1
            made.seconds = time.perf_counter() - began

    async def meet(self, call: Call) -> Fault | None:
        """Wait while calls are held and as long as was armed; returns the fault that hits, if any."""
        if self.held:
            await self._let_in()
        hit = next((fault for fault in self.faults if fault.takes(call)), None)
        self.faults = [fault for fault in self.faults if fault.times >= 0]
        if hit:
            call.fault = hit.told
        wait = self.round_trip + (hit.delay if hit else 0.0)
        if wait > 0:
            await asyncio.sleep(wait)
        return hit

    async def _let_in(self) -> None:
        """Return when calls are no longer held."""
        self.under_way -= 1
        try:
            while (left := self._held_until - time.monotonic()) > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._gate.wait(), left)
        finally:
            self.under_way += 1

    @property
    def held(self) -> bool:
        """Whether new calls wait."""
        return time.monotonic() < self._held_until

    def hold(self, seconds: float) -> None:
        """Let new calls wait until release(), and no longer than this; those under way go on."""
        self._gate.clear()
        self._held_until = time.monotonic() + seconds

    def release(self) -> None:
        """Let all calls go on."""
        self._held_until = 0.0
        self._gate.set()
