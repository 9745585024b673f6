"""Transactions: isolation, contention, retries, limits."""

import asyncio
import random
import threading
from collections.abc import Callable

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from local.firestore import transactions as subject
from tests.local.firestore.conftest import ServerThread

pytestmark = pytest.mark.source("https://cloud.google.com/firestore/docs/transaction-data-contention")


def test_a_transaction_reads_and_writes(db: firestore.Client) -> None:
    """What it wrote is there after it, and its return value comes back."""
    ref = db.document("a/b")
    ref.set({"n": 1})

    @firestore.transactional
    def add(transaction: firestore.Transaction) -> int:
        value = ref.get(transaction=transaction).get("n") + 1
        transaction.update(ref, {"n": value})
        return value

    assert add(db.transaction()) == 2
    assert ref.get().get("n") == 2


def test_nothing_is_written_before_the_commit_or_after_a_rollback(db: firestore.Client) -> None:
    """An exception inside leaves everything as it was."""
    ref = db.document("a/b")

    @firestore.transactional
    def fail(transaction: firestore.Transaction) -> None:
        transaction.set(ref, {"x": 1})
        assert not ref.get().exists
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail(db.transaction())
    assert not ref.get().exists


def test_a_failing_precondition_fails_the_transaction_once(db: firestore.Client) -> None:
    """NOT_FOUND is not tried again."""
    attempts = []

    @firestore.transactional
    def update(transaction: firestore.Transaction) -> None:
        attempts.append(1)
        transaction.update(db.document("a/none"), {"x": 1})

    with pytest.raises(exceptions.NotFound, match="No document to update"):
        update(db.transaction())
    assert len(attempts) == 1


@pytest.mark.source(
    "observed in nodejs-firestore system-test: two transactions that read and update one document"
)
async def test_two_transactions_fight_over_one_document(adb: firestore.AsyncClient) -> None:
    """Both read before either commits: one is aborted and repeated, three attempts in all."""
    ref = adb.document("a/b")
    await ref.set({"n": 0})
    both_read = asyncio.Barrier(2)
    attempts = []

    @firestore.async_transactional
    async def add(transaction: firestore.AsyncTransaction, name: str) -> None:
        attempts.append(name)
        snapshot = await ref.get(transaction=transaction)
        if len(attempts) <= 2:
            await both_read.wait()
        transaction.update(ref, {"n": snapshot.get("n") + 1, name: True})

    await asyncio.gather(add(adb.transaction(), "first"), add(adb.transaction(), "second"))
    assert (await ref.get()).to_dict() == {"n": 2, "first": True, "second": True}
    assert len(attempts) == 3


async def test_a_plain_write_waits_for_the_transaction_that_read_the_document(
    adb: firestore.AsyncClient,
) -> None:
    """A pessimistic lock: the write happens after it, and it commits at its first attempt."""
    ref = adb.document("a/b")
    await ref.set({"n": 1})
    transaction = adb.transaction()
    await transaction._begin()
    await ref.get(transaction=transaction)
    write = asyncio.create_task(ref.update({"n": 100}))
    done, _ = await asyncio.wait([write], timeout=0.2)
    assert not done
    transaction.update(ref, {"n": 2})
    await transaction._commit()
    await write
    assert (await ref.get()).get("n") == 100


