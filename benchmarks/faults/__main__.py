"""`make bench-faults`: what Docent does while what it stands on fails, in thousands of cases.

Three parts, on a Docent of its own over a copy of the sample Drive. Requests of three people, each with one
method of one stand-in failing in one way for this request alone, many at once, while files change and
ingest's calls fail as well; then whole processes that are killed, restarted, without room on the disk or with
a wrong clock, while people ask. Each case is repeatable: `--seed N --case 17` is that request alone,
`--case e3` that outage, `--case r2` that round of changed files.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import record, reliability
from benchmarks.faults import outages
from benchmarks.faults.campaign import Campaign, planned
from benchmarks.faults.chance import chance
from benchmarks.faults.oracle import MEASURES
from benchmarks.faults.reading import Reading
from benchmarks.faults.setting_out import setting_out

AT_ONCE = 10
CASES, OUTAGES = 1900, 48
"""Requests with a failing call, and outages of whole processes."""


async def main(seed: int, case: str, cases: int, outage: int, port: int) -> int:
    """Run, print, write the results; 1 when anything is wrong."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        async with setting_out(Path(folder), seed, port) as campaign:
            reading = Reading(campaign, Path(folder) / "drive" / "files")
            await reading.begin()
            methods = await campaign.methods()
            print(f"ready after {time.monotonic() - began:.0f} s", flush=True)
            wanted = planned(methods, campaign.who, seed, cases)
            happening = outages.episodes(seed, outage)
            if case.startswith("r"):
                reading.rounds = int(case[1:]) - 1
                await reading.round()
            elif case.startswith("e"):
                await outages.run(campaign, happening[int(case[1:])])
            elif case:
                await campaign.run(wanted[int(case)])
            else:
                await _whole(campaign, reading, wanted, happening)
    return _told(campaign, time.monotonic() - began, write=not case)


async def _whole(campaign: Campaign, reading: Reading, wanted: Any, happening: Any) -> None:
    requests = asyncio.create_task(campaign.run_all(wanted, AT_ONCE))
    while not requests.done():
        await reading.round()
    await requests
    for number, one in enumerate(happening):
        if number % 4 == 0:
            reading.change(chance(campaign.seed, one))
            await reading.sync()
        await outages.run(campaign, one)
    campaign.tally.note("files after the outages", await reading.judged())


def _told(campaign: Campaign, seconds: float, *, write: bool) -> int:
    tally = campaign.tally
    found = Counter(wrong.measure for _, wrong in tally.wrong)
    by_service: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for (service, kind), number in tally.cases.items():
        by_service[service] += number
        by_kind[kind] += number
    measures: dict[str, Any] = {
        "cases": {"docent": tally.cases.total()},
        "of them, faults that no call met": {"docent": tally.unmoved},
        "seed": {"docent": campaign.seed},
        "minutes": {"docent": round(seconds / 60, 1)},
        **{name: {"docent": found[name]} for name in MEASURES},
        "cases by what failed": dict(sorted(by_service.items())),
        "cases by how it failed": dict(sorted(by_kind.items())),
    }
    for name, values in measures.items():
        print(f"  {name:<24} " + ", ".join(f"{system} {value:g}" for system, value in values.items()))
    if write:
        record.write("faults", measures)
        reliability.write()
    return int(bool(tally.wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", default="")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--outages", type=int, default=OUTAGES)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.seed, given.case, given.cases, given.outages, given.port)))
