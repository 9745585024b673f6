"""What everybody is measured on: one local Google Cloud, its sample Drive with many people, and who asks.

The built-in model says a word every TOKEN_DELAY seconds; how long it takes to start, and how long a call of
any service takes at least, is set through the control API.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.chats import PATIENT
from benchmarks.record import ROOT
from local.runner.people import DEMO
from local.runner.ports import free_block
from local.runner.sign_in import sign_in

FOLDER = ROOT / ".docent" / "bench" / "speed"
TOKEN_DELAY = 0.004
"""Seconds a word: 250 words a second, about what the smaller models of a cloud do."""
PEOPLE = 50
"""Who can sign in; more ask under the names of these."""
START_LIMIT = 600.0


@dataclass(frozen=True)
class Standing:
    """A running local cloud."""

    base: str
    environment: Mapping[str, str]
    """That of its chat function."""
    tokens: tuple[str, ...]
    http: httpx.Client
    ports: Mapping[str, int]

    def round_trip(self, seconds: float) -> None:
        """How long each call of a service takes at least."""
        self.http.put("/local/control/round-trip", json={"seconds": seconds}).raise_for_status()

    def model_start(self, seconds: float) -> None:
        """How long the model takes to its first word."""
        self.http.delete("/local/control/faults", params={"service": "vertex"}).raise_for_status()
        if seconds:
            slow = {"service": "vertex", "method": "streamGenerateContent", "delay": seconds, "times": 0}
            self.http.post("/local/control/faults", json=slow).raise_for_status()

    def calls(self) -> dict[str, dict[str, int]]:
        """Service -> method -> calls so far."""
        found: dict[str, dict[str, int]] = self.http.get("/local/control/calls").json()
        return found

    def traces(self, request: str) -> list[dict[str, Any]]:
        """The calls of services that belong to a request."""
        found: list[dict[str, Any]] = self.http.get(
            "/local/control/traces", params={"request": request}
        ).json()["traces"]
        return found

    def cpu(self, role: str) -> float:
        """Seconds of CPU that a process of the cloud used so far."""
        processes = self.http.get("/local/stack").json()["processes"]
        times = psutil.Process(processes[role]).cpu_times()
        return float(times.user + times.system)


@contextmanager
def standing(port: int = 0, folder: Path = FOLDER) -> Iterator[Standing]:
    """A local cloud of the benchmark's own; its state is kept, so that a second run embeds nothing again."""
    drive = _drive(folder / "drive")
    with running(port or free_block(), drive, folder / "state", "local") as (base, http):
        yield _met(base, http)


@contextmanager
def running(port: int, drive: Path, state: Path, module: str) -> Iterator[tuple[str, httpx.Client]]:
    """The processes that `python -m module` starts, until the block ends."""
    state.mkdir(parents=True, exist_ok=True)
    printed = state / "printed.txt"
    words = ["--port", str(port), "--state", str(state), "--drive", str(drive)]
    environment = {**os.environ, **PATIENT, "LOCAL_TOKEN_DELAY": str(TOKEN_DELAY)}
    with printed.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-m", module, *words], cwd=ROOT, stdout=out, stderr=out, env=environment
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while "ready at" not in (said := printed.read_text(encoding="utf-8")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the local cloud did not start:\n{said}")
            time.sleep(0.2)
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, timeout=120, trust_env=False) as http:
            yield base, http
    finally:
        process.terminate()
        process.wait(60)


def _met(base: str, http: httpx.Client) -> Standing:
    about = http.get("/local/stack").json()
    people = about["people"][:PEOPLE]
    tokens = asyncio.run(_signed_in(base, people))
    chat = psutil.Process(about["processes"]["chat"])
    return Standing(base, chat.environ(), tokens, http, about["ports"])


async def _signed_in(base: str, people: list[str]) -> tuple[str, ...]:
    return tuple([await sign_in(base, person) for person in people])


def _drive(folder: Path) -> Path:
    """The sample Drive, and PEOPLE of the staff who may read it."""
    sidecar = json.loads((DEMO / "permissions.json").read_text(encoding="utf-8"))
    staff = [f"person{n:02}@example.com" for n in range(1, PEOPLE - 2)]
    sidecar["users"] += staff
    for group in ("all-staff@example.com", "finance@example.com", "engineering@example.com"):
        sidecar["groups"][group] += staff
    # carol, who may read little, last: nobody asks in her name
    sidecar["users"].sort(key=lambda one: one.startswith("carol"))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "files").exists():
        shutil.copytree(DEMO / "files", folder / "files")
    (folder / "permissions.json").write_text(json.dumps(sidecar, indent=1), encoding="utf-8")
    return folder
