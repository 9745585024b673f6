"""What auth says on the wire."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.identity.records import Session, SessionTokens
from shared.models import Person


class SignedInPerson(BaseModel):
    """Who is asking: the answer of GET /auth/user."""

    subject: str
    email: str
    name: str
    domain: str
    admin: bool

    @classmethod
    def of(cls, person: Person) -> "SignedInPerson":
        """The person, as the wire shows them."""
        return cls(
            subject=person.subject,
            email=person.email,
            name=person.name,
            domain=person.domain,
            admin=person.admin,
        )


class RefreshRequest(BaseModel):
    """The body of POST /auth/refresh, for clients that keep no cookie."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: str = Field("", max_length=200)


class Tokens(BaseModel):
    """The answer to such a client (RFC 6749 5.1). The refresh token replaces the one that was sent."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int
    refresh_token: str

    @classmethod
    def of(cls, tokens: SessionTokens, lifetime: float) -> "Tokens":
        """The tokens, as the wire shows them; `lifetime` is the access token's, in seconds."""
        return cls(access_token=tokens.access, expires_in=int(lifetime), refresh_token=tokens.refresh)


class SessionEntry(BaseModel):
    """One line of a person's list of sessions. `current` is the one that asks."""

    id: str
    device: str
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
            created_at=datetime.fromtimestamp(session.created_at, UTC),
            last_seen=datetime.fromtimestamp(session.last_seen, UTC),
            expires_at=datetime.fromtimestamp(session.expire_at, UTC),
            current=session.id == current,
        )


class SessionList(BaseModel):
    """The answer of GET /auth/sessions, newest first."""

    sessions: list[SessionEntry]


class Ended(BaseModel):
    """The answer of DELETE /auth/sessions: how many sessions were ended."""

    ended: int
