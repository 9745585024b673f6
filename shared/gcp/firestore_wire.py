"""Documents of Firestore straight on the wire, for what every question does and what is done by the thousand.

The client wraps every value of a document in a message of its own, which takes several times as long as the
call. Here the same requests are made of the bare protocol buffers. What one request reads, or adds, at the
same moment goes out as one call.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from google.api_core import exceptions

from shared.gcp.firestore_calls import FirestoreCalls
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_kinds import kinds
from shared.gcp.firestore_messages import Document, decoded, fill, merging
from shared.gcp.gathering import Gathering
from shared.limits.meter import used

_FEW = 16
"""Documents that are rather read whole, with what else is read now, than in part by a call of their own."""


class Seen(NamedTuple):
    """A document as it was read or written; `at` is its update time, None where there is no document."""

    document: dict[str, Any] | None
    at: Any


ABSENT = Seen(None, None)


class Wire:
    """Reads and commits of one database. `limit` is seconds. Raises google.api_core's errors."""

    def __init__(self, calls: FirestoreCalls) -> None:
        self._calls = calls
        self._reading = Gathering[str, Any](self._read)
        self._adding = Gathering[Any, Any](self._add)

    @classmethod
    def of(cls, db: Database) -> "Wire":
        """The one of this database, so that gathered is what comes from anywhere."""
        if db not in _WIRES:
            _WIRES[db] = cls(FirestoreCalls(db))
        return _WIRES[db]

    def path(self, collection: str, name: str) -> str:
        """The full name of a document."""
        return f"{self._calls.database}/documents/{collection}/{name}"

    async def read(self, paths: Sequence[str], limit: float) -> dict[str, Seen]:
        """Each document by its full name."""
        found = await self._reading.done(paths, limit)
        return {path: _seen(message) for path, message in zip(paths, found, strict=True)}

    async def messages(self, paths: Sequence[str], names: Sequence[str], limit: float) -> dict[str, Any]:
        """Those of the documents that exist, not decoded; of many only these fields, by a call of its own."""
        if len(paths) <= _FEW:
            some = await self._reading.done(paths, limit)
            return {path: message for path, message in zip(paths, some, strict=True) if message is not None}
        request = kinds().get(database=self._calls.database, documents=paths)
        request.mask.field_paths.extend(names)
        found = await self._got(request, limit)
        return {name: message for name, message in found.items() if message is not None}

    async def query(self, query: Any, limit: float) -> dict[str, dict[str, Any]]:
        """The documents that a StructuredQuery finds, by their ids, in its order."""
        parent = f"{self._calls.database}/documents"
        request = kinds().query(parent=parent, structured_query=query)
        answers = await self._calls.stream("RunQuery", request, kinds().queried, limit)
        found = [one.document for one in answers if one.HasField("document")]
        used("firestore", read=max(1, len(found)))
        return {one.name.rpartition("/")[2]: decoded(one.fields) for one in found}

    async def count(self, query: Any, limit: float) -> int:
        """How many documents a StructuredQuery finds; none is read."""
        request = kinds().counting(parent=f"{self._calls.database}/documents")
        request.structured_aggregation_query.structured_query.CopyFrom(query)
        request.structured_aggregation_query.aggregations.add(alias="n").count.SetInParent()
        answers = await self._calls.stream("RunAggregationQuery", request, kinds().counted, limit)
        used("firestore", read=1)
        found = [one.result.aggregate_fields["n"] for one in answers if one.HasField("result")]
        return int(found[0].integer_value)

    def put(self, path: str, document: Document) -> Any:
        """The write that replaces a document, or makes it."""
        write = kinds().write()
        write.update.name = path
        fill(write.update.fields, document)
        return write

    def merge(self, path: str, document: Document, transforms: Sequence[Any] = ()) -> Any:
        """The write that sets these fields, and transforms others, of a document that there may be."""
        return merging(path, document, transforms)

    def create(self, path: str, document: Document) -> Any:
        """The write that makes a document; AlreadyExists where there is one."""
        return self.only(self.put(path, document), ABSENT)

    def update(self, path: str, document: Document) -> Any:
        """The write that sets these fields of a document; NotFound where there is none."""
        write = merging(path, document)
        write.current_document.exists = True
        return write

    def delete(self, path: str) -> Any:
        """The write that deletes a document; one that is absent is no error."""
        return kinds().write(delete=path)

    @staticmethod
    def only(write: Any, seen: Seen) -> Any:
        """The write, to be done only while the document is as it was seen."""
        if seen.at is None:
            write.current_document.exists = False
        else:
            write.current_document.update_time.CopyFrom(seen.at)
        return write

    async def commit(self, writes: Sequence[Any], limit: float, *, again: bool = False) -> list[Any]:
        """Do all writes or none; their results, in order. `again` when they may happen twice."""
        request = kinds().commit(database=self._calls.database, writes=writes)
        deletes = sum(bool(one.delete) for one in writes)
        used("firestore", delete=deletes, write=len(writes) - deletes)
        answer = await self._calls.unary("Commit", request, kinds().committed, limit, again=again)
        return list(answer.write_results)

    async def add(
        self, writes: Sequence[Any], limit: float, *, again: bool = False, hurry: bool = True
    ) -> list[Any]:
        """The same of writes that are not refused, with what else this request adds now.

        Without `hurry`, with what it adds next. When they all fail, these are tried by themselves, if it is
        certain that nothing was written, or they may happen twice.
        """
        try:
            return list(await self._adding.done(writes, limit, hurry=hurry))
        except exceptions.RetryError:
            raise
        except exceptions.InvalidArgument:
            pass
        except exceptions.ServiceUnavailable:
            if not again:
                raise
        return await self.commit(writes, limit, again=again)

    async def write_each(self, writes: Sequence[Any], limit: float) -> list[Any]:
        """Do each write by itself; its update time, None where it was refused."""
        request = kinds().each(database=self._calls.database, writes=writes)
        deletes = sum(bool(one.delete) for one in writes)
        used("firestore", delete=deletes, write=len(writes) - deletes)
        answer = await self._calls.unary("BatchWrite", request, kinds().each_done, limit)
        pairs = zip(answer.write_results, answer.status, strict=True)
        return [None if status.code else result.update_time for result, status in pairs]

    async def _read(self, paths: list[str], limit: float) -> list[Any]:
        """Each once, however many ask for it."""
        names = list(dict.fromkeys(paths))
        found = await self._got(kinds().get(database=self._calls.database, documents=names), limit)
        return [found[path] for path in paths]

    async def _add(self, writes: list[Any], limit: float) -> list[Any]:
        return await self.commit(writes, limit)

    async def _got(self, request: Any, limit: float) -> dict[str, Any]:
        """The documents by their full names; None for one that there is not."""
        used("firestore", read=len(request.documents))
        found: dict[str, Any] = {}
        for answer in await self._calls.stream("BatchGetDocuments", request, kinds().got, limit):
            if answer.HasField("found"):
                found[answer.found.name] = answer.found
            elif answer.missing:
                found[answer.missing] = None
        return found


def _seen(message: Any) -> Seen:
    return ABSENT if message is None else Seen(decoded(message.fields), message.update_time)


_WIRES: WeakKeyDictionary[Database, Wire] = WeakKeyDictionary()
