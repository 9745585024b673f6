"""A kept answer is used for who got it, while all that it rests on is as it was; and never else."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.errors import Unavailable
from shared.limits.answers import AnswerCache, Kept
from shared.limits.interfaces import Generation
from shared.limits.memory import Memory
from shared.limits.questions import AnswerKey, normalised
from shared.models import Person, Scope
from tests.fakes.limits import FakeCache

NOW = 1_800_000_000.0
PEOPLE = {name: Person(name, f"{name}@example.com", "example.com") for name in ("alice", "bob", "carol")}
ALICE = PEOPLE["alice"]
EVERYWHERE = Scope()


@dataclass
class Office:
    """Files with a text each, and who may read which: what answers rest on."""

    texts: dict[str, int] = field(default_factory=lambda: {"a": 0, "b": 0, "c": 0})
    readers: dict[str, set[str]] = field(default_factory=lambda: {name: set(PEOPLE) for name in "abc"})
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failure: Exception | None = None
    state: str = ""

    async def unchanged(self, person: Person, chunk_ids: Sequence[str]) -> bool:
        """A chunk is named after its file and its text."""
        if self.failure:
            raise self.failure
        current = {self.chunk(name) for name in self.texts if person.subject in self.readers[name]}
        return set(chunk_ids) <= current

    async def rights(self, person: Person) -> Sequence[str]:
        """One's own address, and groups."""
        return (person.email, *self.groups.get(person.subject, ()))

    def as_of(self, state: str) -> None:
        """Noted."""
        self.state = state

    def chunk(self, name: str) -> str:
        """The id of a file's only chunk, as it is now."""
        return f"{name}.{self.texts[name]}"


def cache(office: Office, store: FakeCache, model: str = "m", prompt: str = "p") -> AnswerCache:
    """The cache of one instance."""
    return AnswerCache(Memory(100_000, lambda: NOW), store, office, model, prompt, clock=lambda: NOW)


async def give(
    one: AnswerCache, person: Person, question: str, scope: Scope, chunks: Sequence[str]
) -> object:
    """Ask; when nothing is kept, keep an answer that rests on these chunks. What was kept before, or None."""
    looked = await one.look(person, question, scope)
    assert looked is not None
    if looked.events is None:
        events = {"for": person.subject, "chunks": list(chunks), "question": normalised(question)}
        await one.keep(looked, chunks, events, {"m:output": 5})
    return looked.events


async def test_sources_are_told_the_state_of_the_index_before_they_are_read() -> None:
    """As the store says it now; what was read in another state is then read again, with the rest."""
    office, store = Office(), FakeCache()
    await cache(office, store).look(ALICE, "What now?", EVERYWHERE)
    before = office.state
    store.generation = Generation("another", {})
    await cache(office, store).look(ALICE, "And now?", EVERYWHERE)
    assert (before, office.state) == ("", "another")


async def test_an_answer_is_given_again_by_any_instance() -> None:
    """By the instance that kept it and by another one, however the question is spaced and ended."""
    office, store = Office(), FakeCache()
    here, there = cache(office, store), cache(office, store)
    assert await give(here, ALICE, "What now?", EVERYWHERE, ["a.0"]) is None
    assert await give(here, ALICE, " What  now ", EVERYWHERE, []) is not None
    assert await give(there, ALICE, "What now?", EVERYWHERE, []) is not None


async def test_another_persons_answer_is_nobodys() -> None:
    """Even for the same question, the same groups and the same rights."""
    office, store = Office(), FakeCache()
    one = cache(office, store)
    await give(one, ALICE, "What now?", EVERYWHERE, ["a.0"])
    assert await give(one, PEOPLE["bob"], "What now?", EVERYWHERE, []) is None


def _change(office: Office, store: FakeCache, what: str) -> None:
    match what:
        case "source changed":
            office.texts["a"] = 1
        case "source withdrawn":
            office.readers["a"].discard("alice")
        case "joined a group":
            office.groups["alice"] = ("staff@example.com",)
        case "index changed":
            store.generation = Generation("other")
        case "cleared":
            store.generation = Generation(cleared={"answers": 1})


