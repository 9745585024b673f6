"""Exports and imports in Firestore: transfers/{id}."""

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from shared.errors import NotFound
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.patience import patience
from shared.ingestion.transfers import Transfer

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference, AsyncTransaction

_FIELDS = {field.name for field in fields(Transfer)} - {"id"}


class FirestoreTransfers:
    """TransferStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _transfers(self) -> "AsyncCollectionReference":
        return self._db.client.collection("transfers")

    async def get(self, transfer_id: str) -> Transfer | None:
        """One transfer, or None."""
        async with translated("Firestore"):
            snapshot = await self._transfers.document(transfer_id).get(**patience(self._timeout))
        return _from_doc(snapshot.id, snapshot.to_dict() or {}) if snapshot.exists else None

    async def put(self, transfer: Transfer) -> None:
        """Create or replace."""
        async with translated("Firestore"):
            await self._transfers.document(transfer.id).set(_to_doc(transfer), **patience(self._timeout))

    async def change(self, transfer_id: str, change: Callable[[Transfer], Transfer]) -> Transfer:
        """Apply `change` in a transaction; what it raises comes through. Raises NotFound."""
        reference = self._transfers.document(transfer_id)

        async def work(transaction: "AsyncTransaction") -> Transfer:
            snapshot = await reference.get(transaction=transaction, **patience(self._timeout))
            if not snapshot.exists:
                raise NotFound("There is no such export or import.")
            after = change(_from_doc(snapshot.id, snapshot.to_dict() or {}))
            transaction.set(reference, _to_doc(after))
            return after

        return await run_transaction(self._db.client, work)


def _to_doc(transfer: Transfer) -> dict[str, Any]:
    document = asdict(transfer)
    del document["id"]
    return document


def _from_doc(transfer_id: str, document: dict[str, Any]) -> Transfer:
    values: dict[str, Any] = {key: value for key, value in document.items() if key in _FIELDS}
    return Transfer(id=transfer_id, **values)
