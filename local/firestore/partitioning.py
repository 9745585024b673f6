"""PartitionQuery: points that cut a collection group's documents into parts of similar size."""

from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME
from local.firestore.protos import Cursor, Message, Value
from local.firestore.query import Order, Query
from local.firestore.rows import Row

SMALLEST_PART = 128
"""Documents; Firestore cuts no smaller parts, as the client libraries' own tests have observed."""


def check_partitionable(query: Query) -> None:
    """Refuse what PartitionQuery does not take: anything but a collection group in the order of names.

    Raises:
        InvalidArgument: naming what is wrong.
    """
    if not query.descendants:
        raise InvalidArgument("PartitionQuery requires a collection group query.")
    if query.filter or query.limit is not None or query.offset or query.start or query.end:
        raise InvalidArgument("PartitionQuery takes no filters, limits, offsets or cursors.")
    if query.orders != (Order(NAME),):
        raise InvalidArgument("PartitionQuery requires ascending order by __name__.")


def cut(rows: list[Row], wanted: int) -> list[Message]:
    """At most `wanted` cursors, each the first document of the part after it."""
    parts = min(wanted + 1, len(rows) // SMALLEST_PART)
    places = [len(rows) * part // parts for part in range(1, parts)]
    return [Cursor(values=[Value(reference_value=rows[place].name)], before=True) for place in places]
