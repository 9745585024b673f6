"""The audit trail in Firestore: audit_waiting/{time}-{id}, audit/{number}, audit_chain/head."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.identity.audit_chain import GENESIS, linked
from shared.identity.records import AuditEntry, ChainHead, Link

if TYPE_CHECKING:
    from google.cloud.firestore import (
        AsyncCollectionReference,
        AsyncDocumentReference,
        AsyncTransaction,
        DocumentSnapshot,
    )

_BATCH = 100
"""Entries linked by one transaction: three writes each."""


class FirestoreAudit:
    """AuditStore on Firestore.

    An entry is one document of its own, so storing it contends with nothing. Linking is a transaction on
    the head: it moves waiting entries into the chain, and who comes second finds them moved.
    """

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._wire, self._timeout = db, Wire.of(db), timeout

    @property
    def _waiting(self) -> "AsyncCollectionReference":
        return self._db.client.collection("audit_waiting")

    @property
    def _links(self) -> "AsyncCollectionReference":
        return self._db.client.collection("audit")

    @property
    def _head(self) -> "AsyncDocumentReference":
        return self._db.client.collection("audit_chain").document("head")

    async def append(self, entry: AuditEntry) -> None:
        """One write under a name that orders by time; a repetition writes the same."""
        name = f"{round(entry.at * 1_000_000):017d}-{entry.id}"
        async with of_identity():
            write = self._wire.put(self._wire.path("audit_waiting", name), _entry_to_doc(entry))
            await self._wire.commit([write], self._timeout, again=True)

    async def seal(self, authenticate: Callable[[int, str], ChainHead]) -> ChainHead | None:
        """Link at most a hundred."""
        query = self._waiting.order_by("__name__").limit(_BATCH)
        async with of_identity():
            seen = [one.reference async for one in query.stream(**patience(self._timeout))]
        if not seen:
            return None

        async def work(transaction: "AsyncTransaction") -> ChainHead | None:
            names = [self._head, *seen]
            found = {
                one.reference.path: one
                async for one in self._db.client.get_all(
                    names, transaction=transaction, **patience(self._timeout)
                )
                if one.exists
            }
            head = _head_from_doc(_content(found.get(self._head.path)))
            still = [name for name in seen if name.path in found]
            if not still:
                return head
            entries = [_entry_from_doc(_content(found[name.path])) for name in still]
            links = linked(entries, head.seq if head else 0, head.hash if head else GENESIS)
            for link, name in zip(links, still, strict=True):
                transaction.create(self._links.document(f"{link.seq:012d}"), _link_to_doc(link))
                transaction.delete(name)
            new_head = authenticate(links[-1].seq, links[-1].hash)
            transaction.set(self._head, _head_to_doc(new_head))
            return new_head

        return await run_transaction(self._db.client, work)

    async def head(self) -> ChainHead | None:
        """The head."""
        async with of_identity():
            snapshot = await self._head.get(**patience(self._timeout))
        return _head_from_doc(_content(snapshot))

    async def after(self, seq: int, limit: int) -> list[Link]:
        """By number."""
        from google.cloud.firestore import FieldFilter

        query = self._links.where(filter=FieldFilter("seq", ">", seq)).order_by("seq").limit(limit)
        return await self._read(query)

    async def before(
        self, seq: int | None, limit: int, *, event: str = "", people: Sequence[str] = ()
    ) -> list[Link]:
        """By number, from the end; a filter is a composite index."""
        from google.cloud.firestore import FieldFilter, Query

        query: Any = self._links
        if event:
            query = query.where(filter=FieldFilter("event", "==", event))
        if people:
            query = query.where(filter=FieldFilter("subject", "in", list(people)))
        if seq is not None:
            query = query.where(filter=FieldFilter("seq", "<", seq))
        return await self._read(query.order_by("seq", direction=Query.DESCENDING).limit(limit))

    async def of_request(self, request_id: str) -> list[Link]:
        """By number."""
        from google.cloud.firestore import FieldFilter

        query = self._links.where(filter=FieldFilter("request_id", "==", request_id))
        return sorted(await self._read(query), key=lambda link: link.seq)

    async def waiting(self) -> int:
        """By aggregation."""
        async with of_identity():
            rows = await self._waiting.order_by("__name__").count().get(**patience(self._timeout))
        return int(rows[0][0].value)

    async def _read(self, query: Any) -> list[Link]:
        async with of_identity():
            return [_link_from_doc(_content(one)) async for one in query.stream(**patience(self._timeout))]


def _content(snapshot: "DocumentSnapshot[Any] | None") -> dict[str, Any]:
    return (snapshot.to_dict() or {}) if snapshot is not None and snapshot.exists else {}


def _entry_to_doc(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": datetime.fromtimestamp(entry.at, UTC),
        "event": entry.event,
        "actor": entry.actor,
        "subject": entry.subject,
        "request_id": entry.request_id,
        "details": dict(entry.details),
    }


def _entry_from_doc(document: dict[str, Any]) -> AuditEntry:
    """What somebody took out of a stored entry reads as empty, and then its hash does not fit."""
    at = document.get("at")
    return AuditEntry(
        id=document.get("id", ""),
        at=at.timestamp() if isinstance(at, datetime) else 0.0,
        event=document.get("event", ""),
        actor=document.get("actor", ""),
        subject=document.get("subject", ""),
        request_id=document.get("request_id", ""),
        details=document.get("details", {}),
    )


def _link_to_doc(link: Link) -> dict[str, Any]:
    return {**_entry_to_doc(link.entry), "seq": link.seq, "previous": link.previous, "hash": link.hash}


def _link_from_doc(document: dict[str, Any]) -> Link:
    return Link(
        seq=document["seq"],
        previous=document.get("previous", ""),
        hash=document.get("hash", ""),
        entry=_entry_from_doc(document),
    )


def _head_to_doc(head: ChainHead) -> dict[str, Any]:
    return {"seq": head.seq, "hash": head.hash, "key_id": head.key_id, "mac": head.mac}


def _head_from_doc(document: dict[str, Any]) -> ChainHead | None:
    if not document:
        return None
    return ChainHead(document["seq"], document["hash"], document["key_id"], document["mac"])