@pytest.mark.parametrize(
    "what", ["source changed", "source withdrawn", "joined a group", "index changed", "cleared"]
)
async def test_what_changed_makes_it_unreachable_at_once(what: str) -> None:
    """From memory and from the store, at the very next question."""
    for instances in (1, 2):
        office, store = Office(), FakeCache()
        first = cache(office, store)
        await give(first, ALICE, "What now?", EVERYWHERE, ["a.0"])
        _change(office, store, what)
        again = first if instances == 1 else cache(office, store)
        assert await give(again, ALICE, "What now?", EVERYWHERE, ["b.0"]) is None


async def test_another_model_or_prompt_or_scope_is_another_answer() -> None:
    """None of them finds what the other kept."""
    office, store = Office(), FakeCache()
    await give(cache(office, store), ALICE, "What now?", EVERYWHERE, ["a.0"])
    assert await give(cache(office, store, model="n"), ALICE, "What now?", EVERYWHERE, []) is None
    assert await give(cache(office, store, prompt="q"), ALICE, "What now?", EVERYWHERE, []) is None
    for scope in (Scope("main"), Scope("", "main"), Scope("", "", "main")):
        assert await give(cache(office, store), ALICE, "What now?", scope, []) is None


async def test_what_changed_while_answering_is_not_kept_as_new() -> None:
    """The answer is kept under the state in which its search began."""
    office, store = Office(), FakeCache()
    one = cache(office, store)
    looked = await one.look(ALICE, "What now?", EVERYWHERE)
    assert looked is not None
    store.generation = Generation("changed meanwhile")
    await one.keep(looked, ["a.0"], {"old": True}, {})
    assert await give(one, ALICE, "What now?", EVERYWHERE, []) is None


async def test_nothing_is_used_when_it_cannot_be_checked() -> None:
    """Drive or Firestore silent: the question is answered anew, without an error from the cache."""
    office, store = Office(), FakeCache()
    one = cache(office, store)
    await give(one, ALICE, "What now?", EVERYWHERE, ["a.0"])
    office.failure = Unavailable()
    assert await one.look(ALICE, "What now?", EVERYWHERE) is None
    office.failure, store.failure = None, Unavailable()
    assert await one.look(ALICE, "What now?", EVERYWHERE) is None


async def test_an_early_look_counts_only_for_whom_it_was_begun() -> None:
    """A look begun under a token's name is not used for another person, nor with rights guessed wrongly."""
    office, store = Office(), FakeCache()
    one = cache(office, store)
    await give(one, ALICE, "What now?", EVERYWHERE, ["a.0"])
    early = one.glimpse("alice", "What now?", EVERYWHERE)
    looked = await one.look(PEOPLE["bob"], "What now?", EVERYWHERE, early)
    assert looked is not None
    assert looked.events is None
    moved = replace(ALICE, email="alice@example.org")
    looked = await one.look(moved, "What now?", EVERYWHERE, one.glimpse("alice", "What now?", EVERYWHERE))
    assert looked is not None
    assert looked.events is None
    for question, scope in (("Who pays?", EVERYWHERE), ("What now?", Scope("main"))):
        looked = await one.look(ALICE, question, scope, one.glimpse("alice", "What now?", EVERYWHERE))
        assert looked is not None
        assert looked.events is None
    looked = await one.look(ALICE, "What now?", EVERYWHERE, one.glimpse("alice", "What now?", EVERYWHERE))
    assert looked is not None
    assert looked.events is not None


async def test_a_repeat_costs_one_round_trip() -> None:
    """Where the instance knows the person and the answer, one read of the store, beside the check."""
    office, store = Office(), FakeCache()
    one = cache(office, store)
    await give(one, ALICE, "What now?", EVERYWHERE, ["a.0"])
    reads = store.reads
    looked = await one.look(ALICE, "What now?", EVERYWHERE, one.glimpse("alice", "What now?", EVERYWHERE))
    assert looked is not None
    assert looked.events is not None
    assert store.reads == reads + 1


