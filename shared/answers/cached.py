"""Answers that were given before, given again: as AnswerService, with a cache in front."""

import asyncio
import dataclasses
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Protocol, get_args

import anyio
from pydantic import TypeAdapter

from shared.answers.interfaces import Clock, Conversation, ConversationStore, Feedback, Message
from shared.answers.service import AnswerEvent, AnswerService, Finished, Sources, Started
from shared.errors import AppError
from shared.log import get_logger
from shared.models import Person, Scope, Usage

_log = get_logger("answers.cached")
_KEPT: dict[str, Any] = {kind.__name__: kind for kind in (*get_args(AnswerEvent), Message)}


class Looked(Protocol):
    """What the cache found."""

    @property
    def events(self) -> Any:
        """What was given to `keep`; None where there is no answer that may be used."""
        ...


class Cache(Protocol):
    """Where answers are kept."""

    async def look(self, person: Person, question: str, scope: Scope, glimpse: Any = None) -> Looked | None:
        """What may be used for this question of this person's now; None when that is unknowable."""
        ...

    async def keep(self, looked: Any, chunks: Sequence[str], events: Any, saved: dict[str, int]) -> None:
        """Keep an answer that rests on these chunks, for the question looked for. Never raises."""
        ...

    async def settled(self) -> None:
        """Settle what the question cost: nothing more is consumed. Never raises."""
        ...

    async def end(self, glimpse: Any) -> None:
        """The question is over: whoever waits for its answer goes on. Never raises."""
        ...


@dataclass
class HeldConversations:
    """ConversationStore that holds new messages back, to be kept in one step with the answer's cache."""

    inner: ConversationStore
    held: dict[str, tuple[str, Person, Message]] = field(default_factory=dict)
    """By the message's id."""

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """Hold it until `keep`."""
        self.held[message.id] = conversation_id, person, message

    async def keep(self, message_id: str) -> bool:
        """Append a message that is held; whether the store took it. Never raises an AppError."""
        if (waiting := self.held.pop(message_id, None)) is None:
            return True
        try:
            await self.inner.append(*waiting)
        except AppError as error:
            _log.warning("conversation.not_kept", code=error.code)
            return False
        return True

    async def owner(self, conversation_id: str) -> str | None:
        """As the store."""
        return await self.inner.owner(conversation_id)

    async def latest(self, conversation_id: str, limit: int) -> Sequence[Message]:
        """As the store."""
        return await self.inner.latest(conversation_id, limit)

    async def of(self, person: Person, limit: int, before: Conversation | None) -> Sequence[Conversation]:
        """As the store."""
        return await self.inner.of(person, limit, before)

    async def find(self, person: Person, conversation_id: str) -> Conversation | None:
        """As the store."""
        return await self.inner.find(person, conversation_id)

    async def rename(self, conversation_id: str, title: str) -> None:
        """As the store."""
        await self.inner.rename(conversation_id, title)

    async def delete(self, conversation_id: str) -> None:
        """As the store."""
        await self.inner.delete(conversation_id)

    async def rate(self, person: Person, feedback: Feedback) -> None:
        """As the store."""
        await self.inner.rate(person, feedback)


