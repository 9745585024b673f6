"""The same question asked again before its answer is there: one leads, the others wait for the cache."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.errors import NotSignedIn, TooMany, Unavailable
from shared.limits import meter
from shared.limits.admission import Admissions, Rules
from shared.limits.answers import AnswerCache, Glimpse
from shared.limits.interfaces import Claimed
from shared.limits.memory import Memory
from shared.limits.meter import Meter
from shared.limits.turns import Turns
from shared.limits.windows import Limit
from shared.models import Person, Scope
from tests.fakes.limits import FakeCache, FakeClaims, FakeCounters

ALICE = Person("alice", "alice@example.com", "example.com")
LEASE = 6.0


@dataclass
class Rights:
    """Sources that are as they were."""

    same: bool = True

    async def unchanged(self, _person: Person, _chunk_ids: Sequence[str]) -> bool:
        """As set."""
        return self.same

    async def rights(self, person: Person) -> Sequence[str]:
        """One's own."""
        return (person.email,)

    def as_of(self, state: str) -> None:
        """Nothing is remembered."""


@dataclass
class Building:
    """Instances over one database."""

    claims: FakeClaims = field(default_factory=FakeClaims)
    now: float = 1_800_000_000.0
    sources: Rights = field(default_factory=Rights)
    calls: int = 0
    """Questions that were really answered."""
    go: asyncio.Event = field(default_factory=asyncio.Event)
    rules: Rules = field(default_factory=lambda: Rules({"standard": (), "premium": ()}))

    def __post_init__(self) -> None:
        self.store = FakeCache(claims=self.claims)
        self.counters = FakeCounters(claims=self.claims)

    def instance(self) -> "Instance":
        """One more."""
        clock = lambda: self.now  # noqa: E731 - moved by tests
        turns = Turns(self.claims, LEASE, clock)
        cache = AnswerCache(
            Memory(100_000, clock), self.store, self.sources, "m", "p", clock=clock, turns=turns
        )
        return Instance(self, cache, Admissions(self.counters, self.rules, clock))


@dataclass
class Instance:
    """Asks as the chat function does: look, be counted and claim, answer or be given what was kept."""

    building: Building
    cache: AnswerCache
    doors: Admissions

    async def admitted(self, question: str = "What now?") -> Glimpse:
        """A question that was let in."""

        async def alice() -> Person:
            return ALICE

        glimpse = self.cache.glimpse("alice", question, Scope())
        claim = glimpse.turn.claim if glimpse.turn else None
        _, admitted = await self.doors.admit("alice", alice(), claim)
        if glimpse.turn:
            glimpse.turn.claimed = admitted.charge.claimed
        return glimpse

    async def ask(self, question: str = "What now?", *, kept: bool = True) -> bool:
        """Whether it was answered out of the cache."""
        glimpse = await self.admitted(question)
        try:
            looked = await self.cache.look(ALICE, question, Scope(), glimpse)
            assert looked is not None
            if looked.events is not None:
                return True
            self.building.calls += 1
            await self.building.go.wait()
            if kept:
                await self.cache.keep(looked, ["a.0"], {"said": "it"}, {})
            return False
        finally:
            await self.cache.end(glimpse)


async def until(true: Callable[[], bool]) -> None:
    """Let everything run until it is so."""
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came to that")


async def test_200_at_once_over_four_instances_are_one_answer() -> None:
    """One is answered, 199 are given what it was."""
    building = Building()
    instances = [building.instance() for _ in range(4)]
    asking = [asyncio.create_task(instances[number % 4].ask()) for number in range(200)]
    await until(lambda: building.counters.calls == 200 and building.claims.reads >= 9)
    building.go.set()
    again = await asyncio.gather(*asking)
    assert (building.calls, sum(again)) == (1, 199)
    assert not building.claims.held


async def test_waiting_reads_once_an_instance_and_look() -> None:
    """Fifty who wait in one instance cost the reads of one; those beside the leader read nothing."""
    building = Building()
    here, there = building.instance(), building.instance()
    leader = asyncio.create_task(here.ask())
    await until(lambda: building.calls > 0)
    beside = [asyncio.create_task(here.ask()) for _ in range(50)]
    await until(lambda: building.counters.calls == 51)
    assert building.claims.reads == 0
    away = [asyncio.create_task(there.ask()) for _ in range(50)]
    await until(lambda: building.claims.reads >= 2)
    building.go.set()
    await asyncio.gather(leader, *beside, *away)
    assert building.claims.reads < 10


