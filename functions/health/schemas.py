"""The wire of the health function."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pydantic import ConfigDict, Field

from shared.identity.audit_reading import Verdict
from shared.identity.records import Detail, Link
from shared.observing.checks import Finding
from shared.web.described import WireModel


class Alive(WireModel):
    """The answer of GET /health/live."""

    status: Literal["alive"] = "alive"


class Checked(WireModel):
    """How one dependency is, by Docent's name for it. `fault` is "", "slow", "unreachable" or "failed"."""

    name: str
    ok: bool
    ms: int
    fault: str


class Health(WireModel):
    """What anybody may know: no names of people, files, collections, projects or hosts."""

    status: Literal["ok", "degraded"]
    rag_initialized: bool
    collections_available: int
    auth_required: bool = True
    checks: list[Checked]

    @classmethod
    def of(cls, findings: Sequence[Finding], collections: int, files: int) -> "Health":
        """The findings, as the wire shows them."""
        checks = [
            Checked(name=one.name, ok=one.ok, ms=round(one.seconds * 1000), fault=one.fault)
            for one in findings
        ]
        well = all(one.ok for one in findings)
        return cls(
            status="ok" if well else "degraded",
            rag_initialized=files > 0,
            collections_available=collections,
            checks=checks,
        )


class Stats(WireModel):
    """How much there is to ask, and how it has been asked so far."""

    collections: int
    files_indexed: int
    files: dict[str, int]
    questions: int
    answered: int
    declined: int
    degraded: int
    unsupported_sentences: int
    access_denials: int


class AuditQuery(WireModel):
    """The query of GET /audit. `person` is a subject, or a pseudonym from an earlier answer."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field("", pattern=r"^[0-9]{0,12}$")
    limit: int = Field(50, ge=1, le=200)
    event: str = Field("", max_length=60)
    person: str = Field("", max_length=128)
    verify: bool = False


class AuditLine(WireModel):
    """One entry of the audit trail. `actor` and `subject` are pseudonyms."""

    seq: int
    at: datetime
    event: str
    actor: str
    subject: str
    request_id: str
    details: dict[str, Detail]
    hash: str

    @classmethod
    def of(cls, link: Link) -> "AuditLine":
        """The entry, as an administrator sees it."""
        entry = link.entry
        return cls(
            seq=link.seq,
            at=datetime.fromtimestamp(entry.at, UTC),
            event=entry.event,
            actor=entry.actor,
            subject=entry.subject,
            request_id=entry.request_id,
            details=dict(entry.details),
            hash=link.hash,
        )


class Verified(WireModel):
    """Whether the whole chain holds; `broken_at` and `why` name the first entry that does not."""

    ok: bool
    entries: int
    waiting: int
    head: str
    broken_at: int | None
    why: str

    @classmethod
    def of(cls, verdict: Verdict) -> "Verified":
        """The verdict, as the wire shows it."""
        broken = verdict.broken
        return cls(
            ok=verdict.ok,
            entries=verdict.entries,
            waiting=verdict.waiting,
            head=verdict.head,
            broken_at=broken.seq if broken else None,
            why=broken.why if broken else "",
        )


class AuditPage(WireModel):
    """The answer of GET /audit, newest first."""

    entries: list[AuditLine]
    next_cursor: str | None
    verified: Verified | None
