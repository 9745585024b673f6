"""The BSON types of Firestore's Enterprise edition, which travel as maps with one reserved key.

The stand-in does not know editions: it takes these values in every database. Source of the shapes: the
client libraries' bson modules; of the order:
https://cloud.google.com/firestore/mongodb-compatibility/docs/data-types.
"""

import decimal
import struct
from collections.abc import Callable

from local.firestore.errors import InvalidArgument
from local.firestore.protos import Message

MIN_KEY, BSON_TIMESTAMP, BSON_BINARY, OBJECT_ID, REGEX, MAX_KEY = 0x06, 0x1B, 0x25, 0x2A, 0x2F, 0x7F

_REGEX_OPTIONS = frozenset("imsux")
_INFINITIES = {"inf": "Infinity", "-inf": "-Infinity", "infinity": "Infinity", "-infinity": "-Infinity"}


def bson_kind(value: Message) -> str:
    """The reserved key of a map that is a BSON value; empty for any other map."""
    fields = value.map_value.fields
    name = next(iter(fields)) if len(fields) == 1 else ""
    return str(name) if name in _KEYS else ""


def check_bson(value: Message) -> None:
    """Check a BSON value, and write it as Firestore stores it.

    Raises:
        InvalidArgument: naming what is wrong.
    """
    kind = bson_kind(value)
    inner = value.map_value.fields[kind]
    if kind == "__regex__":
        for option in inner.map_value.fields["options"].string_value:
            if option not in _REGEX_OPTIONS:
                raise InvalidArgument(
                    f"Invalid regex option '{option}'. Supported options are 'i', 'm', 's', 'u', and 'x'."
                )
    elif kind == "__decimal128__":
        text = inner.string_value
        try:
            decimal.Decimal(text)
        except decimal.InvalidOperation:
            raise InvalidArgument(f"Invalid decimal128 value '{text}'.") from None
        inner.string_value = _INFINITIES.get(text.lower(), text)


def _text(raw: bytes) -> bytes:
    return raw.replace(b"\0", b"\0\xff") + b"\0\x01"


def _timestamp(inner: Message) -> bytes:
    fields = inner.map_value.fields
    seconds, increment = fields["seconds"].integer_value, fields["increment"].integer_value
    return bytes([BSON_TIMESTAMP]) + struct.pack(">QI", seconds, increment)


def _regex(inner: Message) -> bytes:
    fields = inner.map_value.fields
    pattern, options = fields["pattern"].string_value, fields["options"].string_value
    return bytes([REGEX]) + _text(pattern.encode()) + _text(options.encode())


_KEYS: dict[str, Callable[[Message], bytes]] = {
    "__min__": lambda _: bytes([MIN_KEY]),
    "__max__": lambda _: bytes([MAX_KEY]),
    "__request_timestamp__": _timestamp,
    "__binary__": lambda inner: bytes([BSON_BINARY]) + _text(inner.bytes_value),
    "__oid__": lambda inner: bytes([OBJECT_ID]) + _text(inner.string_value.encode()),
    "__regex__": _regex,
    "__int__": lambda _: b"",
    "__decimal128__": lambda _: b"",
}


def bson_key(value: Message, number_key: Callable[[float], bytes]) -> bytes:
    """The order key of a BSON value; its numbers sort among the other numbers."""
    kind = bson_kind(value)
    inner = value.map_value.fields[kind]
    if kind == "__int__":
        return number_key(int(inner.integer_value))
    if kind == "__decimal128__":
        return number_key(float(inner.string_value))
    return _KEYS[kind](inner)
