"""The lock table itself: who waits, who is given up, who gets what when."""

import asyncio

import pytest

from local.firestore.clock import Clock
from local.firestore.errors import Aborted
from local.firestore.transactions import Transactions

pytestmark = pytest.mark.source("local/firestore/transactions.py says what it promises")

A, B = ("db", "a"), ("db", "b")


def make(wait: float = 5.0) -> Transactions:
    """A fresh lock table."""
    return Transactions(Clock(), wait)


async def blocked(task: "asyncio.Task[None]") -> bool:
    """Whether a task is still waiting after everything that can run has run."""
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done()


async def test_shared_locks_are_shared_and_exclusive_ones_are_not() -> None:
    """Two readers hold together; a writer waits for both."""
    table = make()
    one, two, three = (table.begin("db") for _ in range(3))
    await table.lock(one, [A], exclusive=False)
    await table.lock(two, [A], exclusive=False)
    writer = asyncio.create_task(table.lock(three, [A], exclusive=True))
    assert await blocked(writer)
    table.end(one)
    assert await blocked(writer)
    table.end(two)
    await writer
    table.end(three)
    assert table.idle


async def test_the_queue_is_first_come_first_served() -> None:
    """A reader that comes after a waiting writer waits behind it, so the writer does not starve."""
    table = make()
    one, two, three = (table.begin("db") for _ in range(3))
    await table.lock(one, [A], exclusive=False)
    writer = asyncio.create_task(table.lock(two, [A], exclusive=True))
    assert await blocked(writer)
    reader = asyncio.create_task(table.lock(three, [A], exclusive=False))
    assert await blocked(reader)
    table.end(one)
    await writer
    assert await blocked(reader)
    table.end(two)
    await reader


async def test_of_a_circle_the_youngest_commit_is_aborted() -> None:
    """The elder's wait ends with the lock."""
    table = make()
    elder, younger = table.begin("db"), table.begin("db")
    await table.lock(elder, [A], exclusive=False)
    await table.lock(younger, [A], exclusive=False)
    first = asyncio.create_task(table.lock(elder, [A], exclusive=True, committing=True))
    assert await blocked(first)
    with pytest.raises(Aborted):
        await table.lock(younger, [A], exclusive=True, committing=True)
    table.end(younger)
    await first


async def test_a_repeated_attempt_keeps_its_age() -> None:
    """So a transaction that lost once wins against all that began after its first attempt."""
    table = make()
    first = table.begin("db")
    table.end(first)
    younger, again = table.begin("db"), table.begin("db", retry=first.id)
    await table.lock(again, [A], exclusive=False)
    await table.lock(younger, [A], exclusive=False)
    waiting = asyncio.create_task(table.lock(younger, [A], exclusive=True, committing=True))
    assert await blocked(waiting)
    ours = asyncio.create_task(table.lock(again, [A], exclusive=True, committing=True))
    with pytest.raises(Aborted):
        await waiting
    table.end(younger)
    await ours


async def test_a_reader_that_is_given_up_reads_on_without_locks() -> None:
    """It is told nothing until it commits, and its locks are free."""
    table = make()
    elder, younger = table.begin("db"), table.begin("db")
    await table.lock(elder, [A], exclusive=True)
    await table.lock(younger, [B], exclusive=True)
    reading = asyncio.create_task(table.lock(younger, [A], exclusive=True))
    assert await blocked(reading)
    await table.lock(elder, [B], exclusive=True)
    await reading
    assert younger.lost
    assert younger.read_time is not None
    assert not younger.held


async def test_waiting_has_an_end() -> None:
    """ABORTED after the lock wait; the queue is clean afterwards."""
    table = make(0.05)
    one, two = table.begin("db"), table.begin("db")
    await table.lock(one, [A], exclusive=True)
    with pytest.raises(Aborted):
        await table.lock(two, [A], exclusive=True)
    table.end(one)
    table.end(two)
    assert table.idle


async def test_a_cancelled_wait_leaves_no_trace() -> None:
    """A client that goes away frees its place in the queue."""
    table = make()
    one, two, three = (table.begin("db") for _ in range(3))
    await table.lock(one, [A], exclusive=False)
    writer = asyncio.create_task(table.lock(two, [A], exclusive=True))
    assert await blocked(writer)
    reader = asyncio.create_task(table.lock(three, [A], exclusive=False))
    assert await blocked(reader)
    writer.cancel()
    await reader
