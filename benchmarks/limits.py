"""What limits, money, caches and observing cost a question, and what they save: over HTTP, on Docent itself.

Two processes of the chat function answer the same fresh questions in turns: "on" is as deployed, "off" the
same without rates, budgets, caches, meters, spans and numbers (benchmarks/chats.py). Hops are the longest
chain of calls of Google's services of which each began after the one before had ended, as the stand-ins saw
them, with 250 ms a call. CPU is the processes' own, by the operating system. Money is compared with what the
stand-ins counted, priced by the price file and Python's decimals, not by Docent.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.chats import PATIENT, Chats, chats
from benchmarks.identity import about, docent
from local.runner.sign_in import sign_in

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "limits.json"
QUESTIONS = ROOT / "local" / "demo" / "questions.jsonl"
PRICES = ROOT / "shared" / "limits" / "prices.toml"
WAYS = (
    *("", "Please tell me: ", "Tell me, please: ", "I ask: ", "Say: ", "One more: ", "Now: ", "And this: "),
    *("Next: ", "Well: ", "So: ", "Dear Docent, ", "Again, please: ", "For my notes: ", "Quickly: "),
)
ROUND_TRIP = 0.25
"""Seconds a call, while hops are counted: far more than a busy machine takes to begin calls that run beside
each other, which otherwise look as if one had waited for the other."""
UNKNOWN = ("the Kestrel merger", "ferry timetables", "the moons of Saturn", "goat cheese", "the Ottoman navy")
CPU_LIMIT = 3.0
"""Milliseconds that all of this may cost a fresh question."""
AT_ONCE = 8
_WAITED_FOR = {"firestore", "vertex", "drive", "secrets", "signin"}


@dataclass
class Asker:
    """Somebody who asks, at whichever process."""

    http: httpx.AsyncClient
    token: str

    async def ask(self, question: str, at: str = "") -> tuple[dict[str, Any], float, str]:
        """The answer, its seconds, and its request id."""
        began = time.perf_counter()
        answer = await self.http.post(f"{at}/chat", headers=self._bearer, json={"message": question})
        answer.raise_for_status()
        return answer.json(), time.perf_counter() - began, answer.headers["x-request-id"]

    async def get(self, path: str) -> Any:
        """What an administrator's route says."""
        return (await self.http.get(path, headers=self._bearer)).raise_for_status().json()

    async def hops(self, request: str) -> int:
        """The longest chain of a request's calls that waited for each other, before the model spoke."""
        answer = await self.http.get("/local/control/traces", params={"request": request})
        return chain(one for one in answer.json()["traces"] if one["service"] in _WAITED_FOR)

    async def control(self, path: str) -> dict[str, Any]:
        """What the stand-ins counted, by service."""
        return dict((await self.http.get(f"/local/control/{path}")).json())

    async def round_trip(self, seconds: float) -> None:
        """How long each call of a service takes at least."""
        await self.http.put("/local/control/round-trip", json={"seconds": seconds})

    @property
    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


def chain(calls: Iterable[dict[str, Any]]) -> int:
    """How many of these calls waited for each other before the model was asked."""
    ordered = sorted(calls, key=lambda one: one["began"])
    spoke = next((one["began"] for one in ordered if "enerateContent" in one["method"]), float("inf"))
    chain, end = 0, 0.0
    for one in sorted(ordered, key=lambda one: one["began"] + (one["seconds"] or 0)):
        waited_for = one["method"] != "Commit" or chain == 0
        if waited_for and one["began"] >= end and one["began"] < spoke:
            chain, end = chain + 1, one["began"] + (one["seconds"] or 0)
    return chain