async def test_a_question_that_is_over_leaves_no_claim() -> None:
    """Kept, not kept, or found in the cache by whoever led: the next one leads anew."""
    building = Building()
    building.go.set()
    here, there = building.instance(), building.instance()
    assert not await here.ask(kept=False)
    assert not building.claims.held
    assert not await here.ask()
    assert await there.ask()
    assert not building.claims.held


async def test_when_the_leader_keeps_nothing_the_others_go_on() -> None:
    """They answer by themselves as soon as it is over, without waiting for the lease."""
    building = Building()
    here, there = building.instance(), building.instance()
    leader = asyncio.create_task(here.ask(kept=False))
    await until(lambda: building.calls == 1)
    others = [asyncio.create_task(one.ask()) for one in (here, there)]
    await until(lambda: building.claims.reads > 0)
    building.go.set()
    again = await asyncio.gather(leader, *others)
    assert building.calls == again.count(False) >= 2


async def test_when_the_leader_dies_the_others_go_on() -> None:
    """After a lease without a sign of life; and the claim of the dead is cleared away."""
    building = Building()
    building.go.set()
    dead = await building.instance().admitted()
    assert dead.turn is not None
    assert dead.turn.leads
    mine = Meter()
    meter.begin(mine)
    follower = asyncio.create_task(building.instance().ask())
    await until(lambda: building.claims.reads > 0)
    assert not follower.done()
    building.now += LEASE + 1
    assert not await follower
    assert not building.claims.held
    assert mine.counts["awaited_in_vain"] == 1


async def test_a_dead_leader_of_long_ago_is_not_waited_for() -> None:
    """Its claim may lie there for a day; whoever asks then loses no time."""
    building = Building()
    building.go.set()
    await building.instance().admitted()
    building.now += LEASE + 1
    assert not await building.instance().ask()
    assert building.claims.reads == 0


async def test_a_slow_leader_that_lives_is_waited_for() -> None:
    """Signs of life count as the claim's age."""
    building = Building()
    dead = await building.instance().admitted()
    assert dead.turn is not None
    place = dead.turn.claim.id
    follower = asyncio.create_task(building.instance().ask())
    await until(lambda: building.claims.reads > 0)
    building.claims.held[place] = Claimed(dead.turn.claim.mark, int((building.now + LEASE) * 1e6))
    reads = building.claims.reads
    await until(lambda: building.claims.reads > reads)
    building.now += LEASE + 1
    await until(lambda: building.claims.reads > reads + 2)
    assert not follower.done()
    await building.claims.release(dead.turn.claim)
    building.go.set()
    assert not await follower


async def test_a_leader_gives_signs_of_life() -> None:
    """While it answers, and no longer."""
    building = Building()
    turns = Turns(building.claims, 0.03, lambda: building.now)
    turn = turns.turn("place", "alice")
    turn.claimed = building.claims.make(turn.claim)
    turns.begin(turn)
    await until(lambda: building.claims.held["place"].seen > 0)
    await turns.end(turn)
    assert not building.claims.held
    assert turn.renewing is not None
    await until(turn.renewing.done)


async def test_what_was_kept_is_looked_at_anew_by_whoever_waited() -> None:
    """Rights withdrawn meanwhile: the answer is not given, the question goes on by itself."""
    building = Building()
    here, there = building.instance(), building.instance()
    leader = asyncio.create_task(here.ask())
    await until(lambda: building.calls == 1)
    follower = asyncio.create_task(there.ask())
    await until(lambda: building.claims.reads > 0)
    building.sources.same = False
    building.go.set()
    assert await asyncio.gather(leader, follower) == [False, False]


async def test_a_claim_that_cannot_be_read_is_not_waited_for() -> None:
    """Firestore silent: the question goes on."""
    building = Building()
    building.go.set()
    await building.instance().admitted()
    building.claims.failure = Unavailable()
    assert not await building.instance().ask()


async def test_who_is_not_admitted_holds_nobody_up() -> None:
    """Without a session, or over the limit: the claim is given back; another's claim is not."""
    building = Building(rules=Rules({"standard": (Limit("minute", 1),), "premium": ()}))
    building.go.set()
    here = building.instance()

    async def ended() -> Person:
        raise NotSignedIn("Your session has ended.")

    turn = here.cache.glimpse("alice", "What now?", Scope()).turn
    assert turn is not None
    try:
        await here.doors.admit("alice", ended(), turn.claim)
    except NotSignedIn:
        assert not building.claims.held
    first = await here.admitted()
    assert first.turn is not None
    for question, held in (("What now?", 1), ("What else?", 1)):
        try:
            await building.instance().admitted(question)
        except TooMany:
            assert len(building.claims.held) == held
        else:
            raise AssertionError("it was let in")
