"""Answers that were given before, used again only while all that they rest on is as it was.

An answer is kept for the person who got it and for nobody else. To be used again it must be to the same
question in the same scope, by the same model and prompt (its place), and under the same rights, state of the
index and number of clearings (its seal); and each of its sources must still be what it was and be readable by
the person at this moment (its check). Whatever cannot be found out means that it is not used.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from shared.errors import AppError
from shared.limits import meter
from shared.limits.interfaces import CacheStore, Entry, Generation
from shared.limits.memory import Memory
from shared.limits.questions import AnswerKey, digest, normalised
from shared.limits.turns import Turn, Turns
from shared.log import get_logger
from shared.models import Person, Scope

LAYER = "answers"
_LARGEST = 500_000
"""Bytes of an answer that is kept; a document of Firestore's holds 1 MiB."""
_KNOWN_PEOPLE = 2_000
_log = get_logger("limits.answers")


class Sources(Protocol):
    """What answers rest on."""

    async def unchanged(self, person: Person, chunk_ids: Sequence[str]) -> bool:
        """Whether each is still a part of a file that the person may read now. Raises what asking raises."""
        ...

    async def rights(self, person: Person) -> Sequence[str]:
        """The principals under which the person finds files, in order."""
        ...

    def as_of(self, state: str) -> None:
        """Note the mark of the index's present state, under which they are read from now on."""
        ...


