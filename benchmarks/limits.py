"""What limits, metering and caches cost a question, and what caches save: over HTTP, on Docent as it is run.

Hops are the longest chain of calls of Google's services of which each began after the one before had ended,
as the stand-ins saw them, with 40 ms a call. CPU is the chat process's own, by the operating system. "off" is
the same Docent with RATELIMIT_ENABLED=false and CACHE_ENABLED=false.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.identity import about, docent
from local.runner.sign_in import sign_in

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "limits.json"
QUESTIONS = ROOT / "local" / "demo" / "questions.jsonl"
ROUND_TRIP = 0.04
OFF = {"RATELIMIT_ENABLED": "false", "CACHE_ENABLED": "false"}
PATIENT = {f"{name}_TIMEOUT": "60" for name in ("FIRESTORE", "RATELIMIT", "DRIVE", "VECTOR", "GENAI")}
"""Two hundred at once on a small machine take longer than anybody would wait."""
CPU_LIMIT = 3.0
"""Milliseconds that all of this may cost a fresh question."""
_WAITED_FOR = {"firestore", "vertex", "drive", "secrets", "signin"}


class Asker:
    """Somebody who asks one question after the other."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._http, self._headers = http, {"authorization": f"Bearer {token}"}

    async def ask(self, question: str) -> tuple[dict[str, Any], float, str]:
        """The answer, its seconds, and its request id."""
        began = time.perf_counter()
        answer = await self._http.post("/chat", headers=self._headers, json={"message": question})
        answer.raise_for_status()
        return answer.json(), time.perf_counter() - began, answer.headers["x-request-id"]

    async def get(self, path: str) -> Any:
        """What an administrator's route says."""
        return (await self._http.get(path, headers=self._headers)).raise_for_status().json()

    async def calls(self, request: str) -> list[dict[str, Any]]:
        """The calls that were made for a request."""
        answer = await self._http.get("/local/control/traces", params={"request": request})
        return [one for one in answer.json()["traces"] if one["service"] in _WAITED_FOR]

    async def counts(self, service: str) -> dict[str, int]:
        """How often each method of a service was called."""
        answer = await self._http.get("/local/control/calls")
        return dict(answer.json()[service])


def hops(calls: Iterable[dict[str, Any]]) -> int:
    """The longest chain of calls that waited for each other; those before the model speaks."""
    ordered = sorted(calls, key=lambda one: one["began"])
    spoke = next((one["began"] for one in ordered if "enerateContent" in one["method"]), float("inf"))
    chain, end = 0, 0.0
    for one in sorted(ordered, key=lambda one: one["began"] + (one["seconds"] or 0)):
        waited_for = one["method"] != "Commit" or chain == 0
        if waited_for and one["began"] >= end and one["began"] < spoke:
            chain, end = chain + 1, one["began"] + (one["seconds"] or 0)
    return chain


def chat_seconds() -> float:
    """CPU seconds of the chat function's processes, of this benchmark's own Docent."""
    mine = psutil.Process().children(recursive=True)
    chats = [one for one in mine if "chat" in one.cmdline()]
    return sum(one.cpu_times().user + one.cpu_times().system for one in chats)


async def fresh(asker: Asker, http: httpx.AsyncClient, questions: list[str]) -> dict[str, float]:
    """Questions that nobody asked before, one after the other."""
    await asker.ask("What is the first question of the day?")
    before = chat_seconds()
    seconds = [(await asker.ask(question))[1] for question in questions]
    cpu = (chat_seconds() - before) * 1000 / len(questions)
    await http.put("/local/control/round-trip", json={"seconds": ROUND_TRIP})
    chains = []
    for question in questions[:10]:
        _, _, request = await asker.ask(f"Please tell me: {question}")
        chains.append(hops(await asker.calls(request)))
    await http.put("/local/control/round-trip", json={"seconds": 0})
    return {
        "CPU, ms a question": round(cpu, 2),
        "seconds, median": round(statistics.median(seconds), 3),
        "hops before the model": statistics.mode(chains),
    }


