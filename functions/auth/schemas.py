"""What auth says on the wire."""

from datetime import UTC, datetime

from pydantic import BaseModel

from shared.identity.records import Session
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
