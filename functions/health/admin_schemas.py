"""The wire of what administrators look at and set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from functions.health.people import Spending
from functions.health.requests import Known
from functions.health.schemas import AuditLine
from shared.limits.admission import MICRO
from shared.limits.prices import NANO, dollars
from shared.observing.questions import Asked, Kind, Opinion
from shared.web.described import WireModel

RequestId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class QuestionsQuery(WireModel):
    """The query of GET /stats/questions; `cursor` is how many were shown."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    days: int = Field(30, ge=1, le=365)
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", pattern=r"^[0-9]{0,4}$")


class QuestionLine(WireModel):
    """A question, without who asked it, without its answer; `sources` are ids of files."""

    id: str
    asked_at: datetime
    question: str
    declined: bool
    degraded: bool
    unsupported: int
    seconds: float | None
    first_token_seconds: float | None
    tokens: dict[str, int]
    model: str
    cost_dollars: float
    request_id: str
    sources: list[str]

    @classmethod
    def of(cls, asked: Asked) -> "QuestionLine":
        """The question, as an administrator sees it."""
        return cls(
            id=asked.id,
            asked_at=asked.asked_at,
            question=asked.question,
            declined=asked.declined,
            degraded=asked.degraded,
            unsupported=asked.unsupported,
            seconds=asked.seconds,
            first_token_seconds=asked.first_token,
            tokens=dict(asked.tokens or {}),
            model=asked.model,
            cost_dollars=dollars(asked.cost),
            request_id=asked.request_id,
            sources=list(asked.sources),
        )


class QuestionPage(WireModel):
    """The answer of GET /stats/questions."""

    questions: list[QuestionLine]
    next_cursor: str | None


class FeedbackQuery(WireModel):
    """The query of GET /stats/feedback and of GET /stats/feedback/cases; `cursor` is a moment."""

    model_config = ConfigDict(extra="forbid")

    rating: Annotated[str, StringConstraints(pattern=r"^(up|down)?$")] = ""
    limit: int = Field(50, ge=1, le=200)
    cursor: datetime | None = None


class FeedbackLine(WireModel):
    """What somebody said of an answer, and of which question; None when that was deleted."""

    rating: str
    comment: str
    at: datetime
    question: QuestionLine | None

    @classmethod
    def of(cls, opinion: Opinion, asked: Asked | None) -> "FeedbackLine":
        """The opinion, as an administrator sees it."""
        return cls(
            rating=opinion.rating,
            comment=opinion.comment,
            at=opinion.at,
            question=QuestionLine.of(asked) if asked else None,
        )


class FeedbackPage(WireModel):
    """The answer of GET /stats/feedback, newest first."""

    feedback: list[FeedbackLine]
    next_cursor: datetime | None


class Case(WireModel):
    """A question of somebody's as `make bench-quality` reads it: one line of queries.jsonl.

    `visible_to` is the pseudonym of whoever asked: the right answer is what this person may hear. `cited` are
    the files that the bad answer rested on; `gold_docs` and `evidence` are for whoever judges the case.
    """

    id: str
    question: str
    unanswerable: bool = False
    evidence: list[str] = Field([])
    gold_docs: list[str] = Field([])
    visible_to: list[str]
    cited: list[str]
    declined: bool
    note: str

    @classmethod
    def of(cls, opinion: Opinion, asked: Asked, pseudonym: str) -> "Case":
        """A down-vote, as a case to judge."""
        return cls(
            id=opinion.message_id,
            question=asked.question,
            visible_to=[pseudonym],
            cited=list(asked.sources),
            declined=asked.declined,
            note=opinion.comment,
        )


class Paging(WireModel):
    """The query of GET /stats/people; `cursor` is a subject."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=128)


class OwnLimits(WireModel):
    """What an administrator set for one person; null where the tier's numbers and the common budget hold."""

    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    budget_dollars: float | None = None

    @classmethod
    def of(cls, own: Mapping[str, int]) -> "OwnLimits":
        """The numbers as they are kept; below 0 means closed, which is 0 here."""
        set_to = {name: max(0, number) for name, number in own.items()}
        budget = set_to.pop("budget", None)
        return cls(**set_to, budget_dollars=None if budget is None else budget * MICRO / NANO)


class SpendingLine(WireModel):
    """What one person used since the month began, and the limits of their own."""

    subject: str
    email: str
    role: str
    tier: str
    questions: int
    today_dollars: float
    month_dollars: float
    items: dict[str, int]
    limits: OwnLimits

    @classmethod
    def of(cls, spending: Spending) -> "SpendingLine":
        """The person's spending, as an administrator sees it."""
        return cls(
            subject=spending.user.subject,
            email=spending.user.email,
            role=spending.user.role,
            tier=spending.user.tier,
            questions=spending.questions,
            today_dollars=dollars(spending.today),
            month_dollars=dollars(spending.month),
            items=spending.items,
            limits=OwnLimits.of(spending.own),
        )


class SpendingPage(WireModel):
    """The answer of GET /stats/people, by subject."""

    people: list[SpendingLine]
    next_cursor: str | None


class LimitsChange(WireModel):
    """The body of PATCH /stats/people/{id}: questions by window, dollars a month; 0 takes one's own back."""

    model_config = ConfigDict(extra="forbid")

    minute: int | None = Field(None, ge=0, le=10_000)
    hour: int | None = Field(None, ge=0, le=100_000)
    day: int | None = Field(None, ge=0, le=1_000_000)
    budget_dollars: float | None = Field(None, ge=0, le=60_000)

    def windows(self) -> dict[str, int]:
        """The windows that are set."""
        given = {"minute": self.minute, "hour": self.hour, "day": self.day}
        return {name: value for name, value in given.items() if value is not None}


class KnownRequest(WireModel):
    """The answer of GET /stats/requests/{id}; `logs` and `trace` are addresses."""

    request_id: str
    logs: str
    trace: str
    audit: list[AuditLine]
    questions: list[QuestionLine]

    @classmethod
    def of(cls, request_id: str, known: Known) -> "KnownRequest":
        """All that is known, as an administrator sees it."""
        return cls(
            request_id=request_id,
            logs=known.logs,
            trace=known.trace,
            audit=[AuditLine.of(link) for link in known.audit],
            questions=[QuestionLine.of(one) for one in known.questions],
        )
