"""People who have signed in, in Firestore: users/{subject}."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.errors import NotFound
from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.identity.records import Profile, Role, User
from shared.models import Tier

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncTransaction


class FirestoreUsers:
    """UserStore on Firestore: users/{subject}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._wire, self._timeout = db, Wire.of(db), timeout

    @property
    def _users(self) -> "AsyncCollectionReference":
        return self._db.client.collection("users")

    async def signed_in(self, profile: Profile, *, admin: bool, now: float) -> User:
        """Create at the first sign-in; later bring all but the role up to date."""
        moment = datetime.fromtimestamp(now, UTC)
        known = {
            "email": profile.email,
            "domain": profile.domain,
            "name": profile.name,
            "signed_in_at": moment,
        }
        fresh = {
            **known,
            "role": "admin" if admin else "user",
            "tier": "standard",
            "erasing": "",
            "created_at": moment,
        }
        path = self._wire.path("users", profile.subject)
        async with of_identity():
            try:
                await self._wire.commit([self._wire.create(path, fresh)], self._timeout, again=True)
            except exceptions.AlreadyExists:
                await self._wire.commit([self._wire.update(path, known)], self._timeout, again=True)
                seen = (await self._wire.read([path], self._timeout))[path]
                return _from_doc(profile.subject, seen.document or {})
        return _from_doc(profile.subject, fresh)

    async def get(self, subject: str) -> User | None:
        """The user, or None."""
        path = self._wire.path("users", subject)
        async with of_identity():
            document = (await self._wire.read([path], self._timeout))[path].document
        return _from_doc(subject, document) if document is not None else None

    async def page(self, after: str, limit: int) -> list[User]:
        """By subject, which is the document's name."""
        query = self._users.order_by("__name__").limit(limit)
        if after:
            query = query.start_after({"__name__": self._users.document(after)})
        async with of_identity():
            return [
                _from_doc(snapshot.id, snapshot.to_dict() or {})
                async for snapshot in query.stream(**patience(self._timeout))
            ]

    async def change(self, subject: str, role: Role | None, tier: Tier | None) -> User:
        """An update, so that somebody who is gone does not come back."""
        change = {name: value for name, value in (("role", role), ("tier", tier)) if value is not None}
        if change:
            async with of_identity():
                write = self._wire.update(self._wire.path("users", subject), change)
                await self._wire.commit([write], self._timeout, again=True)
        user = await self.get(subject)
        if user is None:
            raise NotFound("There is no such person.")
        return user

    async def begin_erasure(self, subject: str, receipt: str) -> str:
        """In a transaction: of two who begin, both get the same receipt."""
        reference = self._users.document(subject)

        async def work(transaction: "AsyncTransaction") -> str:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            if not snapshot.exists:
                raise NotFound("There is no such person.")
            begun = (snapshot.to_dict() or {}).get("erasing", "")
            if not begun:
                transaction.update(reference, {"erasing": receipt})
            return begun or receipt

        return await run_transaction(self._db.client, work)


def _from_doc(subject: str, document: dict[str, Any]) -> User:
    return User(
        subject=subject,
        email=document["email"],
        domain=document["domain"],
        name=document["name"],
        role=document["role"],
        created_at=document["created_at"].timestamp(),
        signed_in_at=document["signed_in_at"].timestamp(),
        tier=document.get("tier", "standard"),  # written by no version before 0.2
        erasing=document.get("erasing", ""),
    )
