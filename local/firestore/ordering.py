"""Firestore's order across all types, as bytes that compare the same way.

null < booleans < NaN < numbers < timestamps < strings < bytes < references < geo points < arrays <
vectors < maps. Source: https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering

Each value's key begins with a tag for its type and ends where it says itself, so no key is the beginning
of another. Keys can therefore be joined into one for several fields, and inverted byte by byte for
descending order.
"""

import math
import struct
from collections.abc import Callable

from local.firestore.bson import bson_key, bson_kind
from local.firestore.names import segment_key
from local.firestore.protos import Message

NULL, BOOLEAN, NAN, NUMBER = 0x05, 0x0A, 0x0F, 0x14
TIMESTAMP, STRING, BYTES, REFERENCE = 0x19, 0x1E, 0x23, 0x28
GEO_POINT, ARRAY, VECTOR, MAP = 0x2D, 0x32, 0x37, 0x3C

VECTOR_TYPE, VECTOR_VALUES = "__type__", "value"

_END = b"\0"
_INVERT = bytes(255 - byte for byte in range(256))
_NAN_KEY = bytes([NAN])
_NUMBER_TAG = bytes([NUMBER])
_STRING_TAG = bytes([STRING])


def inverted(key: bytes) -> bytes:
    """A key that sorts the other way round."""
    return key.translate(_INVERT)


def number_key(number: float) -> bytes:
    """Key of an integer or a double; equal numbers of both kinds have equal keys.

    A double holds 53 bits, so a large integer's distance from its nearest double is kept beside it.
    """
    near = float(number)
    if near != near:  # noqa: PLR0124 - the fastest test for NaN
        return _NAN_KEY
    bits = int(struct.unpack(">q", struct.pack(">d", near or 0.0))[0])
    if bits < 0:
        bits ^= 0x7FFFFFFFFFFFFFFF
    rest = number - int(near) if isinstance(number, int) else 0
    return _NUMBER_TAG + struct.pack(">QH", bits + 2**63, int(rest) + 0x8000)


def _text(raw: bytes) -> bytes:
    return raw.replace(b"\0", b"\0\xff") + b"\0\x01"


def string_key(text: str) -> bytes:
    """Key of a string: by its UTF-8 bytes."""
    return _STRING_TAG + _text(text.encode())


def reference_key(name: str) -> bytes:
    """Key of a reference: by database, then by the segments of the path."""
    parts = name.split("/", 5)
    prefix = "/".join(parts[:5])
    segments = parts[5].split("/") if len(parts) > 5 else []  # noqa: PLR2004 - as in names.py
    return bytes([REFERENCE]) + _text(prefix.encode()) + b"".join(map(segment_key, segments)) + _END


def _timestamp(value: Message) -> bytes:
    stamp = value.timestamp_value
    return bytes([TIMESTAMP]) + struct.pack(">QI", stamp.seconds + 2**63, stamp.nanos)


def _geo_point(value: Message) -> bytes:
    point = value.geo_point_value
    return bytes([GEO_POINT]) + number_key(point.latitude) + number_key(point.longitude)


def _array(value: Message) -> bytes:
    return bytes([ARRAY]) + b"".join(map(order_key, value.array_value.values)) + _END


def _map(value: Message) -> bytes:
    fields = value.map_value.fields
    if is_vector(value):
        numbers = fields[VECTOR_VALUES].array_value.values
        return bytes([VECTOR]) + struct.pack(">I", len(numbers)) + b"".join(map(order_key, numbers))
    if bson_kind(value):
        return bson_key(value, number_key)
    parts = [
        b"\x01" + _text(name.encode()) + order_key(fields[name]) for name in sorted(fields, key=str.encode)
    ]
    return bytes([MAP]) + b"".join(parts) + _END


_KEYS: dict[str, Callable[[Message], bytes]] = {
    "null_value": lambda _: bytes([NULL]),
    "boolean_value": lambda value: bytes([BOOLEAN, 2 if value.boolean_value else 1]),
    "integer_value": lambda value: number_key(value.integer_value),
    "double_value": lambda value: number_key(value.double_value),
    "timestamp_value": _timestamp,
    "string_value": lambda value: string_key(value.string_value),
    "bytes_value": lambda value: bytes([BYTES]) + _text(value.bytes_value),
    "reference_value": lambda value: reference_key(value.reference_value),
    "geo_point_value": _geo_point,
    "array_value": _array,
    "map_value": _map,
}


def order_key(value: Message) -> bytes:
    """Key of a value; two values are equal to Firestore exactly when their keys are."""
    kind = value.WhichOneof("value_type")
    return _KEYS[kind](value) if kind in _KEYS else bytes([NULL])


def is_vector(value: Message) -> bool:
    """Whether a map value is how the protocol carries a vector."""
    fields = value.map_value.fields
    return (
        VECTOR_TYPE in fields and fields[VECTOR_TYPE].string_value == "__vector__" and VECTOR_VALUES in fields
    )


def is_nan(value: Message) -> bool:
    """Whether a value is the double NaN."""
    return value.WhichOneof("value_type") == "double_value" and math.isnan(value.double_value)
