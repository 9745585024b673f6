"""Is everything well: what Docent depends on, asked at once, each with a deadline of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.errors import AppError
from shared.log import get_logger

REMEMBERED = 1.0
"""Seconds that findings are shared by all who ask: a crowd at the door costs what one visitor costs."""
_log = get_logger("health")


@dataclass(frozen=True, slots=True)
class Check:
    """One dependency by Docent's own name for it, what asks it, and the seconds it has to answer."""

    name: str
    ask: Callable[[], Awaitable[object]]
    deadline: float


@dataclass(frozen=True, slots=True)
class Finding:
    """How one dependency is. `fault` is "" when it is well, else "slow", "unreachable" or "failed"."""

    name: str
    seconds: float
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is well."""
        return not self.fault


class Checks:
    """Asks all dependencies."""

    def __init__(self, checks: Sequence[Check], clock: Callable[[], float] = time.monotonic) -> None:
        self._checks, self._clock = tuple(checks), clock
        self._asked: asyncio.Future[tuple[Finding, ...]] | None = None
        self._asked_at = 0.0

    async def findings(self) -> tuple[Finding, ...]:
        """One finding each, in the order of the checks, after the longest deadline at most; never raises."""
        asked = self._asked
        if asked is None or (asked.done() and self._clock() - self._asked_at > REMEMBERED):
            self._asked_at = self._clock()
            asked = self._asked = asyncio.ensure_future(self._all())
        return await asyncio.shield(asked)

    async def _all(self) -> tuple[Finding, ...]:
        found = tuple(await asyncio.gather(*(_one(check) for check in self._checks)))
        ill = {finding.name: finding.fault for finding in found if not finding.ok}
        if ill:
            _log.warning("health.degraded", **ill)
        return found


async def _one(check: Check) -> Finding:
    began = time.perf_counter()
    fault = ""
    try:
        async with asyncio.timeout(check.deadline):
            await check.ask()
    except TimeoutError:
        fault = "slow"
    except AppError:
        fault = "unreachable"
    except Exception:  # noqa: BLE001 - a check that breaks is a finding, not a failure of the others
        _log.exception("health.check_failed", dependency=check.name)
        fault = "failed"
    return Finding(check.name, time.perf_counter() - began, fault)
