"""The order of results that no stage asks for.

The service leaves it open. The stand-in takes the order that the same query has in RunQuery: by the fields
that conditions compare with an inequality, then by name. A pipeline made from a query so returns what the
query returns, in its order.
"""

from collections.abc import Iterable, Iterator

from local.firestore.fieldpaths import FieldPath, format_field_path, parse_field_path
from local.firestore.ordering import inverted, reference_key
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.values import comparable_key
from local.firestore.protos import Message

_INEQUALITIES = {
    "less_than",
    "less_than_or_equal",
    "greater_than",
    "greater_than_or_equal",
    "not_equal",
    "not_equal_any",
}


def inequality_fields(conditions: Iterable[Message]) -> list[FieldPath]:
    """The fields that conditions compare with an inequality, by name."""
    found = {path for condition in conditions for path in _compared(condition, negated=False)}
    return sorted(found, key=format_field_path)


def _compared(condition: Message, *, negated: bool) -> Iterator[FieldPath]:
    function = condition.function_value
    if function.name in {"and", "or", "nor", "not"}:
        inner = negated is not (function.name in {"nor", "not"})
        for one in function.args:
            yield from _compared(one, negated=inner)
    elif function.args and (function.name in _INEQUALITIES or (negated and function.name == "equal")):
        field = function.args[0]
        if field.WhichOneof("value_type") == "field_reference_value":
            yield parse_field_path(field.field_reference_value)


def by_fields(items: list[Item], paths: list[FieldPath]) -> list[Item]:
    """The items in the order of some fields, then of their names."""
    return sorted(
        items, key=lambda item: b"".join(comparable_key(item.get(path)) for path in paths) + name_key(item)
    )


def name_key(item: Item, *, descending: bool = False) -> bytes:
    """A key for an item's name, with which orders end; none without a name."""
    key = reference_key(item.name) if item.name else b""
    return inverted(key) if descending else key
