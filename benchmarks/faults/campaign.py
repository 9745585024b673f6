"""Requests whose calls fail, many at once: which there are, how one is run, and what came of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.faults.block import Block
from benchmarks.faults.chance import chance
from benchmarks.faults.kinds import kinds
from benchmarks.faults.oracle import Books, Heard, Wrong, fine, judged, send
from benchmarks.faults.people import Asker, Question, questions
from benchmarks.faults.visits import ADMIN, VISITS, Visit

RECOVERY = 30.0
"""Seconds within which a request must succeed again, without a restart."""
PAUSE = 0.3


@dataclass(frozen=True)
class Case:
    """One request of one person, with one way of failing of one method that it calls.

    `times` is how many of its calls are hit; 0: all.
    """

    number: int
    act: str
    who: str
    service: str
    method: str
    kind: str
    times: int

    def __str__(self) -> str:
        how = "every time" if self.times == 0 else "once"
        return f"{self.number}: {self.act} of {self.who}, {self.service} {self.method}: {self.kind}, {how}"


@dataclass
class Tally:
    """What came of all cases."""

    cases: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By stand-in and kind."""
    wrong: list[tuple[str, Wrong]] = field(default_factory=list)
    unmoved: int = 0
    """Cases whose fault met no call."""

    def note(self, case: str, wrong: Sequence[Wrong]) -> None:
        """Note what is wrong, without another case."""
        for one in wrong:
            self.wrong.append((case, one))
            print(f"  case {case}\n    {one.measure}: {one.sentence}", flush=True)

    def add(self, service: str, kind: str, case: str, wrong: Sequence[Wrong]) -> None:
        """Count a case."""
        self.cases[service, kind] += 1
        self.note(case, wrong)


Act = Callable[["Campaign", Asker, str], Awaitable[tuple[Heard, list[Wrong]]]]


@dataclass
class Campaign:
    """A running Docent, people in it, and the sum of what was found."""

    block: Block
    people: dict[str, Asker]
    books: Books
    seed: int
    acts: dict[str, tuple[tuple[str, ...], Act]] = field(default_factory=dict)
    """What is more than one request: who does it, and how."""
    tally: Tally = field(default_factory=Tally)
    asked: list[Question] = field(default_factory=questions)

    def who(self, act: str) -> tuple[str, ...]:
        """The people who do this."""
        return self.acts[act][0] if act in self.acts else visit_of(act).who

    async def do(self, act: str, asker: Asker, trace: str, rng: random.Random) -> tuple[Heard, list[Wrong]]:
        """Do it once; what came back, and what is wrong with what was kept of it."""
        if act in self.acts:
            return await self.acts[act][1](self, asker, trace)
        visit = visit_of(act)
        request = visit.request(asker, rng.choice(self.asked))
        if not visit.asks:
            return await send(self.block.http, self.block.base, request, trace), []
        async with asker.asking:
            heard = await send(self.block.http, self.block.base, request, trace)
            text = str(_message(request.content))
            wrong = await self.books.kept(heard, visit.ok, text)
            return heard, wrong + await self.books.charge(asker, answered=fine(heard, visit.ok))

    def judged(self, act: str, heard: Heard, asker: Asker, *, down: bool = False) -> list[Wrong]:
        """What is wrong with an answer."""
        cut = bool(heard.cut) and act not in self.acts and visit_of(act).breaks
        return judged(heard, self.ok(act), asker, down=down or cut, names=self.who(act) == ADMIN)

    def ok(self, act: str) -> tuple[int, ...]:
        """The statuses with which it succeeds."""
        return (200, 204, 303) if act in self.acts else visit_of(act).ok

    async def recovered(self, act: str, asker: Asker, rng: random.Random) -> list[Wrong]:
        """Whether the same succeeds again, by itself."""
        end = asyncio.get_running_loop().time() + RECOVERY
        while True:
            heard, wrong = await self.do(act, asker, "", rng)
            if wrong:
                return wrong
            if fine(heard, self.ok(act)):
                return self.judged(act, heard, asker)
            if asyncio.get_running_loop().time() > end:
                return [Wrong("not recovered", f"{heard.status} {heard.cut} {heard.text[-300:]}")]
            await asyncio.sleep(PAUSE)

    async def run(self, case: Case) -> None:
        """Arm, ask, judge, and see that it goes on; what ends this case ends no other."""
        try:
            await self._run(case)
        except (httpx.HTTPError, TimeoutError) as error:
            self.tally.add(case.service, case.kind, str(case), [Wrong("not recovered", repr(error))])

    async def _run(self, case: Case) -> None:
        rng = chance(self.seed, case.number)
        asker, trace = self.people[case.who], f"{rng.getrandbits(128):032x}"
        fault = kinds(case.service, case.method)[case.kind]
        armed = await self.block.arm(
            case.service, method=case.method, request=trace, times=case.times, **fault
        )
        heard, wrong = await self.do(case.act, asker, trace, rng)
        if await self.block.disarm(armed) and case.times:
            self.tally.unmoved += 1
        wrong = wrong + self.judged(case.act, heard, asker)
        if not fine(heard, self.ok(case.act)):
            wrong += await self.recovered(case.act, asker, rng)
        self.tally.add(case.service, case.kind, str(case), wrong)

    async def run_all(self, cases: Sequence[Case], at_once: int) -> None:
        """Run cases, so many at once."""
        waiting = list(reversed(cases))

        async def worker() -> None:
            while waiting:
                await self.run(waiting.pop())
                if len(waiting) % 100 == 0:
                    print(f"  {len(waiting)} to go", flush=True)

        await asyncio.gather(*(worker() for _ in range(at_once)))

    async def methods(self, acts: Sequence[str] = (), turns: int = 2) -> dict[str, list[tuple[str, str]]]:
        """Which methods of which stand-ins each of these acts calls, or each of all, as seen so often."""
        found: dict[str, set[tuple[str, str]]] = {}
        for act in acts or [*(one.name for one in VISITS), *self.acts]:
            for turn in range(turns):
                trace = f"{chance(act, turn).getrandbits(128):032x}"
                asker = self.people[self.who(act)[0]]
                heard, _ = await self.do(act, asker, trace, chance(self.seed, act))
                assert fine(heard, self.ok(act)), f"{act}: {heard}"
                calls = await self.block.calls(trace)
                found.setdefault(act, set()).update((one["service"], one["method"]) for one in calls)
        return {act: sorted(pairs) for act, pairs in found.items()}


def planned(
    methods: dict[str, list[tuple[str, str]]], who: Callable[[str], Sequence[str]], seed: int, count: int
) -> list[Case]:
    """Every act with every way in which what it calls can fail, shuffled; again, until enough."""
    rng = chance(seed)
    whole = [
        (act, service, method, kind)
        for act, pairs in sorted(methods.items())
        for service, method in pairs
        for kind in kinds(service, method)
    ]
    found: list[Case] = []
    while len(found) < count:
        rng.shuffle(whole)
        for act, service, method, kind in whole[: count - len(found)]:
            person, times = rng.choice(list(who(act))), rng.choice([0, 1])
            found.append(Case(len(found), act, person, service, method, kind, times))
    return found


def visit_of(name: str) -> Visit:
    """The visit of this name."""
    return next(one for one in VISITS if one.name == name)


def _message(body: bytes) -> Any:
    import json

    return json.loads(body)["message"]