class QuestionVectors(Protocol):
    """Vectors of questions that are kept."""

    async def fetch(self, text: str) -> None:
        """Bring what the store knows into memory, beside something else that takes as long. Never raises."""
        ...

    def seen(self, generation: Generation) -> None:
        """Note how often they were cleared."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as kept. `events` is the caller's; `saved` is what it had cost, by "thing:unit"."""

    seal: str
    chunks: tuple[str, ...]
    events: Any
    saved: dict[str, int]

    def packed(self) -> bytes:
        """As bytes."""
        parts = {"seal": self.seal, "chunks": self.chunks, "events": self.events, "saved": self.saved}
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> "Kept":
        """From bytes."""
        parts = json.loads(packed)
        return cls(parts["seal"], tuple(parts["chunks"]), parts["events"], parts["saved"])


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for a question: the kept answer's events, or None and the key for an answer to come.

    `rights` are being read since before the search began; the key is complete with them.
    """

    key: AnswerKey
    rights: "asyncio.Future[Sequence[str]]"
    events: Any = None
    turn: Turn | None = None


@dataclass(slots=True)
class Glimpse:
    """A look that began before it was known who asks: by whom the token names."""

    subject: str
    question: str
    scope: Scope
    stored: "asyncio.Future[tuple[Entry | None, Generation]]"
    guessed: Person | None = None
    rights: "asyncio.Future[Sequence[str]] | None" = None
    checked: "asyncio.Future[bool] | None" = None
    vector: "asyncio.Future[None] | None" = None
    remembered: Kept | None = None
    turn: Turn | None = None
    """The claim to be the one who answers; None where none is made."""

    def cancel(self) -> None:
        """Nobody is going to ask for it."""
        for task in (self.stored, self.rights, self.checked, self.vector):
            if task is not None:
                task.cancel()


@dataclass
class AnswerCache:
    """Finds and keeps answers. `model` and `prompt` name what writes them; `hours` is how long they last."""

    memory: Memory
    store: CacheStore
    sources: Sources
    model: str
    prompt: str
    hours: float = 24.0
    clock: Callable[[], float] = time.time
    embedder: QuestionVectors | None = None
    turns: Turns | None = None
    _people: OrderedDict[str, Person] = field(default_factory=OrderedDict)

    def glimpse(self, subject: str, question: str, scope: Scope) -> Glimpse:
        """Begin to look while it is found out whether `subject` is signed in; end with `look` or cancel."""
        key = self._key(subject, question, scope)
        kept = self.memory.get(LAYER, key.place)
        remembered = Kept.unpacked(kept) if kept is not None else None
        stored = _begin(self.store.get(LAYER, "" if remembered else key.place))
        glimpse = Glimpse(subject, question, scope, stored, self._people.get(subject), remembered=remembered)
        if glimpse.guessed is not None:
            glimpse.rights = _begin(self.sources.rights(glimpse.guessed))
            if remembered is not None:
                glimpse.checked = _begin(self.sources.unchanged(glimpse.guessed, remembered.chunks))
        if self.embedder is not None and remembered is None:
            glimpse.vector = _begin(self.embedder.fetch(question))
        if self.turns is not None and remembered is None:
            glimpse.turn = self.turns.turn(key.place, subject)
        return glimpse

    async def look(
        self, person: Person, question: str, scope: Scope, glimpse: Glimpse | None = None
    ) -> Looked | None:
        """What is kept for this question of this person's, if it may be used; None when that is unknowable.

        What came before is used only when it was begun for exactly this person and question.
        """
        if glimpse is None or (glimpse.subject, glimpse.question, glimpse.scope) != (
            person.subject,
            question,
            scope,
        ):
            if glimpse is not None:
                glimpse.cancel()
            glimpse = self.glimpse(person.subject, question, scope)
        if glimpse.guessed != _plain(person):
            _drop(glimpse.rights, glimpse.checked)
            glimpse.rights = glimpse.checked = None
        self._remember(person)
        try:
            return await self._found_in_turn(person, glimpse)
        except AppError as error:
            _log.warning("answer.not_looked_up", code=error.code)
            glimpse.cancel()
            return None

    async def end(self, glimpse: Glimpse | None) -> None:
        """The question is over, however it ended: whoever waits for its answer goes on. Never raises."""
        if self.turns is not None and glimpse is not None and glimpse.turn is not None:
            await self.turns.end(glimpse.turn)

    async def settled(self) -> None:
        """Write what the question cost together with what else is written now. Never raises."""
        await meter.settled()

    async def keep(self, looked: Looked, chunks: Sequence[str], events: Any, saved: dict[str, int]) -> None:
        """Keep an answer for the person it was given to, under what held before it was looked for.

        Never raises.
        """
        try:
            key = replace(looked.key, rights=digest(*await looked.rights))
        except AppError as error:
            _log.warning("answer.not_kept", code=error.code)
            return
        packed = Kept(key.seal, tuple(chunks), events, saved).packed()
        if len(packed) > _LARGEST or not chunks:
            return
        now = datetime.fromtimestamp(self.clock(), UTC)
        until = now + timedelta(hours=self.hours)
        self.memory.put(LAYER, key.place, packed, until.timestamp())
        turn = looked.turn if looked.turn is not None and looked.turn.leads else None
        try:
            entry = Entry(key.place, packed, now, until, key.subject)
            await self.store.put(LAYER, entry, turn.claim.id if turn else "")
        except AppError as error:
            _log.warning("answer.not_kept", code=error.code)
        else:
            if turn is not None:
                turn.released = True

    async def _found_in_turn(self, person: Person, glimpse: Glimpse) -> Looked:
        """What is kept, or, while somebody answers the same question, what will be."""
        found, kept_any = await self._found(person, glimpse)
        turn = glimpse.turn
        if found.events is None and turn is not None and self.turns is not None:
            self.turns.begin(turn)
            if turn.follows:
                await self.turns.wait(turn)
                again = self.glimpse(person.subject, glimpse.question, glimpse.scope)
                found, kept_any = await self._found(person, again)
                meter.happened("awaited_answers" if found.events is not None else "awaited_in_vain")
        if found.events is None:
            meter.happened("answers_stale" if kept_any else "answers_misses")
            if glimpse.vector is not None:
                await glimpse.vector
        return replace(found, turn=turn)

    async def _found(self, person: Person, glimpse: Glimpse) -> tuple[Looked, bool]:
        """What may be used, and whether there was anything at all."""
        rights = glimpse.rights or _begin(self.sources.rights(person))
        entry, generation = await glimpse.stored
        self.sources.as_of(generation.index)
        if self.embedder is not None:
            self.embedder.seen(generation)
        key = replace(
            self._key(person.subject, glimpse.question, glimpse.scope),
            index=generation.index,
            cleared=generation.cleared.get(LAYER, 0),
        )
        kept = glimpse.remembered or (Kept.unpacked(entry.value) if entry is not None else None)
        if kept is not None and await self._usable(
            person, glimpse, kept, replace(key, rights=digest(*await rights))
        ):
            self._hit(key, entry, kept, from_memory=glimpse.remembered is not None)
            return Looked(key, rights, kept.events), True
        if kept is not None:
            self.memory.drop(LAYER, key.place)
        return Looked(key, rights), kept is not None

    async def _usable(self, person: Person, glimpse: Glimpse, kept: Kept, key: AnswerKey) -> bool:
        """Whether the seal is the same, and then whether the sources are."""
        if kept.seal != key.seal:
            _drop(glimpse.checked)
            return False
        return await (glimpse.checked or self.sources.unchanged(person, kept.chunks))

    def _hit(self, key: AnswerKey, entry: Entry | None, kept: Kept, *, from_memory: bool) -> None:
        meter.happened("answers_memory_hits" if from_memory else "answers_store_hits")
        for name, quantity in kept.saved.items():
            thing, _, unit = name.rpartition(":")
            meter.spared(thing, **{unit: quantity})
        if entry is not None:
            self.memory.put(LAYER, key.place, entry.value, entry.expire_at.timestamp())

    def _key(self, subject: str, question: str, scope: Scope) -> AnswerKey:
        return AnswerKey(subject, normalised(question), scope, "", "", 0, self.model, self.prompt)

    def _remember(self, person: Person) -> None:
        self._people[person.subject] = _plain(person)
        self._people.move_to_end(person.subject)
        while len(self._people) > _KNOWN_PEOPLE:
            self._people.popitem(last=False)


def _plain(person: Person) -> Person:
    """The person without what differs between their sessions."""
    return replace(person, session_id="")


def _begin(work: Awaitable[Any]) -> "asyncio.Future[Any]":
    task = asyncio.ensure_future(work)
    # a failure that nobody waits for any more is nobody's business
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _drop(*tasks: "asyncio.Future[Any] | None") -> None:
    for task in tasks:
        if task is not None:
            task.cancel()
