"""Reading and writing with the guarantees of transactions, on top of the store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from local.clock import machine
from local.firestore.clock import Clock
from local.firestore.errors import FailedPrecondition, FirestoreError, InvalidArgument, contention
from local.firestore.execution import Found, execute, search
from local.firestore.indexes import Indexes
from local.firestore.names import DocumentName
from local.firestore.nearest import Nearest, find_nearest
from local.firestore.protos import Message, micros
from local.firestore.query import Query
from local.firestore.rows import Row
from local.firestore.store import RETENTION, Store
from local.firestore.transactions import Resource, Transaction, Transactions
from local.firestore.writes import Draft, Drafts, to_changes, written_name

T = TypeVar("T")
Observer = Callable[[list[Draft]], None]
"""Told the drafts of every commit, after it is durable."""


@dataclass(frozen=True)
class View:
    """What a request reads: the present, a moment, or through a transaction."""

    transaction: Transaction | None = None
    read_time: int | None = None
    """Microseconds; None is the present."""
    started: bytes = b""
    """The id of a transaction that the request itself began, for its first answer."""

    @property
    def at(self) -> int | None:
        """The moment to read the store at; None is the present."""
        return self.transaction.read_time if self.transaction else self.read_time


class Engine:
    """The one place where documents are read and changed. Used from one event loop."""

    def __init__(
        self, store: Store, clock: Clock, transactions: Transactions, indexes: Indexes | None = None
    ) -> None:
        self.store, self.clock, self.transactions = store, clock, transactions
        self._indexes = indexes
        self.observers: list[Observer] = []

    def begin(self, database: str, options: Message) -> Transaction:
        """Open a transaction as TransactionOptions say; without any it is read-write."""
        if options.WhichOneof("mode") == "read_only":
            given = options.read_only.HasField("read_time")
            at = self.past(options.read_only.read_time) if given else self.clock.read()
            return self.transactions.begin(database, read_only=True, at=at)
        return self.transactions.begin(database, retry=options.read_write.retry_transaction)

    def past(self, stamp: Message) -> int:
        """A moment a client asks to read at, in microseconds.

        Raises:
            FailedPrecondition: it lies further back than versions are kept.
            InvalidArgument: it lies in the future.
        """
        at, now = micros(stamp), machine.micros()
        if at < now - RETENTION:
            raise FailedPrecondition("The requested snapshot version is too old.")
        if at > max(now, self.clock.read()):
            raise InvalidArgument("The requested read time is in the future.")
        return at

    def view(self, request: Message, database: str) -> View:
        """What a request's consistency_selector says to read."""
        kind = request.WhichOneof("consistency_selector")
        if kind == "transaction":
            return View(self.transactions.get(request.transaction, database))
        if kind == "new_transaction":
            transaction = self.begin(database, request.new_transaction)
            return View(transaction, started=transaction.id)
        return View(read_time=self.past(request.read_time)) if kind == "read_time" else View()

    def read_time(self, view: View) -> int:
        """The time to report for what was read through a view."""
        return self.clock.read() if view.at is None else view.at

    async def read(self, view: View, names: Sequence[DocumentName]) -> list[bytes | None]:
        """The bodies of documents, None for those that do not exist."""
        if view.transaction and view.at is None:
            await self.transactions.lock(
                view.transaction, {_resource(name) for name in names}, exclusive=view.transaction.exclusive
            )
        at, read, find = view.at, self.store.read, self.store.catalog.find
        found = ((find(name.database, name.collection), name.key) for name in names)
        return [read(collection, key, at) if collection else None for collection, key in found]

    async def run(self, view: View, query: Query) -> Found:
        """The results of a query. In a read-write transaction they stay as they are until it ends."""
        self.check_index(query)
        found = execute(self.store, query, view.at)
        transaction = view.transaction
        if transaction is None or view.at is not None:
            return found
        transaction.queries.append(replace(query, limit=None, offset=0))
        while not transaction.lost:
            resources = {_row_resource(row) for row in found.rows}
            if resources <= transaction.held:
                break
            await self.transactions.lock(transaction, resources, exclusive=transaction.exclusive)
            found = execute(self.store, query, transaction.read_time)
        return found

    async def search(self, view: View, query: Query, wanted: Nearest) -> list[Row]:
        """The nearest of a query's results. In a read-write transaction all of the results are locked."""
        if view.transaction and view.at is None:
            return find_nearest(wanted, (await self.run(view, replace(query, limit=None, offset=0))).rows)
        self.check_index(query)
        return search(self.store, query, wanted, view.at)

    def check_index(self, query: Query) -> None:
        """Refuse a query for which no index is declared, where indexes are declared at all.

        Raises:
            FailedPrecondition: naming the index.
        """
        if self._indexes:
            self._indexes.check(query)

    async def commit(
        self, database: str, writes: Sequence[Message], transaction: Transaction | None = None
    ) -> tuple[list[Message], int]:
        """Do all writes or none; returns their WriteResults and the commit time. Ends the transaction.

        Raises:
            FirestoreError: the first write that cannot be done, or ABORTED.
        """
        if transaction and transaction.read_only and writes:
            raise InvalidArgument("Cannot modify entities in a read-only transaction.")
        return await self._guarded(database, writes, Drafts.apply, transaction)

    async def commit_each(
        self, database: str, writes: Sequence[Message]
    ) -> tuple[list[Message | FirestoreError], int]:
        """Do each write that can be done; returns a WriteResult or the error for each, and the time."""
        return await self._guarded(database, writes, _outcome, None)

    async def _guarded(
        self,
        database: str,
        writes: Sequence[Message],
        apply: Callable[[Drafts, Message], T],
        transaction: Transaction | None,
    ) -> tuple[list[T], int]:
        if transaction is None and self.transactions.idle:
            drafts, moment = self._drafts(database)
            results = [apply(drafts, write) for write in writes]
            self._store(drafts, moment)
            return results, moment
        return await self._locked(
            database, writes, apply, transaction or self.transactions.unlisted(database)
        )

    async def _locked(
        self,
        database: str,
        writes: Sequence[Message],
        apply: Callable[[Drafts, Message], T],
        transaction: Transaction,
    ) -> tuple[list[T], int]:
        try:
            if transaction.lost:
                raise contention()
            resources = {(database, written_name(write)) for write in writes}
            await self.transactions.lock(transaction, resources, exclusive=True, committing=True)
            while True:
                drafts, moment = self._drafts(database)
                results = [apply(drafts, write) for write in writes]
                blocking = self._phantoms(transaction, drafts)
                if not blocking:
                    self._store(drafts, moment)
                    return results, moment
                await self.transactions.outlast(transaction, blocking)
        finally:
            self.transactions.end(transaction)

    def _drafts(self, database: str) -> tuple[Drafts, int]:
        moment = self.clock.commit()
        return Drafts(self.store, database, moment), moment

    def _store(self, drafts: Drafts, moment: int) -> None:
        changed = drafts.changed()
        if changed:
            self.store.commit(to_changes(self.store, changed), moment)
            for observer in self.observers:
                observer(changed)

    def _phantoms(self, transaction: Transaction, drafts: Drafts) -> list[Transaction]:
        """The other transactions whose query results these drafts would change."""
        watching = self.transactions.watching(transaction)
        changed = drafts.changed() if watching else []
        return [other for other in watching if any(_touches(query, changed) for query in other.queries)]


def _touches(query: Query, changed: list[Draft]) -> bool:
    return any(
        query.parent.database == draft.name.database
        and query.covers(draft.name.collection)
        and any(query.predicate(Row(b"", version)) for version in (draft.before, draft.after) if version)
        for draft in changed
    )


def _outcome(drafts: Drafts, write: Message) -> Message | FirestoreError:
    try:
        return drafts.apply(write)
    except FirestoreError as error:
        return error


def _resource(name: DocumentName) -> Resource:
    return name.database, name.full


def _row_resource(row: Row) -> Resource:
    name = row.name
    return "/".join(name.split("/", 4)[:4]), name
