"""Sealed Drive grants in Firestore: users/{subject}/private/drive_grant."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.gcp.failures import of_identity
from shared.gcp.patience import patience
from shared.identity.records import Grant, Sealed

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncDocumentReference


class FirestoreGrants:
    """GrantStore on Firestore. Only the sealed token is stored, and the id of the key that opens it."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout

    async def put(self, grant: Grant) -> None:
        """Create or replace."""
        async with of_identity():
            await self._at(grant.subject).set(_to_doc(grant), **patience(self._timeout))

    async def get(self, subject: str) -> Grant | None:
        """The person's grant, dead or live."""
        async with of_identity():
            snapshot = await self._at(subject).get(**patience(self._timeout))
        return _from_doc(subject, snapshot.to_dict() or {}) if snapshot.exists else None

    async def mark_dead(self, subject: str, box: bytes) -> None:
        """Only while the grant is still the one that was refused."""
        reference = self._at(subject)
        async with of_identity():
            snapshot = await reference.get(**patience(self._timeout))
            if not snapshot.exists or snapshot.get("box") != box:
                return
            unchanged = self._client.write_option(last_update_time=snapshot.update_time)
            with suppress(exceptions.FailedPrecondition, exceptions.NotFound):
                await reference.update({"state": "dead"}, option=unchanged, **patience(self._timeout))

    async def delete(self, subject: str) -> None:
        """Deleting what is not there succeeds."""
        async with of_identity():
            await self._at(subject).delete(**patience(self._timeout))

    def _at(self, subject: str) -> "AsyncDocumentReference":
        return self._client.document(f"users/{subject}/private/drive_grant")


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