async def test_a_write_that_waits_too_long_is_aborted(
    adb: firestore.AsyncClient, server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ABORTED with the words of the service; the transaction that held on is not harmed."""
    transactions = server.server.engine.transactions
    monkeypatch.setattr(transactions, "_lock_wait", 0.2)
    ref = adb.document("a/b")
    transaction = adb.transaction()
    await transaction._begin()
    await ref.get(transaction=transaction)
    with pytest.raises(exceptions.Aborted, match="Too much contention on these documents"):
        await ref.set({"n": 1})
    transaction.set(ref, {"n": 2})
    await transaction._commit()
    assert (await ref.get()).get("n") == 2


async def test_readers_do_not_wait(adb: firestore.AsyncClient) -> None:
    """Reads outside, and read-only transactions, see the last committed state while others hold locks."""
    ref = adb.document("a/b")
    await ref.set({"n": 1})
    holder = adb.transaction()
    await holder._begin()
    await ref.get(transaction=holder)
    holder.update(ref, {"n": 2})
    reader = adb.transaction(read_only=True)
    await reader._begin()
    assert (await ref.get(transaction=reader)).get("n") == 1
    await holder._commit()
    assert (await ref.get(transaction=reader)).get("n") == 1
    assert (await ref.get()).get("n") == 2
    await reader._rollback()


async def test_a_query_in_a_transaction_stays_true_until_it_commits(adb: firestore.AsyncClient) -> None:
    """No phantoms: a write that would change the result waits; one that would not does not."""
    collection = adb.collection("jobs")
    await collection.document("1").set({"state": "open"})
    transaction = adb.transaction()
    await transaction._begin()
    query = collection.where(filter=FieldFilter("state", "==", "open"))
    assert [s.id async for s in query.stream(transaction=transaction)] == ["1"]
    await collection.document("2").set({"state": "closed"})
    phantom = asyncio.create_task(collection.document("3").set({"state": "open"}))
    done, _ = await asyncio.wait([phantom], timeout=0.2)
    assert not done
    transaction.set(collection.document("count"), {"open": 1})
    await transaction._commit()
    await phantom
    assert (await collection.document("3").get()).exists


async def test_one_job_is_claimed_once(adb: firestore.AsyncClient) -> None:
    """Ten workers that query for an open job and take it: every job has one owner."""
    jobs = adb.collection("jobs")
    for i in range(10):
        await jobs.document(str(i)).set({"owner": ""})

    @firestore.async_transactional
    async def claim(transaction: firestore.AsyncTransaction, worker: int) -> str:
        query = jobs.where(filter=FieldFilter("owner", "==", "")).limit(1)
        (job,) = [s async for s in query.stream(transaction=transaction)]
        transaction.update(job.reference, {"owner": str(worker)})
        return job.id

    claimed = await asyncio.gather(*(claim(adb.transaction(max_attempts=50), i) for i in range(10)))
    assert sorted(claimed) == [str(i) for i in range(10)]


@pytest.mark.source("the promise of serialisable transactions, at the scale Docent needs")
async def test_fifty_clients_increment_one_document(adb: firestore.AsyncClient) -> None:
    """50 x 20 transactional increments give exactly 1,000, with the client's own five attempts."""
    ref = adb.document("a/counter")
    await ref.set({"n": 0})

    @firestore.async_transactional
    async def increment(transaction: firestore.AsyncTransaction) -> None:
        snapshot = await ref.get(transaction=transaction)
        transaction.update(ref, {"n": snapshot.get("n") + 1})

    async def client() -> None:
        for _ in range(20):
            await increment(adb.transaction())

    await asyncio.gather(*(client() for _ in range(50)))
    assert (await ref.get()).get("n") == 1000


@pytest.mark.source("the promise of serialisable transactions, at the scale Docent needs")
async def test_a_hundred_documents_in_random_order(adb: firestore.AsyncClient) -> None:
    """Moves between random accounts, locked in random order: no deadlock, and nothing is lost or made."""
    accounts = [adb.document(f"accounts/{i}") for i in range(100)]
    batch = adb.batch()
    for ref in accounts:
        batch.set(ref, {"n": 100})
    await batch.commit()
    dice = random.Random(7)  # noqa: S311 - a test's dice

    @firestore.async_transactional
    async def move(
        transaction: firestore.AsyncTransaction, order: list[firestore.AsyncDocumentReference]
    ) -> None:
        found = [(await ref.get(transaction=transaction)).get("n") for ref in order]
        transaction.update(order[0], {"n": found[0] - 1})
        transaction.update(order[-1], {"n": found[-1] + 1})

    async def client() -> None:
        for _ in range(5):
            await move(adb.transaction(max_attempts=20), dice.sample(accounts, 4))

    await asyncio.gather(*(client() for _ in range(40)))
    assert sum([s.get("n") async for s in adb.collection("accounts").stream()]) == 10_000


def test_threads_with_blocking_clients(db: firestore.Client) -> None:
    """The same promise for the blocking client."""
    ref = db.document("a/counter")
    ref.set({"n": 0})

    @firestore.transactional
    def increment(transaction: firestore.Transaction) -> None:
        transaction.update(ref, {"n": ref.get(transaction=transaction).get("n") + 1})

    def run() -> None:
        for _ in range(10):
            increment(db.transaction())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ref.get().get("n") == 80


@pytest.mark.source("google/firestore/v1/common.proto, TransactionOptions.ReadOnly")
def test_a_read_only_transaction_must_not_write(db: firestore.Client) -> None:
    """INVALID_ARGUMENT at the commit."""
    transaction = db.transaction(read_only=True)
    transaction._begin()
    database = f"projects/{db.project}/databases/(default)"
    with pytest.raises(exceptions.InvalidArgument, match="read-only"):
        db._firestore_api.commit(
            {
                "database": database,
                "transaction": transaction.id,
                "writes": [{"delete": f"{database}/documents/a/b"}],
            }
        )


@pytest.mark.parametrize("call", ["commit", "get", "rollback"])
def test_an_unknown_transaction_is_refused(db: firestore.Client, call: str) -> None:
    """INVALID_ARGUMENT for an id that was never given out."""
    api, database = db._firestore_api, f"projects/{db.project}/databases/(default)"
    calls: dict[str, Callable[[], object]] = {
        "commit": lambda: api.commit({"database": database, "transaction": b"nonsense"}),
        "get": lambda: list(
            api.batch_get_documents(
                {"database": database, "documents": [f"{database}/documents/a/b"], "transaction": b"nonsense"}
            )
        ),
        "rollback": lambda: api.rollback({"database": database, "transaction": b"nonsense"}),
    }
    with pytest.raises(exceptions.InvalidArgument):
        calls[call]()


@pytest.mark.source("observed in the client libraries: they retry on 'transaction has expired'")
def test_a_transaction_ends_with_its_commit(db: firestore.Client) -> None:
    """Using it again is INVALID_ARGUMENT, and says that it has expired; rolling it back is no error."""
    database = f"projects/{db.project}/databases/(default)"
    begun = db._firestore_api.begin_transaction({"database": database}).transaction
    db._firestore_api.commit({"database": database, "transaction": begun})
    with pytest.raises(exceptions.InvalidArgument, match="transaction has expired"):
        db._firestore_api.commit({"database": database, "transaction": begun})
    db._firestore_api.rollback({"database": database, "transaction": begun})


@pytest.mark.source("https://cloud.google.com/firestore/quotas: 60 seconds idle")
async def test_an_idle_transaction_expires_and_frees_its_locks(
    adb: firestore.AsyncClient, server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits gets the lock; the commit of the one that slept fails."""
    ref = adb.document("a/b")
    transaction = adb.transaction()
    await transaction._begin()
    await ref.get(transaction=transaction)
    write = asyncio.create_task(ref.set({"n": 1}))
    monkeypatch.setattr(subject, "IDLE_LIMIT", -1.0)
    server.loop.call_soon_threadsafe(server.server.engine.transactions.expire)
    await write
    transaction.set(ref, {"n": 2})
    with pytest.raises(exceptions.InvalidArgument, match="expired"):
        await transaction._commit()


@pytest.mark.source("google/firestore/v1/firestore.proto, BatchGetDocumentsRequest.new_transaction")
def test_a_read_can_begin_the_transaction(db: firestore.Client) -> None:
    """The first answer carries its id, for documents, queries and aggregations."""
    api, database = db._firestore_api, f"projects/{db.project}/databases/(default)"
    db.document("a/b").set({})
    options = {"read_write": {}}
    first = next(
        iter(
            api.batch_get_documents(
                {"database": database, "documents": [f"{database}/documents/a/b"], "new_transaction": options}
            )
        )
    )
    query = {"from_": [{"collection_id": "a"}]}
    parent = f"{database}/documents"
    second = next(
        iter(api.run_query({"parent": parent, "structured_query": query, "new_transaction": options}))
    )
    third = next(
        iter(
            api.run_aggregation_query(
                {
                    "parent": parent,
                    "structured_aggregation_query": {
                        "structured_query": query,
                        "aggregations": [{"count": {}}],
                    },
                    "new_transaction": options,
                }
            )
        )
    )
    for reply in (first, second, third):
        assert reply.transaction
        api.rollback({"database": database, "transaction": reply.transaction})


async def test_reads_of_a_transaction_that_lost_stay_consistent(adb: firestore.AsyncClient) -> None:
    """It reads one state to the end and hears ABORTED at the commit, which clients repeat."""
    one, two = adb.document("a/1"), adb.document("a/2")
    await one.set({"n": 1})
    await two.set({"n": 1})
    elder, younger = adb.transaction(), adb.transaction()
    for transaction in (elder, younger):
        await transaction._begin()
    await one.get(transaction=elder)
    await two.get(transaction=younger)
    elder.update(two, {"n": 2})
    commit = asyncio.create_task(elder._commit())
    younger.update(one, {"n": 2})
    with pytest.raises(exceptions.Aborted):
        await younger._commit()
    await commit
    assert (await two.get()).get("n") == 2
