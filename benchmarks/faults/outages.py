"""Whole processes that fail while people ask: ended, started again, with a full disk, by a wrong clock."""

import asyncio
import contextlib
import random
import resource
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from benchmarks.faults.block import Block
from benchmarks.faults.campaign import Campaign
from benchmarks.faults.chance import chance
from benchmarks.faults.oracle import fine
from benchmarks.faults.visits import VISITS
from local.runner.catalog import FUNCTIONS, PROCESSES

KILLED, RESTARTED, FULL = "kill -9", "restart", "full disk"
CLOCKS = {
    "clock 5 s ahead": 5.0,
    "clock 5 s behind": -5.0,
    "clock 2 h ahead": 7200.0,
    "clock 2 h behind": -7200.0,
}
_AHEAD = "clock 2 h ahead"
AT_ONCE = 8
"""People's requests while a process fails, begun before, during and after it."""
_SPREAD = 1.5
"""Seconds over which they begin."""
_LASTS = 1.0
"""Seconds that a full disk or a wrong clock lasts."""


@dataclass(frozen=True)
class Episode:
    """One process that fails in one way, and requests meanwhile: (act, who, seconds after its beginning)."""

    number: int
    process: str
    kind: str
    meanwhile: tuple[tuple[str, str, float], ...]

    def __str__(self) -> str:
        return f"e{self.number}: {self.process}, {self.kind}"


def episodes(seed: int, count: int) -> list[Episode]:
    """Every process in every way that applies, shuffled, so many of them."""
    rng = chance(seed, "episodes")
    ways = [
        *product((*PROCESSES, *FUNCTIONS), (KILLED, RESTARTED)),
        *product(PROCESSES, [one for one in CLOCKS if one != _AHEAD]),
        *product(("firestore", "vertex"), [_AHEAD]),  # Cloud Tasks would plan its next attempts in two hours
        *((name, FULL) for name in ("firestore", "services", "ingest")),
    ]
    found: list[Episode] = []
    while len(found) < count:
        rng.shuffle(ways)
        for process, kind in ways[: count - len(found)]:
            visits = [rng.choice(VISITS) for _ in range(AT_ONCE)]
            meanwhile = tuple((one.name, rng.choice(one.who), rng.uniform(0, _SPREAD)) for one in visits)
            found.append(Episode(len(found), process, kind, meanwhile))
    return found


async def run(campaign: Campaign, episode: Episode) -> None:
    """Ask while it fails, judge, and see that all goes on."""
    rng = chance(campaign.seed, episode)
    asking = asyncio.gather(*(_asked(campaign, episode, one, rng) for one in episode.meanwhile))
    await asyncio.sleep(_SPREAD / 3)
    async with failing(campaign.block, episode):
        await asyncio.sleep(_LASTS)
    for one, failed in zip(episode.meanwhile, await asking, strict=True):
        act, who, _ = one
        if failed:
            campaign.tally.note(
                f"{episode}: {act} again", await campaign.recovered(act, campaign.people[who], rng)
            )


async def _asked(
    campaign: Campaign, episode: Episode, one: tuple[str, str, float], rng: random.Random
) -> bool:
    """One request meanwhile; whether it failed, as it may."""
    act, who, after = one
    await asyncio.sleep(after)
    asker, ok = campaign.people[who], campaign.ok(act)
    heard, wrong = await campaign.do(act, asker, f"{rng.getrandbits(128):032x}", rng)
    down = episode.process in FUNCTIONS and episode.kind in (KILLED, RESTARTED)
    wrong = wrong + campaign.judged(act, heard, asker, down=down)
    campaign.tally.add(episode.process, episode.kind, f"{episode}: {act} of {who}", wrong)
    return not fine(heard, ok)


@contextlib.asynccontextmanager
async def failing(block: Block, episode: Episode) -> AsyncIterator[None]:
    """It fails for as long as the block lasts."""
    name, kind = episode.process, episode.kind
    if kind in (KILLED, RESTARTED):
        await block.end(name, kill=kind == KILLED)
        await block.start(name)
        yield
    elif kind == FULL:
        with full(block, name):
            yield
    else:
        address = f"{block.control(name)}/clock"
        await block.ask("PUT", address, json={"seconds": CLOCKS[kind]})
        try:
            yield
        finally:
            await block.ask("PUT", address, json={"seconds": 0.0})


@contextlib.contextmanager
def full(block: Block, name: str) -> Iterator[None]:
    """No file of this process may grow: every write that would make one longer fails."""
    process = block.process(name)
    before = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, before)


def processes(episodes: Sequence[Episode]) -> int:
    """How many requests the episodes make."""
    return sum(len(one.meanwhile) for one in episodes)
