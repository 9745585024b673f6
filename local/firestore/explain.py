"""Query explain: the index that Firestore would use, and what running the query took.

Source: google/firestore/v1/query_profile.proto and https://cloud.google.com/firestore/docs/query-explain.
"""

from local.firestore import filters
from local.firestore.fieldpaths import format_field_path
from local.firestore.nearest import parse_nearest
from local.firestore.protos import ExplainMetrics, Message
from local.firestore.query import Order, Query

_ONE_VALUE = {"EQUAL", "IN"}
_CONTAINS = {"ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"}


def index_properties(query: Query) -> list[tuple[str, str]]:
    """The fields of the index that serves a query, each with ASC, DESC, CONTAINS or VECTOR."""
    properties: dict[str, str] = {}
    for condition in filters.conditions(query.filter):
        path = format_field_path(condition.path)
        if condition.op in _ONE_VALUE:
            properties.setdefault(path, "ASC")
        elif condition.op in _CONTAINS:
            properties.setdefault(path, "CONTAINS")
    for order in query.orders:
        properties.setdefault(format_field_path(order.path), _direction(order))
    if query.nearest is not None:
        wanted = parse_nearest(query.nearest)
        properties[format_field_path(wanted.path)] = f"VECTOR<{len(wanted.vector)}>"
    return list(properties.items())


def _direction(order: Order) -> str:
    return "DESC" if order.descending else "ASC"


def plan(query: Query) -> Message:
    """ExplainMetrics with the plan alone."""
    metrics = ExplainMetrics()
    properties = ", ".join(f"{path} {kind}" for path, kind in index_properties(query))
    scope = "Collection group" if query.descendants else "Collection"
    metrics.plan_summary.indexes_used.add().update({"query_scope": scope, "properties": f"({properties})"})
    return metrics


def analysis(query: Query, *, results: int, read: int, nanoseconds: int) -> Message:
    """ExplainMetrics of a query that ran: answers returned, documents read, time taken."""
    metrics = plan(query)
    stats = metrics.execution_stats
    stats.results_returned, stats.read_operations = results, max(1, results)
    stats.execution_duration.FromNanoseconds(nanoseconds)
    stats.debug_stats.update(
        {
            "billing_details": {
                "documents_billable": str(results),
                "index_entries_billable": "0",
                "small_ops": "0",
                "min_query_cost": "0",
            },
            "documents_scanned": str(read),
            "index_entries_scanned": str(read),
        }
    )
    return metrics