def test_every_part_of_the_key_counts() -> None:
    """Whatever part differs, place or seal differs; a part forgotten in either would be found here."""
    key = AnswerKey("alice", "question", Scope("c", "f", "i"), "rights", "index", 1, "model", "prompt")
    others: dict[str, object] = {name.name: "other" for name in fields(AnswerKey)} | {
        "scope": Scope("c", "f", "other"),
        "cleared": 2,
    }
    for name, value in others.items():
        assert replace(key, **{name: value}).seal != key.seal, name  # type: ignore[arg-type]
    for scope in (Scope("x", "f", "i"), Scope("c", "x", "i"), Scope("cf", "", "i")):
        assert replace(key, scope=scope).seal != key.seal


def test_a_kept_answer_survives_packing() -> None:
    """What comes out is what went in, in any script."""
    kept = Kept("seal", ("a.0",), {"said": "Größe 身長"}, {"m:output": 3})
    assert Kept.unpacked(kept.packed()) == kept


class Days(RuleBasedStateMachine):
    """Random days of an office: questions, edits, rights given and taken, clearings, on two instances."""

    def __init__(self) -> None:
        super().__init__()
        self.office, self.store = Office(), FakeCache()
        self.instances = [cache(self.office, self.store), cache(self.office, self.store)]
        self.wrong: list[object] = []

    @rule(
        who=st.sampled_from(sorted(PEOPLE)), question=st.sampled_from("xyz"), where=st.integers(0, 1),
        scope=st.sampled_from([EVERYWHERE, Scope("main")]), early=st.sampled_from([None, *sorted(PEOPLE)]),
        before=st.sampled_from("xyz"),
    )  # fmt: skip
    def ask(self, who: str, question: str, where: int, scope: Scope, early: str | None, before: str) -> None:
        """An answer rests on all that its asker may read now, and is remembered as that.

        A look may have been begun early, under another name or for another question.
        """
        begun = (early, before) if early else None
        asyncio.run(self._ask(PEOPLE[who], question, self.instances[where], scope, begun))

    async def _ask(
        self, person: Person, question: str, one: AnswerCache, scope: Scope, begun: tuple[str, str] | None
    ) -> None:
        glimpse = one.glimpse(*begun, scope) if begun else None
        looked = await one.look(person, question, scope, glimpse)
        assert looked is not None
        mine = sorted(
            self.office.chunk(name) for name in "abc" if person.subject in self.office.readers[name]
        )
        truth = [person.subject, question, scope.collection, self.store.generation.index, mine]
        truth += [
            list(self.office.groups.get(person.subject, ())),
            self.store.generation.cleared.get("answers", 0),
        ]
        if looked.events is None:
            await one.keep(looked, mine, truth, {})
            return
        same = looked.events[:4] == truth[:4] and looked.events[5:] == truth[5:]
        if not same or not set(looked.events[4]) <= set(mine):
            self.wrong.append((looked.events, truth))

    @rule(name=st.sampled_from("abc"))
    def edit(self, name: str) -> None:
        """A file's text changes; ingestion may not have told the index yet."""
        self.office.texts[name] += 1

    @rule(name=st.sampled_from("abc"))
    def ingest(self, name: str) -> None:
        """A file's text changes, and the index with it."""
        self.office.texts[name] += 1
        number = int(self.store.generation.index or 0) + 1
        self.store.generation = replace(self.store.generation, index=str(number))

    @rule(name=st.sampled_from("abc"), who=st.sampled_from(sorted(PEOPLE)))
    def share_or_withdraw(self, name: str, who: str) -> None:
        """Drive changes its mind."""
        self.office.readers[name] ^= {who}

    @rule(who=st.sampled_from(sorted(PEOPLE)), group=st.sampled_from(["staff", "board"]))
    def join(self, who: str, group: str) -> None:
        """Somebody is in another group now."""
        self.office.groups[who] = (group,)

    @rule()
    def clear(self) -> None:
        """An administrator clears the answers."""
        asyncio.run(self.store.clear(["answers"]))

    @invariant()
    def no_hit_was_wrong(self) -> None:
        """No answer of another person, of other rights, of changed sources, or of before a clearing."""
        assert not self.wrong


TestDays = Days.TestCase
TestDays.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
