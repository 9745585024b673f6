"""Files and chunks a second, beside LangChain: `python -m benchmarks.ingest.throughput [--files 1000]`.

A Drive of office files is made, and read in twice in one run: by two instances of the ingest function over
the whole local cloud (Drive, Cloud Tasks, Firestore, embeddings, Vector Search, each call over its wire
protocol), and by LangChain's loaders, splitter and store in one process. First with a model that costs
nothing, then, on the first --model-files of them, with the local cloud's model on both sides. Kinds
recur every hundred files, so the first thousand are a fair sample for --langchain-files. Afterwards an
oracle compares files, records, chunks and index. Each half is kept as it ends: with --resume, a run that was
broken off goes on with the halves that are missing.

CPU is compared in three ways, since LangChain's process is also its model's and its store's: what the
instances take alone, which is all that Docent's own machines do on the real cloud; with the process that
serves the model and the index, which does for them what LangChain's does for itself; and with all the
stand-ins for Google's services. Imports are left out on both sides, connections and sign-in are not. Files
come from Drive over HTTP on one side, from the disk on the other.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.documents.rivals import CHECKOUT, NotInstalled, rivals_python
from benchmarks.ingest import corpus, page
from benchmarks.ingest.cloud import Cloud, as_function, cloud
from benchmarks.ingest.oracle import Stores, complaints, stores
from benchmarks.record import write

FOLDER = CHECKOUT / ".docent" / "bench" / "ingest"
SAMPLE_SECONDS = 1.0
SHARE = 0.03
"""The ledger is looked at when the run is longer by so much: counting it takes time from what is measured."""
_LOOKS = "RunAggregationQuery"
"""The call of those looks."""
STALLED = 300.0
"""Seconds without a file done after which a run has failed."""
FLAT, LONG = 1.15, 3_000
"""The most that an instance's size over the last quarter of a run may be of that over the second, where there
are so many files: over fewer, what it remembers of words and templates is still being filled."""


@dataclass
class Ours:
    """One run of ours."""

    seconds: float = 0.0
    files: int = 0
    chunks: int = 0
    sizes: list[list[float]] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How much larger an instance is at the end than when it was warm; the worst of them."""
        quarter = max(1, len(self.sizes) // 4)
        early, late = self.sizes[quarter : 2 * quarter] or self.sizes, self.sizes[-quarter:]
        pairs = zip(zip(*early, strict=True), zip(*late, strict=True), strict=True)
        return max(statistics.median(after) / statistics.median(before) for before, after in pairs)


async def ours(drive: Path, paths: list[Path], workers: int, *, free: bool, port: int) -> Ours:
    """Read a Drive in with so many instances."""
    run = Ours(files=len(paths))
    with tempfile.TemporaryDirectory(prefix="docent-throughput-") as state:
        samples = list({path.suffix: path for path in paths}.values())
        async with cloud(drive, Path(state), workers, free=free, port=port, samples=samples) as running:
            with as_function(running.variables):
                found = stores()
                await _connect(found)
                await _timed(running, found, run)
                if run.files:
                    run.wrong, run.chunks = await complaints(found, paths)
            run.wrong += _twice(run)
            if run.files >= LONG and run.growth > FLAT:
                run.wrong.append(f"an instance grew to {run.growth:.2f} of its size")
    return run


async def _connect(found: Stores) -> None:
    from shared.gcp.firestore_runs import FirestoreCollections
    from shared.ingestion.drive import EVERYTHING
    from shared.ingestion.interfaces import Collection

    await FirestoreCollections(found.database, 60.0).put(Collection("main", "Main", EVERYTHING))


async def _timed(running: Cloud, found: Stores, run: Ours) -> None:
    before, begun = running.cpu(), time.perf_counter()
    await running.sync()
    done, moved, looked = 0, time.perf_counter(), begun
    while done < run.files:
        await asyncio.sleep(SAMPLE_SECONDS)
        run.sizes.append(running.sizes())
        if time.perf_counter() - looked < SHARE * (looked - begun):
            continue
        looked = time.perf_counter()
        counts = await found.records.counts("main")
        if (now := sum(counts.values()) - counts["pending"]) != done:
            done, moved = now, time.perf_counter()
        if sys.stderr.isatty() or len(run.sizes) % 20 == 0:
            print(f"  {done} of {run.files} files, {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        if time.perf_counter() - moved > STALLED:
            run.wrong.append(f"stalled at {done} of {run.files} files: {counts}")
            break
    run.seconds = time.perf_counter() - begun
    run.cpu = {name: seconds - before[name] for name, seconds in running.cpu().items()}
    run.calls = await running.calls()


def _twice(run: Ours) -> list[str]:
    """Work that was done more than once, as the stand-ins counted it."""
    embedded = run.calls["vertex"].get("texts_embedded", 0)
    tasks = run.calls["tasks"].get("Dispatch", 0)
    wrong = []
    if embedded != run.chunks:
        wrong.append(f"{embedded} texts embedded for {run.chunks} chunks")
    created = run.calls["tasks"].get("CreateTask", 0)
    if tasks > created + run.files // 100 + 10:
        wrong.append(f"{tasks} deliveries of {created} tasks")
    return wrong


def langchain(python: str, paths: list[Path], model: str) -> dict[str, Any]:
    """LangChain over the same files."""
    done = subprocess.run(  # noqa: S603 - our own file
        [python, str(Path(__file__).with_name("langchain_side.py")), model],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin", "SCARF_NO_ANALYTICS": "true"},
    )
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def shown(name: str, run: Ours, other: dict[str, Any]) -> dict[str, Any]:
    """Print one comparison and return its figures."""
    rate, others = run.files / run.seconds, other["files"] / other["seconds"]
    firestore = sum(run.calls["firestore"].values()) - run.calls["firestore"].get(_LOOKS, 0)
    cpu = _cpu(run, other)
    ratios = {what: round(cpu["langchain"] / ms, 2) for what, ms in cpu.items() if what != "langchain"}
    print(f"{name}:")
    print(
        f"  docent    {rate:6.1f} files/s {run.chunks / run.seconds:7.1f} chunks/s ({run.seconds:.0f} s; CPU "
        f"ms a file: {', '.join(f'{what} {ms:.1f}' for what, ms in cpu.items() if what != 'langchain')})"
    )
    print(
        f"  LangChain {others:6.1f} files/s {other['chunks'] / other['seconds']:7.1f} chunks/s "
        f"({other['seconds']:.0f} s; CPU ms a file: {cpu['langchain']:.1f}; {len(other['failed'])} failed)"
    )
    print(
        f"  ratio {rate / others:.2f} in files/s; in CPU: "
        f"{', '.join(f'{what} {ratio:.2f}' for what, ratio in ratios.items())}; instances "
        f"{max(map(max, run.sizes)):.0f} MB at most, at the end {run.growth:.2f} of their size when warm; "
        f"{firestore / run.files:.1f} Firestore calls each"
    )
    print(f"  WRONG: {run.wrong[:5]}" if run.wrong else "  nothing lost, nothing twice", flush=True)
    return {
        "files": {"docent": run.files, "langchain": other["files"]},
        "files_per_second": {"docent": round(rate, 2), "langchain": round(others, 2)},
        "chunks_per_second": {
            "docent": round(run.chunks / run.seconds, 1),
            "langchain": round(other["chunks"] / other["seconds"], 1),
        },
        "chunks": {"docent": run.chunks, "langchain": other["chunks"]},
        "cpu_ms_a_file": {what: round(ms, 1) for what, ms in cpu.items()},
        "peak_mb": {"docent": round(max(map(max, run.sizes))), "langchain": other["peak_mb"]},
        "growth": {"docent": round(run.growth, 3)},
        "firestore_calls_per_file": {"docent": round(firestore / run.files, 2)},
        "ratio": {"files_per_second": round(rate / others, 2), **ratios},
        "wrong": run.wrong[:20],
    }


def _cpu(run: Ours, other: dict[str, Any]) -> dict[str, float]:
    """CPU ms a file: of ours, as the module's docstring has it, and of LangChain."""
    alone, served = run.cpu["ingest"], run.cpu["vertex"]
    ours = {
        # where the model's work is LangChain's too, the instances alone are not to be compared with it
        **({} if other["model"] else {"instances": alone}),
        "instances, model and index": alone + served,
        "instances and all stand-ins": sum(run.cpu.values()),
    }
    shares = {what: 1e3 * seconds / run.files for what, seconds in ours.items()}
    return {**shares, "langchain": 1e3 * other["cpu"] / other["files"]}


def _ours(drive: Path, paths: list[Path], chosen: argparse.Namespace, model: str) -> dict[str, Any]:
    return asdict(asyncio.run(ours(drive, paths, chosen.workers, free=model == "free", port=chosen.port)))


def _kept(name: str, measured: Callable[[], dict[str, Any]], *, resume: bool) -> dict[str, Any]:
    """One half of a comparison: as a former run left it, where that is wanted, else measured now."""
    path = FOLDER / f"{name}.json"
    if not (resume and path.exists()):
        print(f"  measuring {name}", file=sys.stderr, flush=True)
        found = measured()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(found), encoding="utf-8")
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def main() -> int:
    """Measure and write; returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000)
    parser.add_argument("--model-files", type=int, default=100, help="how many of them with the real model")
    parser.add_argument(
        "--langchain-files", type=int, default=0, help="LangChain over the first so many alone (it is slow)"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="take over halves that a former run measured")
    chosen = parser.parse_args()
    try:
        python = rivals_python()
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return 1
    figures: dict[str, Any] = {}
    for name, model, count in (
        ("without the model", "free", chosen.files),
        ("with it", "minilm", chosen.model_files),
    ):
        if not count:
            continue
        drive = FOLDER / f"drive-{count}"
        paths = corpus.make(drive, count)
        some = paths[: chosen.langchain_files or count]
        other = _kept(
            f"langchain-{model}-{len(some)}",
            partial(langchain, python, some, model),
            resume=chosen.resume,
        )
        mine = _kept(
            f"docent-{model}-{count}", partial(_ours, drive, paths, chosen, model), resume=chosen.resume
        )
        figures[name] = shown(name, Ours(**mine), other)
        write("throughput", figures)
    page.save()
    return int(any(one["wrong"] for one in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
