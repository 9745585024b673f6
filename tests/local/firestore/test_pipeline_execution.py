"""ExecutePipeline: consistency, transactions, writing, explaining."""

import asyncio
import json
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import firestore
from google.cloud.firestore_v1.pipeline_expressions import Constant, Count, Field
from google.cloud.firestore_v1.query_profile import PipelineExplainOptions

from tests.local.firestore.pipelining import rows
from tests.local.firestore.querying import fill

RPC = "google/firestore/v1/firestore.proto, ExecutePipelineRequest and ExecutePipelineResponse"
pytestmark = pytest.mark.source(RPC)

COLLECTION = {"name": "collection", "args": [{"reference_value": "/c"}]}
DELETE = {"name": "delete"}


def request(db: firestore.Client, *stages: dict[str, Any], **more: object) -> dict[str, Any]:
    """A request of the protocol."""
    pipeline = {"pipeline": {"stages": list(stages)}}
    return {"database": db._database_string, "structured_pipeline": pipeline, **more}


def test_reading_the_past(db: firestore.Client) -> None:
    """With a read_time a pipeline sees what was there then, also in its subqueries."""
    fill(db, {"1": {"n": 1}})
    before = db.collection("c").get()[0].read_time
    db.document("c/1").update({"n": 2})
    inner = db.pipeline().collection("c").aggregate(Field("n").sum().as_("s")).to_scalar_expression()
    pipeline = db.pipeline().collection("c").select("n", inner.as_("sum"))
    assert rows(pipeline) == [{"n": 2, "sum": 2}]
    assert [row.data() for row in pipeline.execute(read_time=before)] == [{"n": 1, "sum": 1}]


def test_databases_are_kept_apart(db: firestore.Client) -> None:
    """A pipeline reads the database that the request names."""
    fill(db, {"1": {"n": 1}})
    other = firestore.Client(project=db.project, database="other")
    assert rows(other.pipeline().collection("c")) == []
    other.close()


async def test_the_asynchronous_client(adb: firestore.AsyncClient) -> None:
    """execute() and stream() give the same."""
    await adb.document("c/1").set({"n": 1})
    pipeline = adb.pipeline().collection("c").select("n")
    assert [row.data() for row in await pipeline.execute()] == [{"n": 1}]
    assert [row.data() async for row in pipeline.stream()] == [{"n": 1}]


def test_many_results_come_in_batches(db: firestore.Client) -> None:
    """More than one answer, all with the time, in order; no results make one answer with the time."""
    fill(db, {f"{i:04}": {"i": i} for i in range(450)})
    answers = list(db._firestore_api.execute_pipeline(request(db, COLLECTION)))
    assert len(answers) > 1
    assert all(answer.execution_time for answer in answers)
    assert [int(one.fields["i"].integer_value) for answer in answers for one in answer.results] == list(
        range(450)
    )
    (empty,) = db._firestore_api.execute_pipeline(
        request(db, {"name": "collection", "args": [{"reference_value": "/none"}]})
    )
    assert not empty.results
    assert empty.execution_time


def test_a_new_transaction_is_named_in_the_first_answer(db: firestore.Client) -> None:
    """It is read-only by default; it can be read with again."""
    fill(db, {"1": {"n": 1}})
    (answer,) = db._firestore_api.execute_pipeline(request(db, COLLECTION, new_transaction={}))
    assert answer.transaction
    db.document("c/1").update({"n": 2})
    (again,) = db._firestore_api.execute_pipeline(request(db, COLLECTION, transaction=answer.transaction))
    assert again.results[0].fields["n"].integer_value == 1
    with pytest.raises(exceptions.InvalidArgument, match="read-only"):
        db._firestore_api.commit(
            {
                "database": db._database_string,
                "transaction": answer.transaction,
                "writes": [{"delete": f"{db._database_string}/documents/c/1"}],
            }
        )


async def test_what_a_transaction_has_read_stays(adb: firestore.AsyncClient) -> None:
    """Nobody changes or adds a document of the pipeline's collection before the transaction ends."""
    await adb.document("c/1").set({"n": 1})
    transaction = adb.transaction()
    await transaction._begin()
    pipeline = adb.pipeline().collection("c").aggregate(Count().as_("n"))
    first = [row.data() async for row in pipeline.stream(transaction=transaction)]
    added = asyncio.ensure_future(adb.document("c/2").set({"n": 2}))
    changed = asyncio.ensure_future(adb.document("c/1").set({"n": 9}))
    await adb.document("other/1").set({})
    second = [row.data() async for row in pipeline.stream(transaction=transaction)]
    assert first == second == [{"n": 1}]
    assert not added.done()
    assert not changed.done()
    await transaction._commit()
    await asyncio.gather(added, changed)
    assert [row.data() for row in await pipeline.execute()] == [{"n": 2}]


