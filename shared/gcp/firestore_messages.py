"""Documents in and out of Firestore's bare messages."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from shared.gcp.firestore_kinds import AND, OPERATORS, OR, kinds

Document = Mapping[str, Any]
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


@lru_cache(maxsize=4_096)
def field_path(*names: str) -> str:
    """The path of a field on the wire; names that are no plain words stand in backticks."""
    return ".".join(name if _PLAIN.fullmatch(name) else f"`{_escaped(name)}`" for name in names)


def increment(path: str, number: float) -> Any:
    """The transform that adds to a field."""
    made = kinds().transform(field_path=path)
    set_value(made.increment, number)
    return made


def union(path: str, elements: Iterable[Any]) -> Any:
    """The transform that adds those elements to an array that it lacks."""
    made = kinds().transform(field_path=path)
    made.append_missing_elements.SetInParent()
    for one in elements:
        set_value(made.append_missing_elements.values.add(), one)
    return made


def merging(path: str, document: Document, transforms: Sequence[Any] = ()) -> Any:
    """The write that sets these fields of a document, and transforms others; it is made if need be."""
    write = kinds().write(update_transforms=transforms)
    write.update.name = path
    write.update_mask.SetInParent()
    write.update_mask.field_paths.extend(map(field_path, document))
    fill(write.update.fields, document)
    return write


def matching(collection: str, *filters: tuple[str, str, Any], either: bool = False) -> Any:
    """The query for what of a collection all of (field, operator, value) hold for, or `either`."""
    made = kinds().structured()
    made.from_.add(collection_id=collection)
    if len(filters) > 1:
        made.where.composite_filter.op = OR if either else AND
    for field, operator, value in filters:
        whole = made.where if len(filters) == 1 else made.where.composite_filter.filters.add()
        whole.field_filter.field.field_path = field
        whole.field_filter.op = OPERATORS[operator]
        set_value(whole.field_filter.value, value)
    return made


def fill(fields: Any, document: Document) -> None:
    """Put a document's fields into a message's."""
    for name, value in document.items():
        set_value(fields[name], value)


def set_value(target: Any, value: Any) -> None:  # noqa: C901 - one branch a kind of value
    """Make a Value hold this."""
    if value is None:
        target.null_value = 0
    elif isinstance(value, bool):
        target.boolean_value = value
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, int):
        target.integer_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, datetime):
        target.timestamp_value.FromDatetime(value)
    elif isinstance(value, Mapping):
        target.map_value.SetInParent()
        fill(target.map_value.fields, value)
    elif isinstance(value, (list, tuple)):
        target.array_value.SetInParent()
        for one in value:
            set_value(target.array_value.values.add(), one)
    else:
        raise TypeError(f"{type(value).__name__} has no form in Firestore")


def decoded(fields: Any) -> dict[str, Any]:
    """A document's fields as Python has them."""
    return {name: _value(value) for name, value in fields.items()}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value_type")
    match kind:
        case "null_value":
            return None
        case "timestamp_value":
            return value.timestamp_value.ToDatetime(UTC)
        case "map_value":
            return decoded(value.map_value.fields)
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case _:
            return getattr(value, kind)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("`", "\\`")
