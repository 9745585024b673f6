"""What answering needs from the outside, and the values that cross over."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.models import Passage, Person, Scope, Usage


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is told, and what it is given."""

    version: str
    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the model's answer; the last one has the usage."""

    text: str
    usage: Usage | None = None


class ModelStopped(Exception):
    """The model ended other than by finishing. `reason`: "blocked", "max_tokens", "safety", ..."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NearFile:
    """A file to name when there is no answer; the asker may open it."""

    file_id: str
    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found for a question, and how far it speaks to it (0 to 1)."""

    passages: tuple[Passage, ...]
    strength: float
    nearest: tuple[NearFile, ...]
    chunks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The ids of all chunks of the files that the first passages are from, in order."""
    looked_at: Mapping[str, Passage] = field(default_factory=dict)
    """Those chunks of these files that were read to find the passages, by id."""
    whole: bool = False
    """Whether the passages are a whole file, asked about as such."""
    left_out: int = 0
    """Passages of that file for which there was no room."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation, with its answer."""

    question: str
    answer: str


class Searcher(Protocol):
    """Question to passages that the asker may read."""

    async def evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        """Raises NotFound for a scope that is not the asker's, Unavailable, Timeout."""
        ...

    async def whole(self, person: Person, file_id: str, chunks: Sequence[str] = ()) -> Sequence[Passage]:
        """All passages of a file in reading order. Raises NotFound when the person may not read it.

        `chunks`, as Evidence has them, spare the reading of the file's record.
        """
        ...

    async def current(self, person: Person, chunk_ids: Sequence[str]) -> Mapping[str, Passage]:
        """Those of the passages that are still part of a file that the person may read now."""
        ...


class AnswerModel(Protocol):
    """The model that writes the answer."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """Raises ModelStopped, Unavailable, Timeout, TooMany, Upstream."""
        ...


class GroundingChecker(Protocol):
    """Somebody else's judgement of a sentence, besides support.py's."""

    async def grounded(self, sentence: str, sources: Sequence[Passage]) -> bool | None:
        """Whether the sources say it; None when that could not be asked in time."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One question with its answer, as kept in a conversation."""

    id: str
    asked_at: datetime
    question: str
    answer: str
    sources: Sequence[dict[str, object]]
    declined: bool
    degraded: bool
    usage: Usage
    unsupported: Sequence[dict[str, int]] = ()
    """Stretches of the answer that no source supports, as {start, end} in characters."""
    conflicts: Sequence[dict[str, object]] = ()
    """Sources that contradict each other, as of conflicts.Conflict."""


@dataclass(frozen=True, slots=True)
class Share:
    """A conversation as it stood at a time, open to whoever is in the organisation and knows the id."""

    id: str
    domain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it is listed. `words` are those of its questions, by which it is found again."""

    id: str
    title: str
    updated_at: datetime
    share: Share | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thinks of an answer: "up" or "down", and why."""

    message_id: str
    conversation_id: str
    rating: str
    comment: str
    at: datetime


class ConversationStore(Protocol):
    """Conversations; each belongs to one person. All raise Unavailable, Timeout."""

    async def owner(self, conversation_id: str) -> str | None:
        """The subject whose conversation it is; None when there is none."""
        ...

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """Add a message, creating the conversation with the first one; one write."""
        ...

    async def latest(self, conversation_id: str, limit: int) -> Sequence[Message]:
        """The newest messages, oldest first; none of a conversation that does not exist."""
        ...

    async def of(self, person: Person, limit: int, before: Conversation | None) -> Sequence[Conversation]:
        """The person's conversations, newest first, behind `before` where one is given."""
        ...

    async def find(self, person: Person, conversation_id: str) -> Conversation | None:
        """The conversation, if it is the person's."""
        ...

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give it a title of the person's own."""
        ...

    async def delete(self, conversation_id: str) -> None:
        """Delete it with its messages and their feedback."""
        ...

    async def rate(self, person: Person, feedback: Feedback) -> None:
        """Keep feedback, replacing an earlier one of the same message."""
        ...


class SharedConversations(ConversationStore, Protocol):
    """Conversations of which some are shared. All raise Unavailable, Timeout."""

    async def share(self, conversation_id: str, share: Share | None) -> None:
        """Share it so, or no more."""
        ...

    async def shared(self, share_id: str) -> Conversation | None:
        """The conversation that is shared under this id."""
        ...


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...
