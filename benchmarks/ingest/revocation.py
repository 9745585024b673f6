"""How long a withdrawn right still shows: `python -m benchmarks.ingest.revocation [CHANGES]`.

1,000 changes (a permission withdrawn of a file or a folder, trash, a folder restricted, a group left), each
timed from Drive's change until the reader who lost the right got something of the file for the last time: a
passage, a source, a preview, a name. Real code on simulated time; tests/fakes/revocation.py says what is
assumed.
"""

import asyncio
import json
import logging
import sys
import time
from typing import Any

from benchmarks.documents.rivals import CHECKOUT
from tests.fakes.revocation import Readers, percentile

RESULTS = CHECKOUT / "benchmarks" / "results" / "revocation.json"
CLAIMED = {"drive": 60.0, "recorded": 180.0}


async def clock(rights: str, changes: int) -> dict[str, Any]:
    """The waits in one way of deciding on rights."""
    start = time.perf_counter()
    readers = Readers(recorded=rights == "recorded")
    await readers.run(changes)
    by_kind = {
        kind: {"rights": len(waits), "p95": percentile(waits, 0.95), "max": max(waits)}
        for kind, waits in sorted(readers.by_kind.items())
    }
    found = {
        "changes": changes,
        "rights_lost": len(readers.waits),
        "p50": percentile(readers.waits, 0.5),
        "p95": percentile(readers.waits, 0.95),
        "max": max(readers.waits),
        "claimed_max": CLAIMED[rights],
        "by_kind": by_kind,
    }
    print(
        f"{rights:9} {changes} changes, {len(readers.waits)} rights lost: p50 {found['p50']:.0f} s, "
        f"p95 {found['p95']:.0f} s, max {found['max']:.0f} s (claimed {CLAIMED[rights]:.0f}); "
        f"{time.perf_counter() - start:.0f} s of work"
    )
    for kind, each in by_kind.items():
        print(f"    {kind:18} {each['rights']:5} rights: p95 {each['p95']:.0f} s, max {each['max']:.0f} s")
    return found


async def measured(changes: int) -> dict[str, Any]:
    """Both ways."""
    return {rights: await clock(rights, changes) for rights in CLAIMED}


def main() -> int:
    """Print and keep the numbers; returns 1 when a claim does not hold."""
    logging.disable(logging.CRITICAL)
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    found = asyncio.run(measured(changes))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(each["max"] > each["claimed_max"] for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
