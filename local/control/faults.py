"""What a stand-in was told to do wrong, and what it was asked so far."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass
class Fault:
    """One armed fault; see README.md for the fields."""

    method: str = "*"
    status: str = ""
    delay: float = 0.0
    drop: bool = False
    times: int = 1
    skip: int = 0

    def takes(self, method: str) -> bool:
        """Whether this call is hit; counts down as it goes."""
        if not fnmatchcase(method, self.method) or self.times < 0:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times == 1:
            self.times = -1
        elif self.times > 1:
            self.times -= 1
        return True


@dataclass
class Control:
    """Counts and faults of one service."""

    service: str
    calls: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    round_trip: float = 0.0

    async def enter(self, method: str) -> Fault | None:
        """Count a call, wait as long as it was told to, and return the fault that hits it, if any."""
        self.calls[method] += 1
        hit = next((fault for fault in self.faults if fault.takes(method)), None)
        self.faults = [fault for fault in self.faults if fault.times >= 0]
        wait = self.round_trip + (hit.delay if hit else 0.0)
        if wait > 0:
            await asyncio.sleep(wait)
        return hit
