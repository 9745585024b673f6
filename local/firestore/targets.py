"""What a Listen stream watches: some documents by name, or the results of a query."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from local.firestore.errors import InvalidArgument
from local.firestore.execution import execute
from local.firestore.names import DocumentName, parse_document, parse_parent
from local.firestore.protos import Document, ListenResponse, Message, micros
from local.firestore.query import Query, parse_query
from local.firestore.reading import masked
from local.firestore.rows import Row
from local.firestore.store import Store
from local.firestore.writes import Draft

Commit = list[Draft]


class Target(Protocol):
    """One thing that is watched."""

    def begin(self, since: int | None) -> Iterator[Message]:
        """The documents; only what changed for a client that knows them as of `since` (microseconds)."""
        ...

    def update(self, drafts: Commit) -> Iterator[Message]:
        """What a commit changes."""
        ...

    def count(self) -> int:
        """How many documents the client knows by now."""
        ...


def make_target(store: Store, target_id: int, database: str, message: Message) -> Target:
    """The target that an add_target asks for.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    kind = message.WhichOneof("target_type")
    if kind == "documents":
        names = [parse_document(name) for name in message.documents.documents]
        if any(name.database != database for name in names):
            raise InvalidArgument(f'A watched document is not in database "{database}".')
        return DocumentsTarget(store, target_id, names)
    if kind == "query":
        parent = parse_parent(message.query.parent)
        return QueryTarget(store, target_id, parse_query(parent, message.query.structured_query))
    raise InvalidArgument("A target must have documents or a query.")


class DocumentsTarget:
    """Documents by name."""

    def __init__(self, store: Store, target_id: int, names: Iterable[DocumentName]) -> None:
        self._store, self._id = store, target_id
        self._names = {name.full: name for name in names}

    def begin(self, since: int | None) -> Iterator[Message]:
        """Every document, found or deleted."""
        for name in self._names.values():
            body = self._body(name, None)
            if since is None or body != self._body(name, since):
                yield _changed(self._id, body) if body else _deleted(self._id, name.full)

    def update(self, drafts: Commit) -> Iterator[Message]:
        """The drafts of watched documents."""
        for draft in drafts:
            if draft.name.full in self._names:
                yield (
                    _changed(self._id, draft.after.SerializeToString())
                    if draft.after
                    else _deleted(self._id, draft.name.full)
                )

    def count(self) -> int:
        """How many of the documents exist."""
        return sum(self._body(name, None) is not None for name in self._names.values())

    def _body(self, name: DocumentName, at: int | None) -> bytes | None:
        collection = self._store.catalog.find(name.database, name.collection)
        return self._store.read(collection, name.key, at) if collection else None


class QueryTarget:
    """The results of a query."""

    def __init__(self, store: Store, target_id: int, query: Query) -> None:
        self._store, self._id, self.query = store, target_id, query
        self._known: dict[str, int] = {}

    def begin(self, since: int | None) -> Iterator[Message]:
        """Every result."""
        if since is not None:
            self._known = _versions(execute(self._store, self.query, since).rows)
        yield from self._difference()

    def update(self, drafts: Commit) -> Iterator[Message]:
        """The drafts that enter, change or leave the results; a limited query is run again."""
        database = self.query.parent.database
        touched = [d for d in drafts if d.name.database == database and self.query.covers(d.name.collection)]
        if not touched:
            return
        if self.query.limit is not None or self.query.offset:
            yield from self._difference()
            return
        for draft in touched:
            name = draft.name.full
            if draft.after and self.query.contains(Row(b"", draft.after)):
                self._known[name] = micros(draft.after.update_time)
                yield self._changed(draft.after.SerializeToString())
            elif self._known.pop(name, None) is not None:
                yield _left(self._id, name) if draft.after else _deleted(self._id, name)

    def count(self) -> int:
        """How many results there are."""
        return len(self._known)

    def _difference(self) -> Iterator[Message]:
        rows = execute(self._store, self.query, None).rows
        before, self._known = self._known, _versions(rows)
        for row in rows:
            name = row.name
            if before.pop(name, None) != self._known[name]:
                yield self._changed(row.body)
        for name in before:
            parsed = parse_document(name)
            collection = self._store.catalog.find(parsed.database, parsed.collection)
            exists = collection and self._store.read(collection, parsed.key) is not None
            yield _left(self._id, name) if exists else _deleted(self._id, name)

    def _changed(self, body: bytes) -> Message:
        return _changed(self._id, masked(body, self.query.projection))


def _versions(rows: Iterable[Row]) -> dict[str, int]:
    return {row.name: micros(row.document.update_time) for row in rows}


def _changed(target_id: int, body: bytes) -> Message:
    response = ListenResponse()
    response.document_change.document.CopyFrom(Document.FromString(body))
    response.document_change.target_ids.append(target_id)
    return response


def _deleted(target_id: int, name: str) -> Message:
    response = ListenResponse()
    response.document_delete.document = name
    response.document_delete.removed_target_ids.append(target_id)
    return response


def _left(target_id: int, name: str) -> Message:
    response = ListenResponse()
    response.document_remove.document = name
    response.document_remove.removed_target_ids.append(target_id)
    return response
