"""Sessions and sign-ins under way in Firestore: sessions/{id}, login_states/{hash of state}."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.errors import NotFound
from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_wire import Seen, Wire
from shared.gcp.patience import patience
from shared.identity.records import LoginState, Refresh, Role, Session
from shared.models import Tier

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

_MOST_SESSIONS = 200


class FirestoreSessions:
    """SessionStore on Firestore: sessions/{id}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._wire = Wire.of(db)

    @property
    def _sessions(self) -> "AsyncCollectionReference":
        return self._db.client.collection("sessions")

    async def create(self, session: Session) -> None:
        """Store a session under its new id; ids are random, so nobody else's is there."""
        await self._commit(self._wire.put(self._path(session.id), _to_doc(session)))

    async def get(self, session_id: str) -> Session | None:
        """One read; nothing is remembered."""
        async with of_identity():
            document = (await self._seen(session_id)).document
        return _from_doc(session_id, document) if document is not None else None

    async def seen(self, session_id: str, at: float) -> None:
        """Note the use."""
        with suppress(NotFound):
            await self._commit(self._wire.update(self._path(session_id), {"last_seen": _moment(at)}))

    async def renew(self, session_id: str, expected: str, refresh: Refresh, expire_at: float) -> bool:
        """Read, compare, and write only what was read: of two who renew, one does."""
        async with of_identity():
            seen = await self._seen(session_id)
            stored = seen.document
            if stored is None or stored["ended"] or stored["refresh"]["current"] != expected:
                return False
            change = {
                "refresh": _refresh_to_doc(refresh),
                "expire_at": _moment(expire_at),
                "last_seen": _moment(refresh.replaced_at),
            }
            write = self._wire.only(self._wire.merge(self._path(session_id), change), seen)
            try:
                await self._wire.commit([write], self._timeout, again=True)
            except (exceptions.FailedPrecondition, exceptions.NotFound, exceptions.Aborted):
                return False
        return True

    async def end(self, session_id: str) -> bool:
        """Ended for good. The document stays until it expires, and so does the knowledge that it ended."""
        session = await self.get(session_id)
        if session is None or session.ended:
            return False
        try:
            await self._commit(self._wire.update(self._path(session_id), {"ended": True}))
        except NotFound:
            return False
        return True

    async def of(self, subject: str) -> list[Session]:
        """A person's sessions, newest first; at most 200."""
        from google.cloud.firestore import FieldFilter

        query = self._sessions.where(filter=FieldFilter("subject", "==", subject)).limit(_MOST_SESSIONS)
        async with of_identity():
            found = [
                _from_doc(snapshot.id, snapshot.to_dict() or {})
                async for snapshot in query.stream(**patience(self._timeout))
            ]
        alive = [session for session in found if not session.ended]
        return sorted(alive, key=lambda session: session.created_at, reverse=True)

    async def set_standing(self, subject: str, role: Role, tier: Tier) -> None:
        """All of the person's sessions; one that expires meanwhile is fine."""
        for session in await self.of(subject):
            with suppress(NotFound):
                await self._commit(self._wire.update(self._path(session.id), {"role": role, "tier": tier}))

    async def _commit(self, write: Any) -> None:
        async with of_identity():
            await self._wire.commit([write], self._timeout, again=True)

    async def _seen(self, session_id: str) -> Seen:
        path = self._path(session_id)
        return (await self._wire.read([path], self._timeout))[path]

    def _path(self, session_id: str) -> str:
        return self._wire.path("sessions", session_id)


class FirestoreLoginStates:
    """LoginStates on Firestore: login_states/{hash of state}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout

    async def put(self, state: LoginState) -> None:
        """Store a sign-in under way."""
        document = {
            "browser": state.browser,
            "return_to": state.return_to,
            "expire_at": _moment(state.expire_at),
        }
        async with of_identity():
            write = self._wire.put(self._wire.path("login_states", state.id), document)
            await self._wire.commit([write], self._timeout, again=True)

    async def take(self, state_id: str) -> LoginState | None:
        """Read, then delete exactly what was read: whoever comes second finds it changed or gone."""
        path = self._wire.path("login_states", state_id)
        async with of_identity():
            seen = (await self._wire.read([path], self._timeout))[path]
            found = seen.document
            if found is None:
                return None
            try:
                write = self._wire.only(self._wire.delete(path), seen)
                await self._wire.commit([write], self._timeout, again=True)
            except (exceptions.FailedPrecondition, exceptions.NotFound):
                return None
        return LoginState(state_id, found["browser"], found["return_to"], found["expire_at"].timestamp())


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _to_doc(session: Session) -> dict[str, Any]:
    return {
        "subject": session.subject,
        "email": session.email,
        "name": session.name,
        "domain": session.domain,
        "role": session.role,
        "device": session.device,
        "created_at": _moment(session.created_at),
        "last_seen": _moment(session.last_seen),
        "expire_at": _moment(session.expire_at),
        "refresh": _refresh_to_doc(session.refresh),
        "ended": session.ended,
        "tier": session.tier,
        "place": session.place,
    }


def _refresh_to_doc(refresh: Refresh) -> dict[str, Any]:
    return {
        "current": refresh.current,
        "previous": refresh.previous,
        "successor": refresh.successor,
        "replaced_at": _moment(refresh.replaced_at),
    }


def _refresh_from_doc(document: dict[str, Any]) -> Refresh:
    return Refresh(
        current=document["current"],
        previous=document["previous"],
        successor=document["successor"],
        replaced_at=document["replaced_at"].timestamp(),
    )


def _from_doc(session_id: str, document: dict[str, Any]) -> Session:
    return Session(
        id=session_id,
        subject=document["subject"],
        email=document["email"],
        name=document["name"],
        domain=document["domain"],
        role=document["role"],
        device=document["device"],
        created_at=document["created_at"].timestamp(),
        last_seen=document["last_seen"].timestamp(),
        expire_at=document["expire_at"].timestamp(),
        refresh=_refresh_from_doc(document["refresh"]),
        ended=document["ended"],
        tier=document.get("tier", "standard"),  # written by no version before 0.2
        place=document.get("place", ""),
    )
