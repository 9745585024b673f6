"""The whole stack: a cold start, a warm one, its memory at rest, and its state saved and taken back."""

import contextlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from benchmarks.local.report import Figure
from local.runner.ports import free_block

CHECKOUT = Path(__file__).resolve().parents[2]
ROUNDS = 5
START_LIMIT, SHARE_LIMIT, MEMORY_LIMIT = 6.5, 0.1, 1000.0
"""Seconds until all processes answer ("about 6 s"), share of a cold start, MB."""
PATIENCE = 600
SETTLE = 5.0


def measure(folder: Path) -> list[Figure]:
    """On a state of its own with the sample Drive."""
    with tempfile.TemporaryDirectory(dir=folder) as state:
        with stack(Path(state)) as (_, cold, _started):
            pass
        with stack(Path(state)) as (base, warm, started):
            memory = _memory(base)
            saved, restored = _snapshots(base)
    share = max(saved, restored) / cold
    return [
        Figure(
            "stack start",
            "s",
            {
                "all processes answer": round(started, 1),
                "ready": round(warm, 1),
                "ready, first start": round(cold, 1),
            },
            kept=started <= START_LIMIT,
            expected=f"about 6 s (at most {START_LIMIT:g})",
        ),
        Figure(
            "stack memory at rest",
            "MB",
            {name: round(value) for name, value in memory.items()},
            kept=memory["all"] <= MEMORY_LIMIT,
            expected=f"under {MEMORY_LIMIT:g} MB",
        ),
        Figure(
            "state of the demo",
            "s",
            {"snapshot": round(saved, 3), "restore": round(restored, 3), "cold start": round(cold, 1)},
            {"cold start": share},
            kept=share < SHARE_LIMIT,
            expected="a tenth of a cold start",
        ),
    ]


@contextlib.contextmanager
def stack(state: Path) -> Iterator[tuple[str, float, float]]:
    """A running stack: its address, seconds until it was ready, and until all its processes answered."""
    port = free_block()
    command = [sys.executable, "-m", "local", "--state", str(state), "--port", str(port)]
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own words
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            while not _answers(port) and process.poll() is None:
                time.sleep(0.02)
            answered = time.perf_counter() - begun
            assert process.stdout is not None
            assert any(line.startswith("ready at") for line in process.stdout), "the stack did not start"
            yield f"http://127.0.0.1:{port}", time.perf_counter() - begun, answered
        finally:
            process.terminate()
            process.communicate(timeout=60)


def _answers(port: int) -> bool:
    """Whether the gateway is there, which is started when all other processes answer."""
    with contextlib.closing(socket.socket()) as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _snapshots(base: str) -> tuple[float, float]:
    """Median seconds of saving all state, and of going back to it."""
    saved, restored = [], []
    with httpx.Client(base_url=f"{base}/local/control", timeout=PATIENCE, trust_env=False) as client:
        for turn in range(ROUNDS):
            started = time.perf_counter()
            client.post("/snapshots", json={"name": f"bench-{turn}"}).raise_for_status()
            middle = time.perf_counter()
            client.post(f"/snapshots/bench-{turn}/restore").raise_for_status()
            saved.append(middle - started)
            restored.append(time.perf_counter() - middle)
            client.delete(f"/snapshots/bench-{turn}").raise_for_status()
    return statistics.median(saved), statistics.median(restored)


def _memory(base: str) -> dict[str, float]:
    """MB of each process once it has come to rest; pages that several share are counted once (PSS)."""
    about = httpx.get(f"{base}/local/stack", timeout=10, trust_env=False).json()
    time.sleep(SETTLE)
    sizes: dict[str, float] = {}
    for name, pid in about["processes"].items():
        own = psutil.Process(pid)
        sizes[name] = sum(_size(one) for one in [own, *own.children(recursive=True)])
    supervisor = psutil.Process(pid).parent()
    if supervisor is not None:
        named = set(about["processes"].values())
        others = [one for one in supervisor.children() if one.pid not in named]
        sizes["supervisor"] = sum(_size(one) for one in [supervisor, *others])
    return {"all": sum(sizes.values()), **sizes}


def _size(process: psutil.Process) -> float:
    memory = process.memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 1e6
