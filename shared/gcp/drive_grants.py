"""Sealed Drive grants in Firestore: users/{subject}/private/drive_grant."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from google.api_core import exceptions

from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_wire import Seen, Wire
from shared.identity.records import Grant, Sealed


class FirestoreGrants:
    """GrantStore on Firestore. Only the sealed token is stored, and the id of the key that opens it."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout

    async def put(self, grant: Grant) -> None:
        """Create or replace."""
        async with of_identity():
            write = self._wire.put(self._at(grant.subject), _to_doc(grant))
            await self._wire.commit([write], self._timeout, again=True)

    async def get(self, subject: str) -> Grant | None:
        """The person's grant, dead or live."""
        async with of_identity():
            document = (await self._seen(subject)).document
        return _from_doc(subject, document) if document is not None else None

    async def mark_dead(self, subject: str, box: bytes) -> None:
        """Only while the grant is still the one that was refused."""
        async with of_identity():
            seen = await self._seen(subject)
            if seen.document is None or seen.document.get("box") != box:
                return
            write = self._wire.only(self._wire.merge(self._at(subject), {"state": "dead"}), seen)
            with suppress(exceptions.FailedPrecondition, exceptions.NotFound):
                await self._wire.commit([write], self._timeout, again=True)

    async def delete(self, subject: str) -> None:
        """Deleting what is not there succeeds."""
        async with of_identity():
            await self._wire.commit([self._wire.delete(self._at(subject))], self._timeout, again=True)

    async def _seen(self, subject: str) -> Seen:
        path = self._at(subject)
        return (await self._wire.read([path], self._timeout))[path]

    def _at(self, subject: str) -> str:
        return self._wire.path(f"users/{subject}/private", "drive_grant")


def _to_doc(grant: Grant) -> dict[str, Any]:
    return {
        "box": grant.token.box,
        "key_id": grant.token.key_id,
        "state": grant.state,
        "updated_at": datetime.fromtimestamp(grant.updated_at, UTC),
    }


def _from_doc(subject: str, document: dict[str, Any]) -> Grant:
    return Grant(
        subject=subject,
        token=Sealed(document["key_id"], document["box"]),
        state=document["state"],
        updated_at=document["updated_at"].timestamp(),
    )
