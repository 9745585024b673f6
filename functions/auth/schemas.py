"""What auth says on the wire."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from shared.identity.doctor import Finding
from shared.identity.records import Receipt, Role, Session, SessionTokens, User
from shared.models import Person, Tier
from shared.web.described import WireModel


class SignedInPerson(WireModel):
    """Who is asking: the answer of GET /auth/user.

    `drive_grant` other than "live" means that Docent cannot look at their Drive until they sign in again.
    """

    subject: str
    email: str
    name: str
    domain: str
    admin: bool
    tier: Tier
    drive_grant: Literal["live", "dead", "missing"]

    @classmethod
    def of(cls, person: Person, grant: Literal["live", "dead", "missing"]) -> "SignedInPerson":
        """The person, as the wire shows them."""
        return cls(
            subject=person.subject,
            email=person.email,
            name=person.name,
            domain=person.domain,
            admin=person.admin,
            tier=person.tier,
            drive_grant=grant,
        )


class RefreshRequest(WireModel):
    """The body of POST /auth/refresh, for clients that keep no cookie."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field("", max_length=200)


class FirebaseRequest(WireModel):
    """The body of POST /auth/firebase."""

    model_config = ConfigDict(extra="forbid")

    id_token: str = Field(min_length=1, max_length=8192)


class Tokens(WireModel):
    """The answer to such a client (RFC 6749 5.1). The refresh token replaces the one that was sent."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    refresh_token: str

    @classmethod
    def of(cls, tokens: SessionTokens, lifetime: float) -> "Tokens":
        """The tokens, as the wire shows them; `lifetime` is the access token's, in seconds."""
        return cls(access_token=tokens.access, expires_in=int(lifetime), refresh_token=tokens.refresh)


class SessionEntry(WireModel):
    """One line of a person's list of sessions. `current` is the one that asks."""

    id: str
    device: str
    place: str
    created_at: datetime
    last_seen: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, current: str) -> "SessionEntry":
        """The session, as its owner sees it; `current` is the id of the session that asks."""
        return cls(
            id=session.id,
            device=session.device,
            place=session.place,
            created_at=datetime.fromtimestamp(session.created_at, UTC),
            last_seen=datetime.fromtimestamp(session.last_seen, UTC),
            expires_at=datetime.fromtimestamp(session.expire_at, UTC),
            current=session.id == current,
        )


class SessionList(WireModel):
    """The answer of GET /auth/sessions, newest first."""

    sessions: list[SessionEntry]


class Ended(WireModel):
    """The answer of the routes that end several sessions: how many sessions were ended."""

    ended: int


class UserEntry(WireModel):
    """One line of the administrators' list of people."""

    subject: str
    email: str
    name: str
    domain: str
    role: Role
    tier: Tier
    created_at: datetime
    signed_in_at: datetime
    erasing: bool

    @classmethod
    def of(cls, user: User) -> "UserEntry":
        """The user, as an administrator sees them."""
        return cls(
            subject=user.subject,
            email=user.email,
            name=user.name,
            domain=user.domain,
            role=user.role,
            tier=user.tier,
            created_at=datetime.fromtimestamp(user.created_at, UTC),
            signed_in_at=datetime.fromtimestamp(user.signed_in_at, UTC),
            erasing=bool(user.erasing),
        )


class UserPage(WireModel):
    """The answer of GET /auth/users, by subject."""

    users: list[UserEntry]
    next_cursor: str | None


class Paging(WireModel):
    """The query of GET /auth/users."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = Field("", max_length=128, pattern=r"^[A-Za-z0-9._@|:+-]*$")
    limit: int = Field(50, ge=1, le=200)


class UserChange(WireModel):
    """The body of PATCH /auth/users/{id}; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    tier: Tier | None = None


class ErasureReceipt(WireModel):
    """The answer of an erasure: how many documents were deleted, by store."""

    receipt: str
    started_at: datetime
    finished_at: datetime
    counts: dict[str, int]

    @classmethod
    def of(cls, receipt: Receipt) -> "ErasureReceipt":
        """The receipt, as the wire shows it."""
        return cls(
            receipt=receipt.id,
            started_at=datetime.fromtimestamp(receipt.started_at, UTC),
            finished_at=datetime.fromtimestamp(receipt.finished_at, UTC),
            counts=dict(sorted(receipt.counts.items())),
        )


class ErasuresResumed(WireModel):
    """The answer of POST /auth/erasures: how many that had been cut off are finished now."""

    finished: int


class FindingEntry(WireModel):
    """One line of the doctor's."""

    name: str
    ok: bool
    says: str
    fix: str

    @classmethod
    def of(cls, finding: Finding) -> "FindingEntry":
        """The finding; a fix is given where something is wrong."""
        return cls(name=finding.name, ok=finding.ok, says=finding.says, fix="" if finding.ok else finding.fix)


class Diagnosis(WireModel):
    """The answer of GET /auth/doctor.

    `forwarded` is X-Forwarded-For as it reached the function, `address` whom it takes the caller for: what
    scripts/verify-deployment finds TRUSTED_PROXY_HOPS by.
    """

    ok: bool
    findings: list[FindingEntry]
    forwarded: list[str]
    address: str


class KeySet(WireModel):
    """The answer of GET /auth/jwks: public keys (RFC 7517)."""

    keys: list[dict[str, str]]


class Exported(WireModel):
    """The answer of GET /auth/user/export: documents about the person, by store."""

    subject: str
    exported_at: str
    data: dict[str, list[dict[str, Any]]]
