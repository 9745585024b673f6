"""What GET /metrics tells of this moment: dependencies, files, queue, lag of ingestion, usage."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.ingestion.interfaces import CollectionStore, RecordStore
from shared.ingestion.runs import RunStore
from shared.limits.interfaces import Usage, UsageStore
from shared.limits.prices import dollars
from shared.models import FileState
from shared.observing.checks import Checks
from shared.observing.numbers import series

_RUNS = 10
"""The newest runs of a collection among which the last finished one is looked for."""


@dataclass(frozen=True)
class Gauges:
    """Measures. All that it asks is asked at once."""

    collections: CollectionStore
    records: RecordStore
    runs: RunStore
    usage: UsageStore
    checks: Checks
    now: Callable[[], datetime]

    async def measured(self) -> dict[str, float]:
        """Values by series. Raises Unavailable, Timeout."""
        today = self.now().date().isoformat()
        parts = await asyncio.gather(self._health(), self._files(), self._lag(), self.usage.days([today]))
        health, files, lag, usage = parts
        return {**health, **files, **lag, **_used(usage.get(today, Usage(today)))}

    async def states(self) -> Mapping[FileState, int]:
        """Files of all collections, by state; a file in two collections counts in each."""
        known = await self.collections.all()
        counts = await asyncio.gather(*(self.records.counts(one.id) for one in known))
        states: dict[FileState, int] = {}
        for count in counts:
            for state, files in count.items():
                states[state] = states.get(state, 0) + files
        return states

    async def _health(self) -> dict[str, float]:
        found = await self.checks.findings()
        up = {series("docent_up", {"dependency": one.name}): float(one.ok) for one in found}
        took = {series("docent_check_seconds", {"dependency": one.name}): one.seconds for one in found}
        return up | took

    async def _files(self) -> dict[str, float]:
        states = await self.states()
        files = {series("docent_files", {"state": state}): float(count) for state, count in states.items()}
        return files | {"docent_queue_depth": float(states.get("pending", 0))}

    async def _lag(self) -> dict[str, float]:
        """Of a collection that no sync has finished yet, the time since its first attempt."""
        known = await self.collections.all()
        lags = await asyncio.gather(*(self._lag_of(one.id) for one in known))
        return {"docent_ingest_lag_seconds": max(lags)} if lags else {}

    async def _lag_of(self, collection: str) -> float:
        runs = [one for one in await self.runs.recent(collection, _RUNS) if not one.dry_run]
        done = next((one.ended_at for one in runs if one.state == "done" and one.ended_at), None)
        since = done or (runs[-1].started_at if runs else None)
        return max(0.0, (self.now() - since).total_seconds()) if since else 0.0


def _used(usage: Usage) -> dict[str, float]:
    items = {series("docent_used_today", {"item": name}): float(n) for name, n in usage.items.items()}
    events = {series("docent_events_today", {"event": name}): float(n) for name, n in usage.counts.items()}
    money = {
        "docent_cost_dollars_today": dollars(usage.cost),
        "docent_saved_dollars_today": dollars(usage.saved),
    }
    return items | events | money
