"""Answers put together from serialised parts: a stored document is sent as it is stored."""

from local.firestore.protos import Message, timestamp

_LENGTH_DELIMITED = 2
_SEVEN_BITS = 0x7F


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append(number & _SEVEN_BITS | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def embedded(number: int, body: bytes) -> bytes:
    """A message (or bytes) as field `number` of the message around it."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(body)) + body


def stamp(time: int) -> bytes:
    """A serialised Timestamp of a time in microseconds."""
    return bytes(timestamp(time).SerializeToString())


def field_number(message: Message, name: str) -> int:
    """The number of a field in a message class."""
    return int(message.DESCRIPTOR.fields_by_name[name].number)


def serialized(message: Message) -> bytes:
    """What goes on the wire: bytes as they are, messages serialised."""
    return message if isinstance(message, bytes) else bytes(message.SerializeToString())
