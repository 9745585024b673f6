"""count, sum and avg over the results of a query.

Source: StructuredAggregationQuery in google/firestore/v1/query.proto and
https://cloud.google.com/firestore/docs/query-data/aggregation-queries.
"""

import math
from dataclasses import dataclass, replace

from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME, FieldPath, parse_field_path
from local.firestore.protos import Message, Value
from local.firestore.query import Query, ordered_by
from local.firestore.rows import Row

MAX_AGGREGATIONS = 5

_INT64_LOW, _INT64_HIGH = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Aggregation:
    """One value to compute: count (with an upper limit or none), sum or avg of a field."""

    alias: str
    op: str
    path: FieldPath | None = None
    up_to: int | None = None


@dataclass(frozen=True)
class Aggregations:
    """The values that one request asks for."""

    all: tuple[Aggregation, ...]

    def narrowed(self, query: Query) -> Query:
        """The query without documents that lack an aggregated field, and no longer than needed."""
        paths = tuple(dict.fromkeys(one.path for one in self.all if one.path and one.path != NAME))
        limits = [one.up_to for one in self.all]
        limit = query.limit
        if None not in limits:
            most = max(bound for bound in limits if bound is not None)
            limit = most if limit is None else min(most, limit)
        return replace(ordered_by(query, paths), limit=limit)


def parse_aggregations(message: Message) -> Aggregations:
    """Read what a StructuredAggregationQuery asks for.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    if not message.aggregations:
        raise InvalidArgument("Aggregations can not be empty.")
    if len(message.aggregations) > MAX_AGGREGATIONS:
        raise InvalidArgument(f"Maximum number of aggregations ({MAX_AGGREGATIONS}) exceeded.")
    parsed: list[Aggregation] = []
    aliases: set[str] = set()
    for position, one in enumerate(message.aggregations, 1):
        alias = one.alias or f"field_{position}"
        if alias in aliases:
            raise InvalidArgument(f"Aggregation aliases contain duplicate alias: {alias}")
        aliases.add(alias)
        parsed.append(_aggregation(alias, one))
    return Aggregations(tuple(parsed))


def _aggregation(alias: str, message: Message) -> Aggregation:
    op = message.WhichOneof("operator")
    if op is None:
        raise InvalidArgument("Aggregation operator must be set.")
    if op == "count":
        bounded = message.count.HasField("up_to")
        if bounded and message.count.up_to.value <= 0:
            raise InvalidArgument("Count up_to must be greater than zero.")
        return Aggregation(alias, op, up_to=message.count.up_to.value if bounded else None)
    return Aggregation(alias, op, parse_field_path(getattr(message, op).field.field_path))


def aggregate(wanted: Aggregations, rows: list[Row]) -> dict[str, Message]:
    """The value of each aggregation by its alias."""
    return {one.alias: _value(one, rows) for one in wanted.all}


def _value(one: Aggregation, rows: list[Row]) -> Message:
    if one.path is None:
        return Value(integer_value=len(rows) if one.up_to is None else min(len(rows), one.up_to))
    numbers = _numbers(one.path, rows)
    if one.op == "sum":
        return _sum(numbers)
    return Value(double_value=_total(numbers) / len(numbers)) if numbers else Value(null_value=0)


def _numbers(path: FieldPath, rows: list[Row]) -> list[float]:
    numbers: list[float] = []
    for row in rows:
        value = row.value(path)
        kind = value.WhichOneof("value_type") if value is not None else None
        if kind in {"integer_value", "double_value"}:
            numbers.append(getattr(value, kind))
    return numbers


def _sum(numbers: list[float]) -> Message:
    """Integers stay one as long as the sum fits in 64 bits; otherwise a double."""
    if all(isinstance(number, int) for number in numbers):
        total = sum(numbers)
        if _INT64_LOW <= total <= _INT64_HIGH:
            return Value(integer_value=int(total))
    return Value(double_value=_total(numbers))


def _total(numbers: list[float]) -> float:
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return float(sum(map(float, numbers)))
