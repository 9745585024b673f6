"""Where Firestore holds data about people: emptied at erasure, read for an export.

The rule that makes it short: a document about a person names them in the field `subject`, or is named
after them. A collection that holds such documents has one line in OWNED; a test in tests/repo compares
this page with every collection that the code uses.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions

from shared.gcp.failures import of_identity
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.identity.interfaces import PersonalStore

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncCollectionReference, AsyncDocumentReference

_STEP = 200
"""Documents that one commit deletes."""
_PAGE = 50
"""Documents of an export that are read at once, with what lies below them."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A collection whose documents name a person in `subject`, with what lies below each document.

    `hidden` are fields that an export leaves out: tokens and hashes are secrets, even from their owner.
    """

    name: str
    below: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


OWNED = (
    Owned("conversations", below=("messages",)),
    Owned("feedback"),
    Owned("usage"),
    Owned("rate_limits"),
    Owned("cache_answers"),
    Owned("claims"),
    Owned("sessions", hidden=frozenset({"refresh"})),
)
"""In the order in which they are emptied; sessions last, so that the person can ask again until then."""

IMPERSONAL = {
    "audit": "pseudonyms only; kept, or nobody could tell what was done",
    "audit_chain": "numbers and hashes",
    "audit_waiting": "as audit",
    "channels": "push channels of Drive's, with a digest of their secret",
    "folders": "names and places of folders of Drive, as chunks",
    "numbers": "counters of requests by route and status, of nobody in particular",
    "pages": "ids of files that a listing met",
    "cache_embeddings": "vectors of questions under a keyed hash, of nobody in particular",
    "cache_folders": "Drive's folders",
    "chunks": "texts of files",
    "collections": "the organisation's",
    "erasures": "receipts: a pseudonym and counts; the subject only until the erasure is through",
    "files": "Drive's files, with whom Drive shares each; follows Drive",
    "groups": "members of Google groups as the directory lists them; follows the directory",
    "login_states": "a hash of a browser's secret; gone after ten minutes",
    "sync_runs": "counts",
    "sync_state": "page tokens",
    "usage_days": "sums of the whole organisation",
    "cache_state": "numbers",
    "transfers": "exports and imports of collections, with counts",
    "vectors": "vectors of chunks; follow Drive, as chunks",
    "vectors_b": "as vectors, of another index",
    "index_state": "which index answers",
    "index_builds": "counts",
    "term_statistics": "in how many files a term occurs",
}
"""Collections without data about people who use Docent, and why that is so."""


def personal_stores(db: Database, timeout: float, grants: PersonalStore) -> tuple[PersonalStore, ...]:
    """Every place with data about people, in the order of erasure.

    The grant goes before the sessions, since Google may have to be asked twice, and the user's record last.
    """
    owned = [FirestoreOwned(db, one, timeout) for one in OWNED]
    return (*owned[:-1], grants, owned[-1], FirestoreUserRecord(db, timeout))


class FirestoreOwned:
    """PersonalStore over one collection. `timeout` is seconds for one call."""

    def __init__(self, db: Database, owned: Owned, timeout: float) -> None:
        self._db, self._owned, self._timeout = db, owned, timeout
        self.name = owned.name

    async def erase(self, subject: str, receipt: str) -> int:
        """Documents with what lies below them, and their count, in one commit."""
        async with of_identity():
            doomed = await self._doomed(subject)
        return await delete_counted(self._db.client, doomed, receipt, self._timeout)

    async def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        """Each document with its name and what lies below it.

        Read in pages: a query that waited for the reader, or for what lies below, would run out of time.
        """
        query = self._mine(subject).order_by("__name__").limit(_PAGE)
        after: Any = None
        while True:
            async with of_identity():
                page = query if after is None else query.start_after({"__name__": after})
                owners = [one async for one in page.stream(**patience(self._timeout))]
                below = await asyncio.gather(*(self._below(one) for one in owners))
            for owner, rest in zip(owners, below, strict=True):
                yield {"id": owner.id, **_json_fields(owner.to_dict() or {}, self._owned.hidden), **rest}
            if len(owners) < _PAGE:
                return
            after = owners[-1].reference

    async def _below(self, owner: Any) -> dict[str, list[dict[str, object]]]:
        """What lies below a document, by collection."""
        return {
            name: [
                {"id": one.id, **_json_fields(one.to_dict() or {}, self._owned.hidden)}
                async for one in owner.reference.collection(name).stream(**patience(self._timeout))
            ]
            for name in self._owned.below
        }

    def _mine(self, subject: str) -> Any:
        from google.cloud.firestore import FieldFilter

        return self._db.client.collection(self.name).where(filter=FieldFilter("subject", "==", subject))

    async def _doomed(self, subject: str) -> "list[AsyncDocumentReference]":
        """At most a step of them; a document only together with the last of what lies below it."""
        doomed: list[AsyncDocumentReference] = []
        async for owner in self._mine(subject).select([]).limit(_STEP).stream(**patience(self._timeout)):
            for name in self._owned.below:
                doomed += await _names(owner.reference.collection(name), _STEP - len(doomed), self._timeout)
            if len(doomed) >= _STEP:
                break
            doomed.append(owner.reference)
        return doomed


class FirestoreUserRecord:
    """PersonalStore over users/{subject} and what lies below: the last to go."""

    name = "users"

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    async def erase(self, subject: str, receipt: str) -> int:
        """The record and everything below it."""
        record = self._db.client.collection("users").document(subject)
        async with of_identity():
            snapshot = await record.get([], **patience(self._timeout))
            private = await _names(record.collection("private"), _STEP, self._timeout)
        doomed = [*private, *([record] if snapshot.exists else [])]
        return await delete_counted(self._db.client, doomed, receipt, self._timeout)

    async def export(self, subject: str) -> AsyncIterator[dict[str, object]]:
        """The record; what lies below are secrets."""
        async with of_identity():
            snapshot = (
                await self._db.client.collection("users").document(subject).get(**patience(self._timeout))
            )
        if snapshot.exists:
            yield {"id": snapshot.id, **_json_fields(snapshot.to_dict() or {}, frozenset({"erasing"}))}


async def delete_counted(
    client: "AsyncClient", doomed: "list[AsyncDocumentReference]", receipt: str, seconds: float
) -> int:
    """Delete exactly these and add them to the receipt, or neither; returns their number.

    Each delete demands that its document is still there. So a commit that was sent twice, or two erasures
    of one person at once, count nothing double: who comes second is told, and looks again.
    """
    from google.cloud.firestore import Increment

    if not doomed:
        return 0
    counting = client.collection("erasures").document(receipt)
    kinds = [name.parent.id for name in doomed]
    batch = client.batch()
    for name in doomed:
        batch.delete(name, option=client.write_option(exists=True))
    batch.update(counting, {f"counts.{kind}": Increment(kinds.count(kind)) for kind in set(kinds)})
    async with of_identity():
        try:
            await batch.commit(**patience(seconds))
        except (exceptions.NotFound, exceptions.FailedPrecondition):
            if not (await counting.get(**patience(seconds))).exists:
                raise
    return len(doomed)


async def _names(
    collection: "AsyncCollectionReference", limit: int, seconds: float
) -> "list[AsyncDocumentReference]":
    if limit <= 0:
        return []
    return [one.reference async for one in collection.select([]).limit(limit).stream(**patience(seconds))]


def _json_fields(document: dict[str, Any], hidden: frozenset[str]) -> dict[str, object]:
    return {name: _json_value(value) for name, value in document.items() if name not in hidden}


def _json_value(value: Any) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return None
        case dict():
            return {str(name): _json_value(one) for name, one in value.items()}
        case list() | tuple():
            return [_json_value(one) for one in value]
        case str() | int() | float() | bool() | None:
            return value
        case _:
            return str(value)
