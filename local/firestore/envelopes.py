"""Documents opened no further than needed: the values of their fields stay serialised.

The wire format does not tell a nested message from bytes, so these classes read the same bytes as Document,
Value and MapValue of google/firestore/v1/document.proto. A query that looks at one field of a document
with a long vector beside it thus does not parse the vector.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from local.firestore.fieldpaths import FieldPath
from local.firestore.protos import Message

_PACKAGE = "local.firestore.envelopes"
_FIELD = descriptor_pb2.FieldDescriptorProto


def _bytes_map(message: Any, number: int) -> None:
    entry = message.nested_type.add(name="FieldsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=_FIELD.TYPE_BYTES, label=_FIELD.LABEL_OPTIONAL)
    kind = f".{_PACKAGE}.{message.name}.FieldsEntry"
    message.field.add(
        name="fields", number=number, type=_FIELD.TYPE_MESSAGE, type_name=kind, label=_FIELD.LABEL_REPEATED
    )


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="envelopes.proto", package=_PACKAGE, syntax="proto3")
    document = file.message_type.add(name="Document")
    document.field.add(name="name", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    _bytes_map(document, 2)
    value = file.message_type.add(name="Value")
    value.field.add(name="map_value", number=6, type=_FIELD.TYPE_BYTES, label=_FIELD.LABEL_OPTIONAL)
    value.field.add(name="array_value", number=9, type=_FIELD.TYPE_BYTES, label=_FIELD.LABEL_OPTIONAL)
    _bytes_map(file.message_type.add(name="MapValue"), 1)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    names = [message.name for message in file.message_type]
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in names
    }


_CLASSES = _classes()
DocumentEnvelope: Message = _CLASSES["Document"]
_ValueEnvelope: Message = _CLASSES["Value"]
_MapEnvelope: Message = _CLASSES["MapValue"]


def members(value: bytes) -> Message:
    """The serialised members, by name, of a serialised map value; empty for any other value."""
    return _MapEnvelope.FromString(_ValueEnvelope.FromString(value).map_value).fields


def elements(value: bytes) -> bytes:
    """The serialised ArrayValue inside a serialised array value; empty for any other value."""
    return bytes(_ValueEnvelope.FromString(value).array_value)


def serialized_value(document: Message, path: FieldPath) -> bytes | None:
    """The serialised value at a path of a DocumentEnvelope, or None."""
    fields = document.fields
    for name in path[:-1]:
        if name not in fields:
            return None
        fields = members(fields[name])
    return bytes(fields[path[-1]]) if path[-1] in fields else None
