"""People who have signed in, in Firestore: users/{subject}."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.gcp.failures import translated
from shared.gcp.patience import patience
from shared.identity.records import Profile, User

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient


class FirestoreUsers:
    """UserStore on Firestore: users/{subject}."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout
        self._users = client.collection("users")

    async def signed_in(self, profile: Profile, *, admin: bool, now: float) -> User:
        """Create at the first sign-in; later bring all but the role up to date."""
        moment = datetime.fromtimestamp(now, UTC)
        known = {
            "email": profile.email,
            "domain": profile.domain,
            "name": profile.name,
            "signed_in_at": moment,
        }
        fresh = {**known, "role": "admin" if admin else "user", "created_at": moment}
        reference = self._users.document(profile.subject)
        async with translated("Firestore"):
            try:
                await reference.create(fresh, **patience(self._timeout))
            except exceptions.AlreadyExists:
                await reference.update(known, **patience(self._timeout))
                snapshot = await reference.get(**patience(self._timeout))
                return _from_doc(profile.subject, snapshot.to_dict() or {})
        return _from_doc(profile.subject, fresh)

    async def get(self, subject: str) -> User | None:
        """The user, or None."""
        async with translated("Firestore"):
            snapshot = await self._users.document(subject).get(**patience(self._timeout))
        return _from_doc(subject, snapshot.to_dict() or {}) if snapshot.exists else None


def _from_doc(subject: str, document: dict[str, Any]) -> User:
    return User(
        subject=subject,
        email=document["email"],
        domain=document["domain"],
        name=document["name"],
        role=document["role"],
        created_at=document["created_at"].timestamp(),
        signed_in_at=document["signed_in_at"].timestamp(),
    )
