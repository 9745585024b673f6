"""Who is in which group: read when a file first names the group, and again at every sync."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.errors import AppError
from shared.ingestion.interfaces import Clock, Directory, MembershipStore
from shared.log import get_logger

AT_ONCE = 8
"""Groups read at the same time; the Admin SDK allows 2,400 requests a minute."""

_log = get_logger("ingestion.groups")


@dataclass(frozen=True)
class Groups:
    """Keeps what is known of the groups that files are shared with."""

    directory: Directory
    memberships: MembershipStore
    clock: Clock
    _known: set[str] = field(default_factory=set)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ensure(self, groups: Sequence[str]) -> None:
        """Read the groups that were never read. Never fails: a group that cannot be read stays unknown."""
        if self._known.issuperset(groups):
            return
        async with self._reading:  # files that are worked on side by side often name the same ones
            new = [group for group in groups if group not in self._known]
            if new:
                self._known.update(await self.memberships.read_times())
                await self._read([group for group in new if group not in self._known])
                self._known.update(new)

    async def refresh(self, older_than: timedelta) -> int:
        """Read the groups again that were last read longer ago than that; returns how many."""
        limit = self.clock.now() - older_than
        times = await self.memberships.read_times()
        stale = [group for group, read in sorted(times.items()) if read <= limit]
        await self._read(stale)
        return len(stale)

    async def _read(self, groups: Sequence[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(group: str) -> None:
            async with gate:
                try:
                    members = await self.directory.members(group)
                except AppError as error:
                    # what was known stays, with its age: who relies on it decides how old it may be
                    _log.warning("group.not_read", error=error.code)
                    if group in self._known:
                        return
                    members = None
                await self.memberships.save(group, members)

        await asyncio.gather(*(one(group) for group in groups))
