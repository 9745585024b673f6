"""What administrators look at: questions that went badly, and what people said of their answers.

Who asked is not told, and nothing that stands in a document: the administrator may not be allowed to read it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

Kind = Literal["unanswered", "degraded", "unsupported", "slowest", "dearest"]
LOOKED_AT = 1000
"""Questions of the span that are looked at, the newest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was asked, without who asked it and without its answer's text.

    `seconds` are from the request to the end of the answer, `first_token` to its first words, None where
    unknown. `cost` is in nano-dollars. `sources` are ids of files.
    """

    id: str
    asked_at: datetime
    question: str
    declined: bool = False
    degraded: bool = False
    unsupported: int = 0
    seconds: float | None = None
    first_token: float | None = None
    tokens: Mapping[str, int] | None = None
    model: str = ""
    cost: int = 0
    request_id: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody said of an answer: "up" or "down", and why. `subject` is who, for a pseudonym."""

    message_id: str
    conversation_id: str
    rating: str
    comment: str
    at: datetime
    subject: str = ""


class QuestionLog(Protocol):
    """Questions and opinions of everybody. All raise Unavailable, Timeout."""

    async def since(self, moment: datetime, limit: int) -> Sequence[Asked]:
        """The newest questions, newest first."""
        ...

    async def of_request(self, request_id: str) -> Sequence[Asked]:
        """What was asked in one request."""
        ...

    async def opinions(self, rating: str, before: datetime | None, limit: int) -> Sequence[Opinion]:
        """The newest opinions, newest first; an empty rating does not narrow."""
        ...

    async def asked(self, opinions: Sequence[Opinion]) -> Mapping[str, Asked]:
        """The questions that opinions are about, by message id, as far as they still exist."""
        ...


@dataclass(frozen=True)
class Questions:
    """Picks the questions worth looking at."""

    log: QuestionLog
    now: Callable[[], datetime]

    async def worst(self, kind: Kind, days: int) -> Sequence[Asked]:
        """All of a kind among the newest of the last `days`; the worst, or the newest, first."""
        found = await self.log.since(self.now() - timedelta(days=days), LOOKED_AT)
        wanted, order = _KINDS[kind]
        return sorted(filter(wanted, found), key=order, reverse=True) if order else [*filter(wanted, found)]


_Test = Callable[[Asked], bool]
_KINDS: dict[Kind, tuple[_Test, Callable[[Asked], float] | None]] = {
    "unanswered": (lambda one: one.declined, None),
    "degraded": (lambda one: one.degraded, None),
    "unsupported": (lambda one: one.unsupported > 0, None),
    "slowest": (lambda one: one.seconds is not None, lambda one: one.seconds or 0.0),
    "dearest": (lambda one: one.cost > 0, lambda one: float(one.cost)),
}
