"""Cold start: from starting the processes to the first byte of the first answer, in turns.

Each system is started by the command that would start it in production and asked at once: chat and the rivals
a question, the other functions what they are there for. Services answer without delay.
"""

import asyncio
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.speed.asking import ask
from benchmarks.speed.questions import fresh
from benchmarks.speed.standing import Standing
from benchmarks.speed.systems import System, serving

Measures = dict[str, dict[str, float]]
FIRST = {"auth": "/auth/user", "health": "/health", "ingest": "/ingest/status"}
"""What is asked of the functions that answer no questions; by an administrator."""


@dataclass
class Started:
    """One system, started some times."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def cold(on: Standing, systems: Sequence[System], rounds: int) -> Measures:
    """Medians of the rounds."""
    on.round_trip(0)
    on.model_start(0)
    questions = fresh()
    found: dict[str, Started] = {one.name: Started() for one in systems}
    for _ in range(rounds + 1):
        for system in systems:
            one = _started(system, on.tokens[0], next(questions))
            found[system.name].seconds.append(one[0])
            found[system.name].cpu.append(one[1])
            found[system.name].memory.append(one[2])
    median: Callable[[Sequence[float]], float] = lambda values: statistics.median(values[1:])  # noqa: E731 - the first run warms the disk
    imports = {one.name: _import_cpu(one, rounds) for one in systems}
    return {
        "cold start: s to the first byte": {n: round(median(one.seconds), 3) for n, one in found.items()},
        "cold start: CPU s to the first answer": {n: round(median(one.cpu), 3) for n, one in found.items()},
        "cold start: CPU s of imports": {n: round(value, 3) for n, value in imports.items()},
        "cold start: MB after the first answer": {
            n: round(median(one.memory), 1) for n, one in found.items()
        },
    }


def _started(system: System, token: str, question: str) -> tuple[float, float, float]:
    """Seconds to the first byte, CPU seconds and MB after the first answer."""
    with serving(system) as server:
        server.wait()
        if system.name in FIRST:
            with httpx.Client(trust_env=False, timeout=60) as http:
                answer = http.get(
                    server.address + FIRST[system.name], headers={"Authorization": f"Bearer {token}"}
                )
            answer.raise_for_status()
            seconds = time.perf_counter() - server.began
        else:
            asked = time.perf_counter() - server.began
            heard = asyncio.run(ask(server.address, question, token))
            assert heard.answered, f"{system.name}: {heard}"
            # headers alone are no answer: its first byte is that of the first token
            seconds = asked + heard.first_token
        return seconds, server.cpu(), server.memory()


def _import_cpu(system: System, rounds: int) -> float:
    """Seconds of CPU that a fresh interpreter takes to import what the server imports."""
    python = str(Path(system.command[0]).with_name("python"))
    code = f"import {system.module}; import time; print(time.process_time())"
    taken = []
    for _ in range(rounds):
        ran = subprocess.run(  # noqa: S603 - ours
            [python, "-c", code],
            cwd=system.folder, env=dict(system.environment), check=True, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        taken.append(float(ran.stdout.split()[-1]))
    return statistics.median(taken)
