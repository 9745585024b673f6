"""The RPC that runs pipelines.

Source: ExecutePipelineRequest and ExecutePipelineResponse in google/firestore/v1/firestore.proto.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from local.firestore.engine import Engine, View
from local.firestore.errors import InvalidArgument, Unimplemented
from local.firestore.names import parse_database
from local.firestore.pipelines.explaining import parse_explain, stats
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.pipeline import Pipeline, parse_pipeline
from local.firestore.pipelines.scopes import Environment
from local.firestore.pipelines.values import integer, moment
from local.firestore.protos import ExecutePipelineResponse, Message, timestamp
from local.firestore.transactions import Transaction

BATCH = 300
"""Results in one answer,"""
BATCH_BYTES = 1024 * 1024
"""unless they are larger together."""

T = TypeVar("T")


class Executing:
    """ExecutePipeline."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def execute_pipeline(self, request: Message) -> AsyncIterator[Message]:
        """The results in batches; at least one answer, with the time they are valid at."""
        started = time.perf_counter_ns()
        database = parse_database(request.database)
        structured = request.structured_pipeline
        explain, pipeline = parse_explain(structured.options), parse_pipeline(structured.pipeline, database)
        if explain.plans_only:
            told = stats(explain, pipeline, results=0, read=0, nanoseconds=0)
            yield ExecutePipelineResponse(explain_stats=told, execution_time=self._now())
            return
        view = self._view(request, database)
        items, read = await self._outcome(view, pipeline, request, database)
        at = timestamp(self._engine.read_time(View() if pipeline.modification else view))
        responses = list(_batches(items, at))
        responses[0].transaction = view.started
        if explain.wanted:
            took = time.perf_counter_ns() - started
            told = stats(explain, pipeline, results=len(items), read=read, nanoseconds=took)
            responses[-1].explain_stats.CopyFrom(told)
        for response in responses:
            yield response

    def _now(self) -> Message:
        return timestamp(self._engine.clock.read())

    def _view(self, request: Message, database: str) -> View:
        """Like Engine.view, but a new transaction is read-only unless it says otherwise."""
        selector = request.WhichOneof("consistency_selector")
        if request.auto_commit_transaction and selector not in {"transaction", "new_transaction"}:
            raise InvalidArgument("auto_commit_transaction requires a transaction.")
        if selector == "new_transaction" and request.new_transaction.WhichOneof("mode") is None:
            request.new_transaction.read_only.SetInParent()
        if selector == "transaction" and not request.transaction:
            return View()
        return self._engine.view(request, database)

    async def _outcome(
        self, view: View, pipeline: Pipeline, request: Message, database: str
    ) -> tuple[list[Item], int]:
        if pipeline.modification is None:
            items, read = await self._consistently(view, database, pipeline.run)
            if request.auto_commit_transaction and view.transaction:
                await self._engine.commit(database, [], view.transaction)
            return items, read
        if view.at is not None:
            raise InvalidArgument("Pipelines that update or delete cannot read at a time of the past.")
        if view.transaction and not request.auto_commit_transaction:
            raise Unimplemented("Pipelines that update or delete must commit their transaction.")
        writer = view if view.transaction else View(self._engine.transactions.begin(database))
        return await self._modify(writer, database, pipeline)

    async def _modify(self, view: View, database: str, pipeline: Pipeline) -> tuple[list[Item], int]:
        """Read and write in one transaction; the result counts the documents."""
        transaction = view.transaction
        try:
            writes, read = await self._consistently(view, database, pipeline.writes)
            await self._engine.commit(database, writes, transaction)
        finally:
            if transaction:
                self._engine.transactions.end(transaction)
        return [Item({"documents_modified": integer(len(writes))})], read

    async def _consistently(
        self, view: View, database: str, run: Callable[[Environment], T]
    ) -> tuple[T, int]:
        """What `run` makes of the database, and how many documents it read.

        In a read-write transaction it is run again until everything it reads is locked.
        """
        now = moment(self._engine.read_time(view))
        transaction = view.transaction
        while True:
            environment = Environment(self._engine.store, database, view.at, now)
            result = run(environment)
            reads = environment.reads
            if transaction is None or view.at is not None:
                return result, len(reads.names)
            missing = {(database, name) for name in reads.names} - transaction.held
            self._watch(transaction, environment)
            if not missing:
                return result, len(reads.names)
            await self._engine.transactions.lock(transaction, missing, exclusive=transaction.exclusive)

    @staticmethod
    def _watch(transaction: Transaction, environment: Environment) -> None:
        """Have writes wait that would change what the pipeline's input stages read."""
        for query in environment.reads.queries:
            if query not in transaction.queries:
                transaction.queries.append(query)


def _batches(items: list[Item], at: Message) -> Iterator[Message]:
    response = ExecutePipelineResponse(execution_time=at)
    size = 0
    for item in items:
        document = item.document()
        size += document.ByteSize()
        if response.results and (len(response.results) == BATCH or size > BATCH_BYTES):
            yield response
            response, size = ExecutePipelineResponse(execution_time=at), document.ByteSize()
        response.results.append(document)
    yield response
