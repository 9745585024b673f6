"""CPU of the system's own processes a question, by the operating system; hops; and memory under this load.

Three kinds of questions: fresh ones, the same again (by the same people), and some that no document answers.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice

from benchmarks.limits import chain
from benchmarks.speed.asking import Heard, ask
from benchmarks.speed.cold import Measures
from benchmarks.speed.questions import declined, fresh
from benchmarks.speed.standing import Standing
from benchmarks.speed.systems import DOCENT, Server, System, serving

AT_ONCE = 4
WARM = 8
"""Questions before those that count, one a person; the same people ask the others."""
ROUND_TRIP = 0.04
"""Seconds of a call while hops are counted, so that what runs side by side overlaps."""
_WAITED_FOR = {"firestore", "vertex", "drive", "secrets", "signin"}
KINDS = ("fresh", "again", "declined")


def cpu(on: Standing, systems: Sequence[System], questions: int) -> Measures:
    """Each system answers so many questions of each kind."""
    on.round_trip(0)
    on.model_start(0)
    found: Measures = {f"CPU ms a question, {kind}": {} for kind in KINDS}
    found |= {"CPU: MB after the questions": {}, "hops of a fresh question, before the model": {}}
    for system in systems:
        with serving(system) as server:
            server.wait()
            asked = [*islice(fresh(), WARM + questions)]
            kinds = (asked[WARM:], asked[WARM:], [*islice(declined(), questions)])
            asyncio.run(_all(server, on, asked[:WARM]))
            for kind, texts in zip(KINDS, kinds, strict=True):
                before = server.cpu()
                heard = asyncio.run(_all(server, on, texts))
                spent = (server.cpu() - before) * 1000 / len(texts)
                found[f"CPU ms a question, {kind}"][system.name] = round(spent, 2)
                _check(system, kind, heard)
            found["CPU: MB after the questions"][system.name] = round(server.memory(), 1)
            hops = _hops(server, on, [*islice(fresh(), WARM + questions, WARM + questions + 3)])
            found["hops of a fresh question, before the model"][system.name] = hops
    return found


async def _all(server: Server, on: Standing, texts: Sequence[str]) -> list[Heard]:
    """The answers, AT_ONCE at a time; a question is always asked by the same person."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, text: str) -> Heard:
        async with slots:
            return await ask(server.address, text, on.tokens[number % WARM])

    return list(await asyncio.gather(*(one(*pair) for pair in enumerate(texts))))


def _check(system: System, kind: str, heard: Sequence[Heard]) -> None:
    """Nobody is measured on errors, or on declining what is to be answered."""
    wrong = [one for one in heard if not one.answered]
    refused = sum(one.declined for one in heard)
    if wrong or (kind != "declined" and refused > len(heard) // 10):
        raise SystemExit(f"{system.name}, {kind}: {len(wrong)} without an answer, {refused} declined")


def _hops(server: Server, on: Standing, texts: Sequence[str]) -> int:
    """Calls of services that waited for each other before the model spoke."""
    if server.system.name != DOCENT:
        return 1  # they embed the question, and that is all: none has rights to ask for, or anything to keep
    on.round_trip(ROUND_TRIP)
    longest = []
    for text in texts:
        heard = asyncio.run(ask(server.address, text, on.tokens[0]))
        longest.append(chain(one for one in on.traces(heard.request_id) if one["service"] in _WAITED_FOR))
    on.round_trip(0)
    return sorted(longest)[len(longest) // 2]
