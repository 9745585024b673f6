"""Field transforms: what the server computes while it writes.

Source: DocumentTransform in google/firestore/v1/write.proto.
"""

import math
from collections.abc import Callable, Iterable

from local.firestore import contents
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import parse_field_path
from local.firestore.ordering import order_key
from local.firestore.protos import Message, Value, timestamp

MAX_TRANSFORMS = 500

_INT64_LOW, _INT64_HIGH = -(2**63), 2**63 - 1
_NUMBERS = {"integer_value", "double_value"}


def apply_transforms(document: Message, transforms: Iterable[Message], time: int) -> list[Message]:
    """Transform a document's fields in order, at a commit time in microseconds; returns each one's result."""
    results = []
    for transform in transforms:
        path = parse_field_path(transform.field_path)
        kind = transform.WhichOneof("transform_type")
        if kind is None:
            raise InvalidArgument(f'Transform of field "{transform.field_path}" is not set.')
        new, result = _TRANSFORMS[kind](contents.get(document, path), transform, time)
        contents.put(document, path, new)
        results.append(result)
    return results


def _server_value(_old: Message | None, _transform: Message, time: int) -> tuple[Message, Message]:
    value = Value(timestamp_value=timestamp(time - time % 1000))
    return value, value


def _is_number(value: Message | None) -> bool:
    return value is not None and value.WhichOneof("value_type") in _NUMBERS


def _number(value: Message) -> float:
    return value.integer_value if value.WhichOneof("value_type") == "integer_value" else value.double_value  # type: ignore[no-any-return]


def _increment(old: Message | None, transform: Message, _time: int) -> tuple[Message, Message]:
    by = transform.increment
    if not _is_number(by):
        raise InvalidArgument("Increment transform requires a number operand.")
    if old is None or not _is_number(old):
        return by, by
    if old.WhichOneof("value_type") == by.WhichOneof("value_type") == "integer_value":
        total = min(max(old.integer_value + by.integer_value, _INT64_LOW), _INT64_HIGH)
        value = Value(integer_value=total)
    else:
        value = Value(double_value=float(_number(old)) + float(_number(by)))
    return value, value


def _extreme(old: Message | None, operand: Message, *, largest: bool) -> tuple[Message, Message]:
    if not _is_number(operand):
        raise InvalidArgument("Maximum and minimum transforms require a number operand.")
    if old is None or not _is_number(old):
        return operand, operand
    value = old
    if math.isnan(_number(operand)):
        value = operand
    elif not math.isnan(_number(old)):
        ours, theirs = order_key(old), order_key(operand)
        value = operand if (theirs > ours if largest else theirs < ours) else old
    return value, value


def _maximum(old: Message | None, transform: Message, _time: int) -> tuple[Message, Message]:
    return _extreme(old, transform.maximum, largest=True)


def _minimum(old: Message | None, transform: Message, _time: int) -> tuple[Message, Message]:
    return _extreme(old, transform.minimum, largest=False)


def _elements(old: Message | None) -> list[Message]:
    return list(old.array_value.values) if old is not None else []


def _array(values: Iterable[Message]) -> tuple[Message, Message]:
    array = Value()
    array.array_value.SetInParent()
    array.array_value.values.extend(values)
    return array, Value(null_value=0)


def _append_missing(old: Message | None, transform: Message, _time: int) -> tuple[Message, Message]:
    values = _elements(old)
    present = {order_key(value) for value in values}
    for value in transform.append_missing_elements.values:
        key = order_key(value)
        if key not in present:
            present.add(key)
            values.append(value)
    return _array(values)


def _remove_all(old: Message | None, transform: Message, _time: int) -> tuple[Message, Message]:
    gone = {order_key(value) for value in transform.remove_all_from_array.values}
    return _array(value for value in _elements(old) if order_key(value) not in gone)


_TRANSFORMS: dict[str, Callable[[Message | None, Message, int], tuple[Message, Message]]] = {
    "set_to_server_value": _server_value,
    "increment": _increment,
    "maximum": _maximum,
    "minimum": _minimum,
    "append_missing_elements": _append_missing,
    "remove_all_from_array": _remove_all,
}
