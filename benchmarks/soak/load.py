"""People at work: asking, stopping half-way, reading, searching, signing in and out; files that change."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from random import Random

import httpx

from benchmarks.faults.acts import signing_in, signing_out
from benchmarks.faults.campaign import Campaign, visit_of
from benchmarks.faults.chance import chance
from benchmarks.faults.oracle import fine, send
from benchmarks.faults.reading import Reading
from benchmarks.faults.visits import STREAM

PAUSE = 1.0
"""Seconds that a person thinks between two things, on average."""
OFTEN = (
    "chat",
    "chat, streamed",
    "follow-up",
    "one file",
    "preview",
    "search in folders",
    "conversation",
    "suggestions",
)
SELDOM = (
    "conversations",
    "feedback",
    "export of my data",
    "ingest status",
    "stats",
    "cost",
    "metrics",
    "audit",
    "health",
)
AGAIN = "How do I descale my kettle?"
DECLINED = "Who founded Brindlemoor Kettle Works?"


@dataclass
class Load:
    """The people of a campaign at work until told to stop."""

    campaign: Campaign
    reading: Reading
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def all(self) -> None:
        """Six people who do all sorts of things, and somebody who changes files."""
        people = [self._person(name, number) for number in (1, 2) for name in ("alice", "bob", "carol")]
        await asyncio.gather(*people, self._editor())

    async def _person(self, name: str, number: int) -> None:
        rng = chance("soak", name, number)
        while not self.over.is_set():
            await self._one(name, rng)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), rng.expovariate(1 / PAUSE))

    async def _one(self, name: str, rng: Random) -> None:
        turn = rng.random()
        if turn < 0.12:
            await self._ask(name, AGAIN)
        elif turn < 0.18:
            await self._ask(name, DECLINED)
        elif turn < 0.28:
            await self._leave(name, rng)
        elif turn < 0.32:
            await self._sign_in_and_out(name)
        else:
            await self._visit(name, rng.choice(OFTEN if turn < 0.8 else SELDOM), rng)

    async def _visit(self, name: str, what: str, rng: Random) -> None:
        visit, asker = visit_of(what), self.campaign.people[name]
        if visit.signed and name not in visit.who:
            return
        request = visit.request(asker, rng.choice(self.campaign.asked))
        heard = await send(self.campaign.block.http, self.campaign.block.base, request)
        self._note(what, well=fine(heard, visit.ok))

    async def _ask(self, name: str, message: str) -> None:
        request = httpx.Request(
            "POST", "http://docent/chat", json={"message": message}, headers=self.campaign.people[name].bearer
        )
        heard = await send(self.campaign.block.http, self.campaign.block.base, request)
        self._note("the same again", well=fine(heard, (200,)))

    async def _leave(self, name: str, rng: Random) -> None:
        """Begin a streamed answer and go away in the middle."""
        request = visit_of("chat, streamed").request(
            self.campaign.people[name], rng.choice(self.campaign.asked)
        )
        with contextlib.suppress(httpx.HTTPError):
            async with self.campaign.block.http.stream(
                "POST", f"{self.campaign.block.base}/chat", content=request.content,
                headers={**self.campaign.people[name].bearer, **STREAM, "Content-Type": "application/json"},
            ) as answer:  # fmt: skip
                async for _ in answer.aiter_bytes():
                    break
        self._note("left half-way", well=True)

    async def _sign_in_and_out(self, name: str) -> None:
        campaign = self.campaign
        heard, _ = await signing_in(campaign, campaign.people[name], "")
        self._note("sign-in", well=fine(heard, (303,)))
        with contextlib.suppress(TimeoutError):
            heard, _ = await signing_out(campaign, campaign.people["dan"], "")
        self._note("sign-out", well=fine(heard, (204,)))

    async def _editor(self) -> None:
        """Change some files and have them read in, every so often."""
        rounds = 0
        while not self.over.is_set():
            self.reading.change(chance("soak", rounds))
            rounds += 1
            await self.reading.sync()
            self._note("files read in", well=not await self.reading.settled())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), 20)

    def _note(self, what: str, *, well: bool) -> None:
        self.done[what] += 1
        self.failed[what] += not well