@dataclass(frozen=True)
class CachedAnswers:
    """Answers from the cache where one may be used, from `inner` otherwise.

    A question within a conversation always goes to `inner`: its answer depends on what came before. Kept is
    what was complete: not what was declined (which costs no model), quoted in the model's stead, or left in
    the middle; nor what names a file that is not among its sources.
    """

    inner: AnswerService
    conversations: HeldConversations
    cache: Cache
    clock: Clock

    async def ask(
        self, person: Person, question: str, scope: Scope, conversation_id: str = "", glimpse: Any = None
    ) -> AsyncIterator[AnswerEvent]:
        """As AnswerService.ask; `glimpse` is a look at the cache that was begun before."""
        try:
            async with aclosing(self._asked(person, question, scope, conversation_id, glimpse)) as events:  # type: ignore[type-var]
                async for event in events:
                    yield event
        finally:
            with anyio.CancelScope(shield=True):
                await self.cache.end(glimpse)

    async def _asked(
        self, person: Person, question: str, scope: Scope, conversation_id: str, glimpse: Any
    ) -> AsyncIterator[AnswerEvent]:
        looked = None if conversation_id else await self.cache.look(person, question, scope, glimpse)
        if looked is not None and looked.events is not None:
            async for event in self._again(person, question, looked.events, glimpse):
                yield event
            return
        said: list[AnswerEvent] = []
        try:
            async with aclosing(self.inner.ask(person, question, scope, conversation_id)) as events:  # type: ignore[type-var]
                async for event in events:
                    said.append(event)
                    if isinstance(event, Finished):
                        kept = await self._close(looked, said, glimpse)
                        yield replace(event, kept=event.kept and kept)
                    else:
                        yield event
        finally:
            if said and isinstance(said[0], Started):
                with anyio.CancelScope(shield=True):
                    await self.conversations.keep(said[0].message_id)

    async def _close(self, looked: Looked | None, said: Sequence[AnswerEvent], glimpse: Any) -> bool:
        """Keep the message and the answer, let go on who waits, and settle, in one step.

        Whether the message is kept.
        """
        started = said[0]
        assert isinstance(started, Started)  # noqa: S101 - AnswerService begins so
        *_, message = self.conversations.held.get(started.message_id, (None,))
        kept = _kept(said, message) if looked is not None and message is not None else None
        last = self.cache.keep(looked, *kept) if kept is not None else self.cache.end(glimpse)
        message_kept, *_ = await asyncio.gather(
            self.conversations.keep(started.message_id), last, self.cache.settled()
        )
        return message_kept

    async def _again(
        self, person: Person, question: str, kept: Any, glimpse: Any
    ) -> AsyncIterator[AnswerEvent]:
        """The kept answer as a new message of a new conversation, which cost nothing."""
        conversation_id = uuid.uuid4().hex
        events = [_event(name, fields) for name, fields in kept["said"]]
        message = _adapter("Message").validate_python(kept["message"])
        fresh = f"{conversation_id}.{uuid.uuid4().hex[:12]}"
        for event in events:
            match event:
                case Started():
                    yield replace(event, conversation_id=conversation_id, message_id=fresh)
                case Finished():
                    free = Usage(model=event.usage.model)
                    again = replace(
                        message, id=fresh, asked_at=self.clock.now(), question=question, usage=free
                    )
                    appended, *_ = await asyncio.gather(
                        self._append(conversation_id, person, again),
                        self.cache.end(glimpse),
                        self.cache.settled(),
                    )
                    _log.info("answer.finished", declined=False, degraded=False, cached=True)
                    yield replace(event, usage=free, kept=appended)
                case _:
                    yield event

    async def _append(self, conversation_id: str, person: Person, message: Message) -> bool:
        """Whether the conversation has it."""
        try:
            await self.conversations.inner.append(conversation_id, person, message)
        except AppError as error:
            _log.warning("conversation.not_kept", code=error.code)
            return False
        return True


def _kept(
    said: Sequence[AnswerEvent], message: Message
) -> tuple[list[str], dict[str, Any], dict[str, int]] | None:
    """An answer's chunks, its events, and what it cost; None of one that is not to be kept."""
    finished = said[-1]
    if not isinstance(finished, Finished) or finished.declined or finished.degraded or finished.nearest:
        return None
    fields = [
        [type(event).__name__, _adapter(type(event).__name__).dump_python(event, mode="json")]
        for event in said
    ]
    passages = [one for event in said if isinstance(event, Sources) for one in event.passages]
    chunks = dict.fromkeys(one.chunk_id for one in passages)
    if not {one.superseded_by for one in passages} - {""} <= {one.file_name for one in passages}:
        return None
    usage = finished.usage
    saved = {
        f"{usage.model}:prompt": usage.prompt_tokens - usage.cached_tokens,
        f"{usage.model}:cached": usage.cached_tokens,
        f"{usage.model}:output": usage.output_tokens,
    }
    return (
        list(chunks),
        {"said": fields, "message": _adapter("Message").dump_python(message, mode="json")},
        saved,
    )


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """Of an event or a message; made at its first use."""
    return TypeAdapter(_KEPT[name])


def _event(name: str, fields: Any) -> AnswerEvent:
    event: AnswerEvent = _adapter(name).validate_python(fields)
    assert dataclasses.is_dataclass(event)  # noqa: S101 - of AnswerEvent's kinds alone
    return event
