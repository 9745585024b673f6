"""What could grow: memory, files and connections of each function, documents of Firestore, its databases."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults.block import Block
from local.runner.catalog import FUNCTIONS

EXPIRING = {
    "sessions",
    "login_states",
    "rate_limits",
    "cache_answers",
    "cache_embeddings",
    "claims",
    "groups",
    "audit_waiting",
    "sync_runs",
}
"""Collections whose documents have an end (`expire_at`, or a sweep)."""
WORK = {
    "conversations",
    "messages",
    "audit",
    "usage",
    "usage_days",
    "numbers",
    "feedback",
    "users",
    "private",
    "erasures",
}
"""Collections that grow by what people do, which is what they are for."""
MEGABYTE = 1e6


@dataclass(frozen=True)
class Sample:
    """One look: values by what is measured and whose it is."""

    at: float
    values: dict[str, dict[str, float]]


async def look(block: Block, client: Any) -> Sample:
    """Measure all of it now."""
    values: dict[str, dict[str, float]] = {
        "memory (MB)": {},
        "open files": {},
        "connections": {},
        "threads": {},
    }
    for name in FUNCTIONS:
        process = block.process(name)
        values["memory (MB)"][name] = process.memory_info().rss / MEGABYTE
        values["open files"][name] = process.num_fds()
        values["connections"][name] = len(process.net_connections())
        values["threads"][name] = process.num_threads()
    values["documents"] = await documents(client)
    values["databases (MB)"] = await asyncio.to_thread(_databases, Path(block.stack.state))
    return Sample(time.monotonic(), values)


def _databases(state: Path) -> dict[str, float]:
    return {
        path.stem: sum(one.stat().st_size for one in path.parent.glob(f"{path.name}*")) / MEGABYTE
        for path in sorted(state.rglob("*.sqlite"))
    }


async def documents(client: Any) -> dict[str, float]:
    """Documents by the name of their collection, wherever it lies."""
    names = {one.id async for one in client.collections()} | {"messages", "private"}
    found = {}
    for name in sorted(names):
        counted = await client.collection_group(name).count().get(timeout=60)
        found[name] = float(counted[0][0].value)
    return found


def slope(samples: Sequence[Sample], measure: str, whose: str) -> float:
    """How much it grows in an hour, by the least squares over the second half of the samples.

    The first half is warming up: pools fill, caches fill up to their size, modules are imported when needed.
    """
    half = samples[len(samples) // 2 :]
    times = [one.at for one in half]
    values = [one.values[measure].get(whose, 0.0) for one in half]
    if len(half) < 3 or times[0] == times[-1]:  # a line through two points says nothing
        return 0.0
    return statistics.linear_regression(times, values).slope * 3600
