"""Making and reading the values that expressions work on: the protocol's own Value messages.

A missing field is None, the absent value of the documentation; null is a Value like any other.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local.firestore.bson import bson_kind
from local.firestore.errors import InvalidArgument
from local.firestore.nearest import vector_of
from local.firestore.ordering import NULL, is_vector, order_key
from local.firestore.protos import Message, Value, micros, timestamp

Maybe = Any
"""A Value message, or None where there is none."""

NULL_VALUE = Value(null_value=0)
TRUE, FALSE = Value(boolean_value=True), Value(boolean_value=False)

_INT64_LOW, _INT64_HIGH = -(2**63), 2**63 - 1
_SCALARS = {
    "boolean_value": "boolean",
    "integer_value": "int64",
    "double_value": "float64",
    "timestamp_value": "timestamp",
    "string_value": "string",
    "bytes_value": "bytes",
    "reference_value": "reference",
    "geo_point_value": "geo_point",
    "array_value": "array",
}
_BSON = {
    "__min__": "min_key",
    "__max__": "max_key",
    "__request_timestamp__": "request_timestamp",
    "__binary__": "bytes",
    "__oid__": "object_id",
    "__regex__": "regex",
    "__int__": "int32",
    "__decimal128__": "decimal128",
}
NUMBERS = frozenset({"int32", "int64", "float64", "decimal128"})


class EvaluationError(InvalidArgument):
    """An expression cannot be computed. is_error and if_error catch it; otherwise it ends the pipeline."""


def type_of(value: Message) -> str:
    """The documentation's name of a value's type: int64, string, map and so on."""
    kind = value.WhichOneof("value_type")
    if kind != "map_value":
        return _SCALARS.get(kind, "null")
    if is_vector(value):
        return "vector"
    return _BSON.get(bson_kind(value), "map")


def is_null(value: Maybe) -> bool:
    """Whether a value is null or absent."""
    return value is None or value.WhichOneof("value_type") in {"null_value", None}


def is_true(value: Maybe) -> bool:
    """Whether a value is the boolean TRUE."""
    return value is not None and bool(value.boolean_value)


def key_of(value: Maybe) -> bytes:
    """The order key of a value; absent sorts before everything."""
    return b"" if value is None else order_key(value)


def comparable_key(value: Maybe) -> bytes:
    """Like key_of, with null for what is absent: for grouping."""
    return bytes([NULL]) if value is None else order_key(value)


def boolean(truth: bool) -> Message:
    """TRUE or FALSE."""
    return TRUE if truth else FALSE


def integer(number: int) -> Message:
    """An INT64.

    Raises:
        EvaluationError: it does not fit.
    """
    if not _INT64_LOW <= number <= _INT64_HIGH:
        raise EvaluationError("integer overflow")
    return Value(integer_value=number)


def double(number: float) -> Message:
    """A FLOAT64."""
    return Value(double_value=number)


def text(string: str) -> Message:
    """A string."""
    return Value(string_value=string)


def raw(content: bytes) -> Message:
    """Bytes."""
    return Value(bytes_value=content)


def moment(time: int) -> Message:
    """A timestamp, from microseconds since the epoch."""
    return Value(timestamp_value=timestamp(time))


def array(elements: Iterable[Maybe]) -> Message:
    """An array; null stands for what is absent."""
    made = Value()
    made.array_value.values.extend(NULL_VALUE if one is None else one for one in elements)
    return made


def mapping(fields: Mapping[str, Maybe]) -> Message:
    """A map, without the fields that are absent."""
    made = Value()
    made.map_value.SetInParent()
    for name, value in fields.items():
        if value is not None:
            made.map_value.fields[name].CopyFrom(value)
    return made


def number_of(value: Message, function: str) -> float:
    """The int or float in a numeric value.

    Raises:
        EvaluationError: it is no number, or one this stand-in does not compute with.
    """
    kind = value.WhichOneof("value_type")
    if kind == "integer_value":
        return int(value.integer_value)
    if kind == "double_value":
        return float(value.double_value)
    if kind == "map_value" and bson_kind(value) == "__int__":
        return int(value.map_value.fields["__int__"].integer_value)
    if type_of(value) == "decimal128":
        raise EvaluationError(f"{function}() is not computed on decimal128 values by this stand-in.")
    raise wrong_type(function, "a number", value)


def integer_of(value: Message, function: str) -> int:
    """The integer in a value.

    Raises:
        EvaluationError: it is none.
    """
    if type_of(value) not in {"int64", "int32"}:
        raise wrong_type(function, "an integer", value)
    return int(number_of(value, function))


def text_of(value: Message, function: str) -> str:
    """The string in a value.

    Raises:
        EvaluationError: it is none.
    """
    if value.WhichOneof("value_type") != "string_value":
        raise wrong_type(function, "a string", value)
    return str(value.string_value)


def moment_of(value: Message, function: str) -> int:
    """The time in a value, in microseconds since the epoch.

    Raises:
        EvaluationError: it is no timestamp.
    """
    if value.WhichOneof("value_type") != "timestamp_value":
        raise wrong_type(function, "a timestamp", value)
    return micros(value.timestamp_value)


def elements_of(value: Message, function: str) -> Sequence[Message]:
    """The elements of an array.

    Raises:
        EvaluationError: it is none.
    """
    if value.WhichOneof("value_type") != "array_value":
        raise wrong_type(function, "an array", value)
    return list(value.array_value.values)


def fields_of(value: Message, function: str) -> dict[str, Message]:
    """The fields of a map.

    Raises:
        EvaluationError: it is none.
    """
    if type_of(value) != "map":
        raise wrong_type(function, "a map", value)
    return dict(value.map_value.fields)


def numbers_of(value: Message, function: str) -> list[float]:
    """The numbers of a vector.

    Raises:
        EvaluationError: it is none.
    """
    if type_of(value) != "vector":
        raise wrong_type(function, "a vector", value)
    return vector_of(value)


def wrong_type(function: str, wanted: str, value: Message) -> EvaluationError:
    """What an expression hears that passed the wrong type."""
    return EvaluationError(f"{function}() requires {wanted}, but got a value of type {type_of(value)}.")
