"""Many people at once: each asks every ten seconds, half of it what was asked before.

Services take ROUND_TRIP a call, the model MODEL_START to its first word. First token and whole answer of the
fresh questions and of all; CPU and memory of the system's own processes meanwhile.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.speed.asking import Heard, ask
from benchmarks.speed.cold import Measures
from benchmarks.speed.questions import fresh
from benchmarks.speed.standing import Standing
from benchmarks.speed.systems import Server, System, serving

ROUND_TRIP, MODEL_START = 0.01, 0.3
HOPS = 4
IDEAL = HOPS * ROUND_TRIP + MODEL_START
EVERY = 10.0
"""Seconds between two questions of a person."""
LEVELS = {1: 12, 10: 15, 50: 20, 200: 12}
"""People -> seconds of asking. One person alone asks every second, so that there is something to count."""
WARM = 12
"""Questions that are asked before, and then again."""
REST = 3.0
"""Seconds of nothing, before memory is looked at for the last time."""


@dataclass
class Load:
    """What a system did under so many people."""

    fresh: list[Heard] = field(default_factory=list)
    again: list[Heard] = field(default_factory=list)
    failed: int = 0
    cpu: float = 0.0
    memory: float = 0.0

    @property
    def answers(self) -> list[Heard]:
        """All of them."""
        return [*self.fresh, *self.again]


def people(on: Standing, systems: Sequence[System], levels: dict[int, int]) -> Measures:
    """Each system, under each number of people."""
    on.round_trip(ROUND_TRIP)
    on.model_start(MODEL_START)
    found: Measures = {}
    try:
        for system in systems:
            with serving(system) as server:
                server.wait()
                for measure, value in asyncio.run(_levels(server, on, levels)).items():
                    found.setdefault(measure, {})[system.name] = value
    finally:
        on.round_trip(0)
        on.model_start(0)
    return found


async def _levels(server: Server, on: Standing, levels: dict[int, int]) -> dict[str, float]:
    crowd = Crowd(server, on.tokens)
    for pair in crowd.asked:
        await ask(server.address, *pair)
    found: dict[str, float] = {}
    for count, seconds in levels.items():
        found |= _measures(count, await crowd.load(count, seconds))
    await asyncio.sleep(REST)
    found["MB after all"] = round(server.memory(), 1)
    return found


class Crowd:
    """People who ask one system."""

    def __init__(self, server: Server, tokens: Sequence[str]) -> None:
        self._server, self._tokens, self._questions = server, tokens, fresh()
        self.asked = [(next(self._questions), tokens[n % len(tokens)]) for n in range(WARM)]
        """Questions that are asked again, with who asks."""

    async def load(self, count: int, seconds: int) -> Load:
        """So many people for so long: they begin at different times, the same in every run."""
        load, drawn = Load(), random.Random(count)  # noqa: S311 - a schedule, no secret
        every = EVERY if count > 1 else 1.0
        turns = range(int(seconds // every) + 1)
        moments = sorted(drawn.uniform(0, every) + turn * every for _ in range(count) for turn in turns)
        waiting: list[asyncio.Task[None]] = []
        begin, before = time.perf_counter(), self._server.cpu()
        for number, moment in enumerate(one for one in moments if one < seconds):
            await asyncio.sleep(max(0.0, begin + moment - time.perf_counter()))
            if number % 2:
                asking = self._one(*drawn.choice(self.asked), load, load.again)
            else:
                token = self._tokens[number % len(self._tokens)]
                asking = self._one(next(self._questions), token, load, load.fresh)
            waiting.append(asyncio.create_task(asking))
        await asyncio.gather(*waiting)
        load.cpu, load.memory = self._server.cpu() - before, self._server.memory()
        return load

    async def _one(self, question: str, token: str, load: Load, heard: list[Heard]) -> None:
        try:
            answer = await ask(self._server.address, question, token)
        except (OSError, TimeoutError):
            load.failed += 1
            return
        if answer.answered:
            heard.append(answer)
        else:
            load.failed += 1


def _measures(count: int, load: Load) -> dict[str, float]:
    who = f"{count} people" if count > 1 else "1 person"
    fresh_tokens = [one.first_token * 1000 for one in load.fresh]
    tokens = [one.first_token * 1000 for one in load.answers]
    whole = [one.whole * 1000 for one in load.answers]
    return {
        f"{who}: first token of fresh questions, ms, p50": round(_at(fresh_tokens, 0.5)),
        f"{who}: first token of fresh questions, ms, p95": round(_at(fresh_tokens, 0.95)),
        f"{who}: first token of all, ms, p50": round(_at(tokens, 0.5)),
        f"{who}: first token of all, ms, p95": round(_at(tokens, 0.95)),
        f"{who}: whole answer, ms, p50": round(_at(whole, 0.5)),
        f"{who}: whole answer, ms, p95": round(_at(whole, 0.95)),
        f"{who}: answers a CPU second": round(len(load.answers) / max(load.cpu, 0.01), 1),
        f"{who}: MB": round(load.memory, 1),
        f"{who}: failed": load.failed,
    }


def _at(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; nearest rank."""
    ordered = sorted(values) or [float("nan")]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
