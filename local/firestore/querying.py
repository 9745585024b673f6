"""The RPCs that run queries."""

import time
from collections.abc import AsyncIterator

from local.firestore import explain
from local.firestore.aggregation import aggregate, parse_aggregations
from local.firestore.engine import Engine, View
from local.firestore.errors import InvalidArgument
from local.firestore.execution import Found
from local.firestore.names import parse_parent
from local.firestore.nearest import parse_nearest
from local.firestore.partitioning import check_partitionable, cut
from local.firestore.protos import (
    Message,
    PartitionQueryResponse,
    RunAggregationQueryResponse,
    RunQueryResponse,
    timestamp,
)
from local.firestore.query import Query, parse_query
from local.firestore.reading import masked, page_size
from local.firestore.wire import embedded, field_number, stamp

_DOCUMENT = field_number(RunQueryResponse, "document")
_READ_TIME = field_number(RunQueryResponse, "read_time")


class Querying:
    """RunQuery, RunAggregationQuery, PartitionQuery."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run_query(self, request: Message) -> AsyncIterator[bytes]:
        """The results one by one; at least one answer, with the read time. The last one explains them all."""
        started = time.perf_counter_ns()
        parent = parse_parent(request.parent)
        query = parse_query(parent, request.structured_query)
        explaining = request.HasField("explain_options")
        if explaining and not request.explain_options.analyze:
            yield RunQueryResponse(explain_metrics=explain.plan(query)).SerializeToString()
            return
        view = self._engine.view(request, parent.database)
        found = await self._results(view, query)
        tail = embedded(_READ_TIME, stamp(self._engine.read_time(view)))
        if view.started:
            yield RunQueryResponse(transaction=view.started).SerializeToString()
        last = b""
        if explaining:
            metrics = _analysis(query, found, len(found.rows), started)
            last = RunQueryResponse(explain_metrics=metrics).SerializeToString()
        if found.skipped or not found.rows:
            skipped = RunQueryResponse(skipped_results=found.skipped).SerializeToString()
            yield skipped + tail + (b"" if found.rows else last)
        for row in found.rows:
            body = embedded(_DOCUMENT, masked(row.body, query.projection)) + tail
            yield body + last if row is found.rows[-1] else body

    async def run_aggregation_query(self, request: Message) -> AsyncIterator[Message]:
        """One answer with every aggregation's value under its alias."""
        started = time.perf_counter_ns()
        parent = parse_parent(request.parent)
        message = request.structured_aggregation_query
        wanted = parse_aggregations(message)
        query = wanted.narrowed(parse_query(parent, message.structured_query))
        explaining = request.HasField("explain_options")
        if explaining and not request.explain_options.analyze:
            yield RunAggregationQueryResponse(explain_metrics=explain.plan(query))
            return
        view = self._engine.view(request, parent.database)
        found = await self._results(view, query)
        response = RunAggregationQueryResponse(read_time=timestamp(self._engine.read_time(view)))
        if view.started:
            response.transaction = view.started
        for alias, value in aggregate(wanted, found.rows).items():
            response.result.aggregate_fields[alias].CopyFrom(value)
        if explaining:
            response.explain_metrics.CopyFrom(_analysis(query, found, 1, started))
        yield response

    async def partition_query(self, request: Message) -> Message:
        """Cursors that cut a collection group into parts."""
        parent = parse_parent(request.parent)
        query = parse_query(parent, request.structured_query)
        check_partitionable(query)
        if request.partition_count <= 0:
            raise InvalidArgument("PartitionQuery partition_count must be positive.")
        view = (
            View()
            if request.WhichOneof("consistency_selector") is None
            else self._engine.view(request, parent.database)
        )
        cursors = cut((await self._engine.run(view, query)).rows, request.partition_count)
        return _page(cursors, request)

    async def _results(self, view: View, query: Query) -> Found:
        if query.nearest is None:
            return await self._engine.run(view, query)
        rows = await self._engine.search(view, query, parse_nearest(query.nearest))
        end = None if query.limit is None else query.offset + query.limit
        return Found(rows[query.offset : end], min(query.offset, len(rows)))


def _page(cursors: list[Message], request: Message) -> Message:
    if not (request.page_token or "0").isdecimal():
        raise InvalidArgument("Invalid page token.")
    start = int(request.page_token or 0)
    size = page_size(request, len(cursors))
    response = PartitionQueryResponse(partitions=cursors[start : start + size])
    if start + size < len(cursors):
        response.next_page_token = str(start + size)
    return response


def _analysis(query: Query, found: Found, results: int, started: int) -> Message:
    took = time.perf_counter_ns() - started
    return explain.analysis(query, results=results, read=len(found.rows) + found.skipped, nanoseconds=took)
