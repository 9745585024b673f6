"""Transactions that are open, and the locks they hold.

Firestore's Standard edition is pessimistic: a transaction's reads lock documents until it ends, and
others that want to write them wait. Source:
https://cloud.google.com/firestore/docs/transaction-data-contention. Here a first attempt reads under a
shared lock; an attempt that names the one it repeats (retry_transaction) reads under an exclusive one, so
that many clients at one document queue up instead of failing in turn. A document over which a crowd has just
lost is read under an exclusive lock by first attempts too, until the crowd is gone.

Of a circle of waiting transactions the youngest is given up, counted from its first attempt. If it was
waiting to commit, it hears ABORTED at once. If it was waiting to read, it loses its locks and goes on
reading the state at that moment, and hears ABORTED when it commits: clients repeat a transaction after a
failed commit, but not all do after a failed read.
"""

import asyncio
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local.firestore.clock import Clock
from local.firestore.errors import InvalidArgument, contention

LOCK_WAIT = 20.0
"""Seconds that a call waits for a lock before it is ABORTED."""
IDLE_LIMIT = 60.0
TOTAL_LIMIT = 270.0
"""Seconds: https://cloud.google.com/firestore/quotas#writes_and_transactions."""

Resource = tuple[str, str]
"""What is locked: a database and the path of a document in it, existing or not."""

_REMEMBERED = 10_000
_CROWD, _CROWDED_FOR = 8, 1.0
"""So many transactions given up over a document within so many seconds make it crowded."""


@dataclass(eq=False, slots=True)
class Transaction:
    """One attempt at a transaction. `read_time` (microseconds) is set on read-only ones."""

    id: bytes
    database: str
    age: tuple[int, int]
    """When its first attempt began, and it itself, in order of beginning; the lower wins.

    The second number decides between transactions that repeat the same attempt, which the Python client
    lets happen when tasks share a function.
    """
    exclusive: bool = False
    read_time: int | None = None
    read_only: bool = False
    lost: bool = False
    """Given up: reads see `read_time`, the commit fails."""
    started: float = field(default_factory=time.monotonic)
    touched: float = field(default_factory=time.monotonic)
    held: set[Resource] = field(default_factory=set)
    queries: list[Any] = field(default_factory=list)
    """The queries it ran, whose results must not change before it ends."""
    waiter: "Waiter | None" = None


@dataclass(eq=False, slots=True)
class Waiter:
    """A transaction waiting for a resource, or (resource None) for others to end."""

    transaction: Transaction
    future: "asyncio.Future[None]"
    committing: bool
    resource: Resource | None = None
    exclusive: bool = True
    others: frozenset[Transaction] = frozenset()