async def overhead(asker: Asker, running: Chats, questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Fresh questions, each asked of both processes in turns; who begins changes."""
    places = {"on": running.start(), "off": running.start(bare=True)}
    for place in places.values():
        for question in questions[:3]:
            await asker.ask(f"To begin with: {question}", place)
    before = {name: running.cpu(place) for name, place in places.items()}
    seconds: dict[str, list[float]] = {name: [] for name in places}
    for number, question in enumerate(questions):
        for name in sorted(places, reverse=bool(number % 2)):
            seconds[name].append((await asker.ask(question, places[name]))[1])
    cpu = {
        name: (running.cpu(place) - before[name]) * 1000 / len(questions) for name, place in places.items()
    }
    others = await _others(asker, running, places["on"], questions)
    await asker.round_trip(ROUND_TRIP)
    chains: dict[str, list[int]] = {name: [] for name in places}
    for question in questions[:6]:
        for name, place in places.items():
            _, _, request = await asker.ask(f"Now, please: {question}", place)
            chains[name].append(await asker.hops(request))
    await asker.round_trip(0)
    for place in places.values():
        running.kill(place)
    return {
        "fresh: CPU, ms a question": {name: round(value, 2) for name, value in cpu.items()},
        **{f"{name}: CPU, ms a question": {"on": round(value, 2)} for name, value in others.items()},
        "fresh: seconds, median": {
            name: round(statistics.median(values), 3) for name, values in seconds.items()
        },
        "fresh: hops before the model": {name: statistics.mode(found) for name, found in chains.items()},
    }


async def _others(asker: Asker, running: Chats, place: str, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds of CPU of a question whose answer is kept, and of one that the documents do not answer."""
    kept = [one for one in questions[:30] if not (await asker.ask(one, place))[0]["declined"]]
    asked = {
        "cached": [*kept, *kept, *kept],
        "declined": [f"Who wrote about {what} in {year}?" for what in UNKNOWN for year in range(1990, 2002)],
    }
    found: dict[str, float] = {}
    for name, some in asked.items():
        before = running.cpu(place)
        for one in some:
            await asker.ask(one, place)
        found[name] = (running.cpu(place) - before) * 1000 / len(some)
    return found


async def repeats(asker: Asker, questions: Sequence[str]) -> dict[str, dict[str, float]]:
    """Every question twice, the second time some questions later: what the second time costs of the first."""
    first: dict[str, tuple[float, int]] = {}
    again: dict[str, tuple[float, int]] = {}
    before = (await asker.get("/cost/summary"))["today"]
    await asker.round_trip(ROUND_TRIP)
    for question in [*questions, *questions]:
        _, seconds, request = await asker.ask(question)
        found = (seconds, await asker.hops(request))
        (again if question in first else first)[question] = found
    await asker.round_trip(0)
    after = (await asker.get("/cost/summary"))["today"]
    spent = after["cost"] - before["cost"]
    saved = after["saved_by_caches"] - before["saved_by_caches"]
    time_1, time_2 = (sum(one[0] for one in part.values()) for part in (first, again))
    hops_1, hops_2 = (sum(one[1] for one in part.values()) for part in (first, again))
    measures = {
        "hops of a repeat, most frequent": statistics.mode(one[1] for one in again.values()),
        "share of hops saved": round((hops_1 - hops_2) / (2 * hops_1), 3),
        "share of time saved": round((time_1 - time_2) / (2 * time_1), 3),
        "share of money saved": round(saved / (spent + saved), 3),
    }
    return {f"repeat rate 50 %: {name}": {"on": value} for name, value in measures.items()}


async def identical(asker: Asker, running: Chats, times: int) -> dict[str, dict[str, float]]:
    """The same question of one person, so many times at once, over four processes."""
    places = [running.start(CACHE_LEASE="60") for _ in range(4)]
    before = (await asker.control("calls"))["vertex"].get("streamGenerateContent", 0)
    asked = (asker.ask("How long is the probation period?", places[n % 4]) for n in range(times))
    answers = [body for body, _, _ in await asyncio.gather(*asked)]
    after = (await asker.control("calls"))["vertex"].get("streamGenerateContent", 0)
    for place in places:
        running.kill(place)
    measures = {
        "model calls": after - before,
        "answers": sum(1 for body in answers if body["answer"] and not body["declined"]),
        "different answers": len({body["answer"] for body in answers}),
    }
    return {f"{times} identical at once over 4 processes: {name}": {"on": n} for name, n in measures.items()}


async def money(asker: Asker, questions: Sequence[str], count: int) -> dict[str, dict[str, float]]:
    """So many questions, half of them asked before, and the ingest: what was counted, by both sides."""
    asked = [*questions[: count // 2]] * 2
    random.Random(7).shuffle(asked)  # noqa: S311 - an order, no secret
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(question: str) -> None:
        async with slots:
            await asker.ask(question)

    await asyncio.gather(*(one(question) for question in asked))
    summary, billed = await _agreed(asker)
    requests = Decimal("0.40") * summary["items"]["functions:request"] / 1_000_000
    truth = {
        "US dollars in all": (summary["month"]["cost"], float(_priced(billed) + requests)),
        "model calls": (summary["items"]["gemini-3.5-flash-lite:call"], await _model_calls(asker)),
    }
    truth |= {name: (summary["items"].get(name, 0), n) for name, n in sorted(billed.items())}
    name = f"{summary['today']['questions']} mixed questions and the ingest"
    found = {
        f"{name}: {what}": {"docent": round(ours, 4), "stand-ins": round(theirs, 4)}
        for what, (ours, theirs) in truth.items()
    }
    per_thousand = {"docent": summary["per_1000_questions"]}
    return found | {f"{name}: US dollars for 1,000 questions": per_thousand}


async def _agreed(asker: Asker) -> tuple[dict[str, Any], dict[str, int]]:
    """Both sides' counts when small change has been written: it waits ten seconds for the next that is."""
    for _ in range(20):
        await asyncio.sleep(3)
        await asker.ask("Is this the last question?")
        summary, told = await asker.get("/cost/summary"), await asker.control("billed")
        billed = {name: n for service in told.values() for name, n in service.items()}
        tokens = {name: n for name, n in billed.items() if name.startswith("gem")}
        if all(summary["items"].get(name) == n for name, n in tokens.items()):
            break
    return summary, billed


async def _model_calls(asker: Asker) -> int:
    calls = (await asker.control("calls"))["vertex"]
    return sum(n for name, n in calls.items() if "enerateContent" in name)


def _priced(items: Mapping[str, int]) -> Decimal:
    prices = tomllib.loads(PRICES.read_text(encoding="utf-8"))
    total = Decimal(0)
    for name, quantity in items.items():
        thing, _, unit = name.partition(":")
        total += Decimal(prices[thing][unit]) * quantity / int(prices[thing]["per"])
    return total


@asynccontextmanager
async def standing() -> Any:
    """Somebody who asks, and the processes, of a Docent of its own."""
    mine = psutil.Process()
    async with docent() as base, httpx.AsyncClient(base_url=base, timeout=300, trust_env=False) as http:
        people = (await http.get("/local/stack")).json()
        supervisor = next(one for one in mine.children() if "local" in one.cmdline())
        with chats(supervisor) as running:
            yield Asker(http, await sign_in(base, people["admin"])), running


async def main(fresh: int, mixed: int) -> int:
    """Measure, print, write the results; 1 when a limit is not kept."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    known = [json.loads(line)["question"] for line in lines]
    questions = [f"{way}{question}" for way in WAYS for question in known]
    os.environ.update(PATIENT)
    async with standing() as (asker, running):
        found = await money(asker, questions, mixed)
        found |= await repeats(asker, [f"Once more: {one}" for one in known[:20]])
        found |= await identical(asker, running, 200)
        found |= await overhead(asker, running, [f"Then: {one}" for one in questions[:fresh]])
    for measure, values in found.items():
        print(f"  {measure:<76} " + "  ".join(f"{name} {value:g}" for name, value in values.items()))
    RESULTS.write_text(json.dumps({"about": about(), **found}, indent=1) + "\n", encoding="utf-8")
    cpu, hops = found["fresh: CPU, ms a question"], found["fresh: hops before the model"]
    dollars = next(values for name, values in found.items() if name.endswith("US dollars in all"))
    kept = hops["on"] <= hops["off"] and cpu["on"] - cpu["off"] <= CPU_LIMIT
    return int(not kept or abs(dollars["docent"] - dollars["stand-ins"]) >= 0.01)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fresh", type=int, default=120)
    parser.add_argument("--mixed", type=int, default=1000)
    wanted = parser.parse_args()
    sys.exit(asyncio.run(main(wanted.fresh, wanted.mixed)))
