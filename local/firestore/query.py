"""A structured query, read and checked. Source: google/firestore/v1/query.proto."""

from dataclasses import dataclass, replace
from functools import cached_property

from local.firestore import filters
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME, FieldPath, format_field_path, parse_field_path
from local.firestore.filters import Filter, Predicate
from local.firestore.names import ParentName
from local.firestore.ordering import inverted, order_key
from local.firestore.protos import Message, StructuredQuery
from local.firestore.rows import Row

_MOST_PLACES = 8
_DESCENDING = StructuredQuery.Direction.DESCENDING


@dataclass(frozen=True)
class Order:
    """One field that results are ordered by."""

    path: FieldPath
    descending: bool = False


@dataclass(frozen=True)
class Bound:
    """Where results begin or end: a key over the first fields of the order."""

    key: bytes
    before: bool

    def precedes(self, key: bytes) -> bool:
        """Whether this bound, as a start, lets a row with this key through."""
        return key >= self.key and (self.before or not key.startswith(self.key))

    def follows(self, key: bytes) -> bool:
        """Whether this bound, as an end, lets a row with this key through."""
        return key < self.key or (not self.before and key.startswith(self.key))


@dataclass(frozen=True)
class Query:
    """What to read: from where, which rows, in which order, and how much of them."""

    parent: ParentName
    collection_id: str
    """Empty: every collection."""
    descendants: bool
    filter: Filter | None = None
    orders: tuple[Order, ...] = (Order(NAME),)
    start: Bound | None = None
    end: Bound | None = None
    offset: int = 0
    limit: int | None = None
    projection: tuple[FieldPath, ...] | None = None
    nearest: Message | None = None

    @cached_property
    def predicate(self) -> Predicate:
        """Whether a row passes the filter and has the fields it must have."""
        test = filters.predicate(self.filter)
        paths = [order.path for order in self.orders if order.path != NAME]
        if not paths:
            return test
        return lambda row: test(row) and all(row.key(path) is not None for path in paths)

    @cached_property
    def _order_name(self) -> str:
        """A key for the order that hashes fast."""
        return repr(self.orders)

    def sort_key(self, row: Row) -> bytes:
        """The row's place in the order of results."""
        place = row.places.get(self._order_name)
        if place is None:
            parts = []
            for order in self.orders:
                key = row.key(order.path) or b""
                parts.append(inverted(key) if order.descending else key)
            if len(row.places) >= _MOST_PLACES:
                row.places.clear()
            place = row.places[self._order_name] = b"".join(parts)
        return place

    def contains(self, row: Row) -> bool:
        """Whether a row of a covered collection is a result, limits aside."""
        if not self.predicate(row):
            return False
        if not self.start and not self.end:
            return True
        key = self.sort_key(row)
        return (not self.start or self.start.precedes(key)) and (not self.end or self.end.follows(key))

    def covers(self, path: str) -> bool:
        """Whether a collection, by its path, is one this query reads."""
        below, _, collection_id = path.rpartition("/")
        if self.collection_id and collection_id != self.collection_id:
            return False
        if self.descendants:
            return (
                not self.parent.path or below == self.parent.path or below.startswith(f"{self.parent.path}/")
            )
        return below == self.parent.path


def ordered_by(query: Query, paths: tuple[FieldPath, ...]) -> Query:
    """The query with more fields to order by, which an aggregation over them implies.

    They come before the document's name, unless a cursor has been given for the order without them.
    """
    given = {order.path for order in query.orders}
    more = tuple(Order(path) for path in paths if path not in given)
    position = len(query.orders) - (query.orders[-1].path == NAME and not query.start and not query.end)
    return replace(query, orders=query.orders[:position] + more + query.orders[position:])


def parse_query(parent: ParentName, message: Message) -> Query:
    """Read a StructuredQuery.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    selector = _selector(message)
    part = filters.parse_filter(message.where)
    _check_filter(part)
    orders = _orders(message, part)
    if message.offset < 0 or message.limit.value < 0:
        raise InvalidArgument("Offset and limit must not be negative.")
    return Query(
        parent=parent,
        collection_id=selector.collection_id if selector else "",
        descendants=selector.all_descendants if selector else True,
        filter=part,
        orders=orders,
        start=_bound(message, "start_at", orders),
        end=_bound(message, "end_at", orders),
        offset=message.offset,
        limit=message.limit.value if message.HasField("limit") else None,
        projection=_projection(message),
        nearest=message.find_nearest if message.HasField("find_nearest") else None,
    )


def _selector(message: Message) -> Message | None:
    selectors = message.from_
    if len(selectors) > 1:
        raise InvalidArgument("Only one collection selector is supported.")
    return selectors[0] if selectors else None


def _check_filter(part: Filter | None) -> None:
    if filters.disjunctions(part) > filters.MAX_DISJUNCTIONS:
        raise InvalidArgument(f"A query can have at most {filters.MAX_DISJUNCTIONS} disjunctions.")
    ops = [condition.op for condition in filters.conditions(part)]
    if ops.count("NOT_IN") + ops.count("NOT_EQUAL") > 1 and "NOT_IN" in ops:
        raise InvalidArgument("Only one of NOT_IN and NOT_EQUAL is allowed in a query.")
    if "NOT_IN" in ops and {"IN", "ARRAY_CONTAINS_ANY"} & set(ops):
        raise InvalidArgument("NOT_IN cannot be combined with IN or ARRAY_CONTAINS_ANY.")
    if ops.count("ARRAY_CONTAINS") + ops.count("ARRAY_CONTAINS_ANY") > 1:
        _check_memberships(part)


def _check_memberships(part: Filter | None) -> None:
    for alternative in filters.alternatives(part):
        ops = [condition.op for condition in alternative]
        for op in ("ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"):
            if ops.count(op) > 1:
                raise InvalidArgument(f"A maximum of 1 '{op}' filter is allowed per disjunction.")
        if {"ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"} <= set(ops):
            raise InvalidArgument(
                "ARRAY_CONTAINS and ARRAY_CONTAINS_ANY cannot be combined in one disjunction."
            )


def _orders(message: Message, part: Filter | None) -> tuple[Order, ...]:
    """The explicit order, then the other fields with inequalities by name, then the document's name."""
    orders = [
        Order(parse_field_path(o.field.field_path), o.direction == _DESCENDING) for o in message.order_by
    ]
    last = orders[-1].descending if orders else False
    given = {order.path for order in orders}
    implied = {condition.path for condition in filters.conditions(part) if condition.inequality} - given
    if NAME not in given:
        orders += [Order(path, last) for path in sorted(implied - {NAME}, key=format_field_path)]
        orders.append(Order(NAME, last))
    return tuple(orders)


def _bound(message: Message, which: str, orders: tuple[Order, ...]) -> Bound | None:
    if not message.HasField(which):
        return None
    cursor = getattr(message, which)
    if len(cursor.values) > len(orders):
        raise InvalidArgument("Cursor has too many values.")
    parts = []
    for order, value in zip(orders, cursor.values, strict=False):
        if order.path == NAME and value.WhichOneof("value_type") != "reference_value":
            raise InvalidArgument("Cursor position for __name__ must be a document reference.")
        key = order_key(value)
        parts.append(inverted(key) if order.descending else key)
    return Bound(b"".join(parts), cursor.before)


def _projection(message: Message) -> tuple[FieldPath, ...] | None:
    if not message.HasField("select"):
        return None
    paths = tuple(parse_field_path(one.field_path) for one in message.select.fields)
    return paths or (NAME,)