class Transactions:
    """All open transactions and their locks. Used from one event loop."""

    def __init__(self, clock: Clock, lock_wait: float = LOCK_WAIT) -> None:
        self._clock, self._lock_wait = clock, lock_wait
        self._open: dict[bytes, Transaction] = {}
        self._ages: OrderedDict[bytes, int] = OrderedDict()
        self._next_age = 0
        self._holders: dict[Resource, dict[Transaction, bool]] = {}
        self._queues: dict[Resource, list[Waiter]] = {}
        self._watchers: list[Waiter] = []
        self._losses: OrderedDict[Resource, deque[float]] = OrderedDict()

    @property
    def idle(self) -> bool:
        """Whether nothing is locked, so that a write has nothing to wait for."""
        return not self._open and not self._holders

    def begin(
        self, database: str, *, retry: bytes = b"", read_only: bool = False, at: int | None = None
    ) -> Transaction:
        """Open a transaction; `retry` is the id of the attempt that this one repeats."""
        transaction = self.unlisted(database)
        transaction.read_only, transaction.read_time = read_only, at
        if retry:
            transaction.exclusive = True
            transaction.age = (self._ages.get(retry, transaction.age[0]), transaction.age[1])
        self._open[transaction.id] = transaction
        self._ages[transaction.id] = transaction.age[0]
        if len(self._ages) > _REMEMBERED:
            self._ages.popitem(last=False)
        return transaction

    def unlisted(self, database: str) -> Transaction:
        """A transaction no client knows of: a single write that needs locks."""
        self._next_age += 1
        return Transaction(secrets.token_bytes(16), database, (self._next_age, self._next_age))

    def get(self, transaction_id: bytes, database: str) -> Transaction:
        """The open transaction with an id.

        Raises:
            InvalidArgument: when it has ended, has expired or belongs to another database.
        """
        transaction = self._open.get(transaction_id)
        if transaction is None or transaction.database != database:
            if transaction_id in self._ages:
                raise InvalidArgument("The referenced transaction has expired or is no longer valid.")
            raise InvalidArgument("Invalid transaction.")
        transaction.touched = time.monotonic()
        return transaction

    def is_open(self, transaction_id: bytes) -> bool:
        """Whether the transaction has not ended."""
        return transaction_id in self._open

    def known(self, transaction_id: bytes) -> bool:
        """Whether there is, or lately was, a transaction with this id."""
        return transaction_id in self._ages

    def watching(self, transaction: Transaction) -> list[Transaction]:
        """The other open transactions that ran queries."""
        return [other for other in self._open.values() if other.queries and other is not transaction]

    async def lock(
        self,
        transaction: Transaction,
        resources: Iterable[Resource],
        *,
        exclusive: bool,
        committing: bool = False,
    ) -> None:
        """Lock all resources, in one order for everybody; a transaction given up meanwhile returns `lost`.

        Raises:
            Aborted: after waiting too long, or when given up while committing.
        """
        for resource in sorted(resources):
            if transaction.lost:
                return
            alone = exclusive or self._crowded(resource)
            if not self._grant(transaction, resource, exclusive=alone):
                waiter = Waiter(transaction, _future(), committing, resource, alone)
                queue = self._queues.setdefault(resource, [])
                upgrade = transaction in self._holders.get(resource, {})
                queue.insert(0 if upgrade else len(queue), waiter)
                await self._wait(waiter)

    async def outlast(self, transaction: Transaction, others: Iterable[Transaction]) -> None:
        """Wait until one of the other transactions ends.

        Raises:
            Aborted: after waiting too long, or when this one is given up.
        """
        waiter = Waiter(transaction, _future(), committing=True, others=frozenset(others))
        self._watchers.append(waiter)
        await self._wait(waiter)

    def end(self, transaction: Transaction) -> None:
        """Release everything a transaction holds and forget it."""
        self._open.pop(transaction.id, None)
        self._release(transaction)

    def end_all(self) -> None:
        """End every open transaction."""
        for transaction in list(self._open.values()):
            self.end(transaction)

    def expire(self) -> None:
        """End the transactions that were idle or open for too long."""
        now = time.monotonic()
        for transaction in list(self._open.values()):
            waiting = transaction.waiter is not None
            idle = now - transaction.touched > IDLE_LIMIT and not waiting
            if idle or now - transaction.started > TOTAL_LIMIT:
                self.end(transaction)

    def _crowded(self, resource: Resource) -> bool:
        losses = self._losses.get(resource)
        return losses is not None and len(losses) == _CROWD and time.monotonic() - losses[0] < _CROWDED_FOR

    def _note_loss(self, transaction: Transaction) -> None:
        for resource in transaction.held:
            self._losses.setdefault(resource, deque(maxlen=_CROWD)).append(time.monotonic())
            self._losses.move_to_end(resource)
        while len(self._losses) > _REMEMBERED:
            self._losses.popitem(last=False)

    def _grant(self, transaction: Transaction, resource: Resource, *, exclusive: bool) -> bool:
        holders = self._holders.get(resource)
        if holders is None:
            if self._queues.get(resource):
                return False
            holders = self._holders[resource] = {}
        mine = holders.get(transaction)
        if mine or (mine is not None and not exclusive):
            return True
        if mine is None and self._queues.get(resource):
            return False
        if self._conflicts(transaction, holders, exclusive=exclusive):
            return False
        holders[transaction] = exclusive
        transaction.held.add(resource)
        return True

    @staticmethod
    def _conflicts(
        transaction: Transaction, holders: dict[Transaction, bool], *, exclusive: bool
    ) -> list[Transaction]:
        return [
            other for other, theirs in holders.items() if other is not transaction and (exclusive or theirs)
        ]

    async def _wait(self, waiter: Waiter) -> None:
        transaction = waiter.transaction
        transaction.waiter = waiter
        try:
            while not waiter.future.done() and (circle := self._circle(transaction)):
                self._give_up(max(circle, key=lambda one: one.age))
            await asyncio.wait_for(waiter.future, self._lock_wait)
        except TimeoutError:
            raise contention() from None
        finally:
            transaction.waiter = None
            self._leave(waiter)

    def _leave(self, waiter: Waiter) -> None:
        if waiter in self._watchers:
            self._watchers.remove(waiter)
        if waiter.resource and waiter in self._queues.get(waiter.resource, []):
            self._queues[waiter.resource].remove(waiter)
            self._advance(waiter.resource)

    def _blockers(self, waiter: Waiter) -> list[Transaction]:
        if waiter.resource is None:
            return list(waiter.others)
        holders = self._holders.get(waiter.resource, {})
        found = self._conflicts(waiter.transaction, holders, exclusive=waiter.exclusive)
        for earlier in self._queues.get(waiter.resource, []):
            if earlier is waiter:
                break
            found.append(earlier.transaction)
        return found

    def _circle(self, start: Transaction) -> list[Transaction]:
        """The transactions on one way from `start` back to itself, each waiting for the next."""
        path: list[Transaction] = []
        seen: set[Transaction] = set()

        def search(transaction: Transaction) -> bool:
            if transaction in seen or transaction.waiter is None or transaction.waiter.future.done():
                return False
            seen.add(transaction)
            path.append(transaction)
            for other in self._blockers(transaction.waiter):
                if other is start or search(other):
                    return True
            path.pop()
            return False

        return path if search(start) else []

    def _give_up(self, transaction: Transaction) -> None:
        waiter = transaction.waiter
        self._note_loss(transaction)
        transaction.lost = True
        transaction.read_time = self._clock.read()
        if waiter and not waiter.future.done():
            if waiter.committing:
                waiter.future.set_exception(contention())
            else:
                waiter.future.set_result(None)
            self._leave(waiter)
        self._release(transaction)

    def _release(self, transaction: Transaction) -> None:
        held, transaction.held = transaction.held, set()
        transaction.queries = []
        for resource in held:
            holders = self._holders[resource]
            del holders[transaction]
            if not holders:
                del self._holders[resource]
            self._advance(resource)
        for waiter in self._watchers:
            if transaction in waiter.others and not waiter.future.done():
                waiter.future.set_result(None)

    def _advance(self, resource: Resource) -> None:
        queue = self._queues.get(resource, [])
        while queue:
            waiter = queue.pop(0)
            holders = self._holders.setdefault(resource, {})
            if waiter.future.done():
                continue
            if self._conflicts(waiter.transaction, holders, exclusive=waiter.exclusive):
                queue.insert(0, waiter)
                break
            holders[waiter.transaction] = waiter.exclusive or holders.get(waiter.transaction, False)
            waiter.transaction.held.add(resource)
            waiter.future.set_result(None)
        if not queue:
            self._queues.pop(resource, None)
        if not self._holders.get(resource, True):
            del self._holders[resource]


def _future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()
