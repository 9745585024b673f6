"""What answering needs from the outside, and the values that cross over."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
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


class Searcher(Protocol):
    """Question to passages that the asker may read."""

    async def evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        """Raises NotFound for a scope that is not the asker's, Unavailable, Timeout."""
        ...


class AnswerModel(Protocol):
    """The model that writes the answer."""

    def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """Raises ModelStopped, Unavailable, Timeout, TooMany, Upstream."""
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


class ConversationStore(Protocol):
    """Conversations; each belongs to one person."""

    async def owner(self, conversation_id: str) -> str | None:
        """The subject whose conversation it is; None when there is none."""
        ...

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """Add a message, creating the conversation with the first one; one write."""
        ...


class Clock(Protocol):
    """The time, so that tests can set it."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...
