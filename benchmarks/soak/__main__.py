"""`make soak MINUTES=30`: mixed load on a Docent of its own, and what grew by the end of it.

Every half minute memory, open files, connections and threads of each function are looked at, and the
documents of each collection. Said is how much each grows in an hour, by the second half of the time; memory
is flat below FLAT, and files, connections and threads below FEW.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import record, reliability
from benchmarks.faults.reading import Reading
from benchmarks.faults.setting_out import setting_out
from benchmarks.soak.load import Load
from benchmarks.soak.samples import EXPIRING, WORK, Sample, look, slope

EVERY = 30.0
FLAT = 40.0
"""MB an hour that a function's memory may grow by, which the allocator alone explains."""
FEW = 20.0
"""Files, connections or threads an hour."""


async def main(minutes: float, port: int) -> int:
    """Load, look, print, write the results; 1 when something grows."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        async with setting_out(Path(folder), 1, port, hurry=False) as campaign:
            reading = Reading(campaign, Path(folder) / "drive" / "files")
            await reading.begin()
            load = Load(campaign, reading)
            working = asyncio.create_task(load.all())
            samples: list[Sample] = []
            for _ in range(round(minutes * 60 / EVERY) + 1):
                samples.append(await look(campaign.block, campaign.books.client))
                print(f"  {_shortly(samples[-1])}, {load.done.total()} done", flush=True)
                await asyncio.wait({working}, timeout=EVERY)
            load.over.set()
            await working
            wrong = await reading.judged()
    return _told(samples, load, minutes, wrong)


def _shortly(sample: Sample) -> str:
    return ", ".join(f"{name} {size:.0f} MB" for name, size in sample.values["memory (MB)"].items())


def _told(samples: list[Sample], load: Load, minutes: float, wrong: Any) -> int:
    grew: list[str] = []
    measures: dict[str, Any] = {
        "minutes": {"docent": minutes},
        "requests": {"docent": load.done.total()},
        "requests that failed": {"docent": load.failed.total()},
        "files wrong in the end": {"docent": len(wrong)},
    }
    for name, limit in (("memory (MB)", FLAT), ("open files", FEW), ("connections", FEW), ("threads", FEW)):
        grown = {one: round(slope(samples, name, one), 1) for one in samples[0].values[name]}
        measures[f"{name} in the end"] = {
            one: round(value, 1) for one, value in samples[-1].values[name].items()
        }
        measures[f"{name} more an hour"] = grown
        grew += [f"{name} of {one}" for one, value in grown.items() if value > limit]
    measures["documents in the end"] = samples[-1].values["documents"]
    more = {one: round(slope(samples, "documents", one)) for one in samples[-1].values["documents"]}
    measures["documents more an hour"] = more
    grew += [
        f"documents of {one}" for one, value in more.items() if value > FEW and one not in EXPIRING | WORK
    ]
    measures["databases (MB) in the end"] = {
        one: round(value, 1) for one, value in samples[-1].values["databases (MB)"].items()
    }
    measures["grows"] = {"docent": len(grew)}
    for name, values in measures.items():
        print(f"  {name:<28} " + ", ".join(f"{system} {value:g}" for system, value in values.items()))
    print("  flat" if not grew else f"  grows: {', '.join(grew)}")
    record.write("soak", measures)
    reliability.write()
    return int(bool(grew or wrong or load.failed.total()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.minutes, given.port)))