async def test_single_documents_that_a_transaction_has_read_stay(adb: firestore.AsyncClient) -> None:
    """Documents named one by one are locked as well, others are not."""
    await adb.document("c/1").set({"n": 1})
    transaction = adb.transaction()
    await transaction._begin()
    pipeline = adb.pipeline().documents(adb.document("c/1")).select("n")
    assert [row.data() async for row in pipeline.stream(transaction=transaction)] == [{"n": 1}]
    changed = asyncio.ensure_future(adb.document("c/1").set({"n": 9}))
    await adb.document("c/2").set({})
    assert [row.data() async for row in pipeline.stream(transaction=transaction)] == [{"n": 1}]
    assert not changed.done()
    await transaction._commit()
    await changed


@pytest.mark.source("https://firebase.google.com/docs/firestore/pipelines/stages/output/update")
def test_update(db: firestore.Client) -> None:
    """The documents become what the pipeline made of them; the result counts them."""
    fill(db, {"1": {"old": 1, "keep": 1}, "2": {"old": 2}, "3": {"new": 3}})
    pipeline = (
        db.pipeline()
        .collection("c")
        .where(Field("old").exists())
        .add_fields(Field("old").add(10).as_("new"))
        .remove_fields("old")
        .update(Constant.of(None).as_("seen.at"))
    )
    assert rows(pipeline) == [{"documents_modified": 2}]
    assert [one.to_dict() for one in db.collection("c").get()] == [
        {"keep": 1, "new": 11, "seen": {"at": None}},
        {"new": 12, "seen": {"at": None}},
        {"new": 3},
    ]


@pytest.mark.source("https://firebase.google.com/docs/firestore/pipelines/stages/output/delete")
def test_delete(db: firestore.Client) -> None:
    """What the pipeline finds is deleted, in one commit."""
    fill(db, {"1": {"n": 1}, "2": {"n": 2}})
    found = db.pipeline().collection("c").where(Field("n").less_than(2))
    assert rows(found.delete()) == [{"documents_modified": 1}]
    assert rows(found.delete()) == [{"documents_modified": 0}]
    assert [one.id for one in db.collection("c").get()] == ["2"]


@pytest.mark.source("https://firebase.google.com/docs/firestore/pipelines/dml")
def test_writing_needs_the_name(db: firestore.Client) -> None:
    """Rows that have lost their __name__ cannot be written, and nothing is."""
    fill(db, {"1": {"n": 1}})
    with pytest.raises(exceptions.InvalidArgument, match="__name__"):
        rows(db.pipeline().collection("c").select("n").delete())
    assert len(db.collection("c").get()) == 1


async def test_concurrent_updates_lose_nothing(adb: firestore.AsyncClient) -> None:
    """Pipelines that read and write at once are transactions: increments add up."""
    await adb.document("c/1").set({"n": 0})
    pipeline = adb.pipeline().collection("c").update(Field("n").add(1).as_("n"))
    done = 0
    while done < 10:
        outcomes = await asyncio.gather(*(pipeline.execute() for _ in range(5)), return_exceptions=True)
        refused = [one for one in outcomes if isinstance(one, BaseException)]
        assert all(isinstance(one, exceptions.Aborted) for one in refused)
        done += len(outcomes) - len(refused)
    assert (await adb.document("c/1").get()).to_dict() == {"n": done}


def test_writing_in_a_transaction_of_ones_own(db: firestore.Client) -> None:
    """With auto_commit_transaction it ends with the pipeline; without, the stand-in refuses."""
    fill(db, {"1": {"n": 1}})
    mode = {"read_write": {}}
    with pytest.raises(exceptions.MethodNotImplemented):
        list(db._firestore_api.execute_pipeline(request(db, COLLECTION, DELETE, new_transaction=mode)))
    own = request(db, COLLECTION, DELETE, new_transaction=mode, auto_commit_transaction=True)
    (answer,) = db._firestore_api.execute_pipeline(own)
    assert answer.results[0].fields["documents_modified"].integer_value == 1
    with pytest.raises(exceptions.InvalidArgument, match="requires a transaction"):
        list(db._firestore_api.execute_pipeline(request(db, COLLECTION, auto_commit_transaction=True)))


@pytest.mark.source("https://firebase.google.com/docs/firestore/enterprise/query-explain")
def test_explain(db: firestore.Client) -> None:
    """Explain only plans, analyze runs and tells what it took, as text or JSON."""
    fill(db, {"1": {"n": 1}, "2": {"n": 2}})
    pipeline = db.pipeline().collection("c").where(Field("n").equal(1))
    planned = pipeline.execute(explain_options=PipelineExplainOptions(mode="explain"))
    assert list(planned) == []
    assert "collection" in planned.explain_stats.get_text()
    analysed = pipeline.execute(explain_options=PipelineExplainOptions(mode="analyze"))
    assert len(analysed) == 1
    assert "Execution:" in analysed.explain_stats.get_text()
    options = {"mode": "analyze", "output_format": "json"}
    stats = pipeline.execute(additional_options={"explain_options": Constant.of(options)})
    assert json.loads(stats._explain_stats.get_text())["execution"]["documents_scanned"] == 2
