"""Receipts of erasures in Firestore: erasures/{id}."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.identity.records import Receipt

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

_MOST = 100


class FirestoreReceipts:
    """ReceiptStore on Firestore."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _receipts(self) -> "AsyncCollectionReference":
        return self._db.client.collection("erasures")

    async def begin(self, receipt: Receipt) -> None:
        """Create; one that is there goes on."""
        async with of_identity():
            try:
                await self._receipts.document(receipt.id).create(_to_doc(receipt), **patience(self._timeout))
            except exceptions.AlreadyExists:
                return

    async def add(self, receipt_id: str, store: str, count: int) -> None:
        """An increment."""
        from google.cloud.firestore import Increment

        async with of_identity():
            await self._receipts.document(receipt_id).update(
                {f"counts.{store}": Increment(count)}, **patience(self._timeout)
            )

    async def finish(self, receipt_id: str, at: float) -> Receipt:
        """The subject is forgotten in the same write."""
        reference = self._receipts.document(receipt_id)
        change = {"finished_at": datetime.fromtimestamp(at, UTC), "subject": "", "open": False}
        async with of_identity():
            await reference.update(change, **patience(self._timeout))
            snapshot = await reference.get(**patience(self._timeout))
        return _from_doc(receipt_id, snapshot.to_dict() or {})

    async def unfinished(self) -> list[Receipt]:
        """At most a hundred."""
        from google.cloud.firestore import FieldFilter

        query = self._receipts.where(filter=FieldFilter("open", "==", True)).limit(_MOST)
        async with of_identity():
            return [
                _from_doc(one.id, one.to_dict() or {})
                async for one in query.stream(**patience(self._timeout))
            ]


def _to_doc(receipt: Receipt) -> dict[str, Any]:
    return {
        "person": receipt.person,
        "subject": receipt.subject,
        "open": True,
        "started_at": datetime.fromtimestamp(receipt.started_at, UTC),
        "counts": dict(receipt.counts),
    }


def _from_doc(receipt_id: str, document: dict[str, Any]) -> Receipt:
    finished = document.get("finished_at")
    return Receipt(
        id=receipt_id,
        person=document["person"],
        started_at=document["started_at"].timestamp(),
        finished_at=finished.timestamp() if finished else 0.0,
        counts=document["counts"],
        subject=document["subject"],
    )