async def repeats(asker: Asker, http: httpx.AsyncClient, questions: list[str]) -> dict[str, float]:
    """Every question twice, the second time some questions later: what the second time costs of the first."""
    first: dict[str, tuple[float, int]] = {}
    again: dict[str, tuple[float, int]] = {}
    await http.put("/local/control/round-trip", json={"seconds": ROUND_TRIP})
    for question in [*questions, *questions]:
        _, seconds, request = await asker.ask(f"Say: {question}")
        found = (seconds, hops(await asker.calls(request)))
        (again if question in first else first)[question] = found
    await http.put("/local/control/round-trip", json={"seconds": 0})
    time_1, time_2 = (sum(one[0] for one in part.values()) for part in (first, again))
    hops_1, hops_2 = (sum(one[1] for one in part.values()) for part in (first, again))
    return {
        "hops of a repeat, most frequent": statistics.mode(one[1] for one in again.values()),
        "hops saved": round((hops_1 - hops_2) / (2 * hops_1), 3),
        "time saved": round((time_1 - time_2) / (2 * time_1), 3),
    }


async def identical(asker: Asker, times: int) -> dict[str, float]:
    """The same question of one person, so many times at once."""
    before = (await asker.counts("vertex")).get("streamGenerateContent", 0)
    answers = await asyncio.gather(*(asker.ask("How long is the probation period?") for _ in range(times)))
    after = (await asker.counts("vertex")).get("streamGenerateContent", 0)
    return {
        "model calls": after - before,
        "answers": sum(1 for body, _, _ in answers if body["answer"]),
        "different answers": len({body["answer"] for body, _, _ in answers}),
    }


async def money(asker: Asker) -> dict[str, float]:
    """What the summary counted, beside what the stand-ins did."""
    await asyncio.sleep(11)  # what is small waits ten seconds for the next that is written
    await asker.ask("Is this the last question?")
    summary, vertex = await asker.get("/cost/summary"), await asker.counts("vertex")
    items = summary["items"]
    return {
        "model calls, counted": items.get("gemini-3.5-flash-lite:call", 0),
        "model calls, at the stand-in": sum(n for name, n in vertex.items() if "enerateContent" in name),
        "embedding calls, counted": items.get("gemini-embedding-001:call", 0),
        "embedding calls, at the stand-in": vertex.get("predict", 0),
        "USD today": summary["today"]["cost"],
        "USD saved": summary["today"]["saved_by_caches"],
        "USD for 1,000 questions": summary["per_1000_questions"] or 0,
    }


def shown(title: str, name: str, values: dict[str, float]) -> dict[str, float]:
    """Print as it is known."""
    for measure, value in values.items():
        print(f"  {f'{title}, {name}: {measure}':<64} {value:g}", flush=True)
    return values


async def main(times: int) -> int:
    """Measure with and without, print, write the results; 1 when a limit is not kept."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines][:times]
    measures: dict[str, dict[str, dict[str, float]]] = {}
    os.environ.update(PATIENT)
    for name, settings in (("on", {}), ("off", OFF)):
        os.environ.update(settings)
        async with docent() as base, httpx.AsyncClient(base_url=base, timeout=120, trust_env=False) as http:
            people = (await http.get("/local/stack")).json()
            asker = Asker(http, await sign_in(base, people["admin"]))
            found = {"fresh": await fresh(asker, http, questions)}
            if name == "on":
                found["repeat rate 50 %"] = await repeats(asker, http, questions[:20])
                found["200 identical at once"] = await identical(asker, 200)
                found["money"] = await money(asker)
            for title, values in found.items():
                measures.setdefault(title, {})[name] = shown(title, name, values)
    RESULTS.write_text(json.dumps({"about": about(), **measures}, indent=1) + "\n", encoding="utf-8")
    on, off = measures["fresh"]["on"], measures["fresh"]["off"]
    kept = on["hops before the model"] <= off["hops before the model"]
    return int(not (kept and on["CPU, ms a question"] - off["CPU, ms a question"] <= CPU_LIMIT))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=40)
    sys.exit(asyncio.run(main(parser.parse_args().questions)))
