"""What a document may contain, and getting at fields inside it.

Source of the limits: https://cloud.google.com/firestore/quotas#collections_documents_and_fields
"""

import re
from collections.abc import Callable, MutableMapping

from local.firestore.bson import bson_kind, check_bson
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME, FieldPath
from local.firestore.names import MAX_ID_BYTES, DocumentName
from local.firestore.ordering import VECTOR_VALUES, is_vector
from local.firestore.protos import Document, Message, Value

MAX_DOCUMENT_BYTES = 1_048_576
MAX_NESTING = 20
MAX_VECTOR = 2048

_RESERVED = re.compile(r"__.*__", re.DOTALL)
_NEAR_THE_LIMIT = MAX_DOCUMENT_BYTES // 2

Fields = MutableMapping[str, Message]


def get(document: Message, path: FieldPath) -> Message | None:
    """The value at a path, or None. __name__ is the document's reference."""
    if path == NAME:
        return Value(reference_value=document.name)
    value = document.fields.get(path[0])
    for name in path[1:]:
        if value is None or value.WhichOneof("value_type") != "map_value":
            return None
        value = value.map_value.fields.get(name)
    return value


def put(document: Message, path: FieldPath, value: Message) -> None:
    """Set the value at a path; what is not a map on the way becomes one."""
    fields = document.fields
    for name in path[:-1]:
        step = fields[name]
        if step.WhichOneof("value_type") != "map_value":
            step.map_value.SetInParent()
        fields = step.map_value.fields
    fields[path[-1]].CopyFrom(value)


def remove(document: Message, path: FieldPath) -> None:
    """Delete the field at a path, if it is there."""
    fields = document.fields
    for name in path[:-1]:
        step = fields.get(name)
        if step is None or step.WhichOneof("value_type") != "map_value":
            return
        fields = step.map_value.fields
    fields.pop(path[-1], None)


def projected(document: Message, paths: tuple[FieldPath, ...]) -> Message:
    """A copy of a document with only the fields at the paths."""
    copy = Document(name=document.name, create_time=document.create_time, update_time=document.update_time)
    for path in paths:
        value = None if path == NAME else get(document, path)
        if value is not None:
            put(copy, path, value)
    return copy


def check_fields(document: Message, name: DocumentName) -> None:
    """Refuse contents that Firestore would not store, and cut timestamps to microseconds as it does.

    Raises:
        InvalidArgument: naming what is wrong.
    """
    _check_map(document.fields, 0, name.database)
    if document.ByteSize() > _NEAR_THE_LIMIT:
        size = stored_size(document, name)
        if size > MAX_DOCUMENT_BYTES:
            raise InvalidArgument(
                f"Document '{name.full}' cannot be written because its size ({size:,} bytes) exceeds the "
                f"maximum allowed size of {MAX_DOCUMENT_BYTES:,} bytes."
            )


def check_field_name(name: str) -> None:
    """Refuse a field name that is empty, too long or reserved."""
    if not name:
        raise InvalidArgument("Document fields cannot have an empty name.")
    if _RESERVED.fullmatch(name):
        raise InvalidArgument(f"Document field name {name!r} is reserved.".replace("'", '"'))
    if len(name) > MAX_ID_BYTES // 4 and len(name.encode()) > MAX_ID_BYTES:
        raise InvalidArgument(f"Property name is longer than {MAX_ID_BYTES} bytes.")


def _check_map(fields: Fields, depth: int, database: str) -> None:
    for name, value in fields.items():
        check_field_name(name)
        kind = value.WhichOneof("value_type")
        if kind in _NESTED:
            _NESTED[kind](value, depth + 1, database)


def check_value(value: Message, depth: int, database: str) -> None:
    """Refuse a value, standing `depth` levels deep, that Firestore would not store."""
    kind = value.WhichOneof("value_type")
    if kind in _NESTED:
        _NESTED[kind](value, depth, database)


def _check_array(value: Message, depth: int, database: str) -> None:
    _check_depth(depth)
    for element in value.array_value.values:
        kind = element.WhichOneof("value_type")
        if kind == "array_value":
            raise InvalidArgument("Cannot convert an array value in an array value.")
        if kind in _NESTED:
            _NESTED[kind](element, depth + 1, database)


def _check_submap(value: Message, depth: int, database: str) -> None:
    _check_depth(depth)
    if is_vector(value):
        _check_vector(value)
    elif bson_kind(value):
        check_bson(value)
    else:
        _check_map(value.map_value.fields, depth, database)


def _check_vector(value: Message) -> None:
    numbers = value.map_value.fields[VECTOR_VALUES].array_value.values
    if len(numbers) > MAX_VECTOR:
        raise InvalidArgument(f"Vector values can have at most {MAX_VECTOR} dimensions.")
    if any(number.WhichOneof("value_type") not in {"double_value", "integer_value"} for number in numbers):
        raise InvalidArgument("Vector values must be numbers.")


def _check_timestamp(value: Message, _depth: int, _database: str) -> None:
    value.timestamp_value.nanos -= value.timestamp_value.nanos % 1000


def _check_reference(value: Message, _depth: int, database: str) -> None:
    if not value.reference_value.startswith(f"{database}/documents/"):
        raise InvalidArgument(
            f'Reference value "{value.reference_value}" belongs to another database than "{database}".'
        )


def _check_geo_point(value: Message, _depth: int, _database: str) -> None:
    point = value.geo_point_value
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):  # noqa: PLR2004 - degrees
        raise InvalidArgument("Latitude must be within -90 and 90 and longitude within -180 and 180 degrees.")


def _check_depth(depth: int) -> None:
    if depth > MAX_NESTING:
        raise InvalidArgument(
            f"Property contains an invalid nested entity: it is nested more than {MAX_NESTING} deep."
        )


_NESTED: dict[str | None, Callable[[Message, int, str], None]] = {
    "array_value": _check_array,
    "map_value": _check_submap,
    "timestamp_value": _check_timestamp,
    "reference_value": _check_reference,
    "geo_point_value": _check_geo_point,
}


def stored_size(document: Message, name: DocumentName) -> int:
    """A document's size in bytes, by https://cloud.google.com/firestore/docs/storage-size."""
    return _name_size(name.path) + _map_size(document.fields) + 32


def _name_size(path: str) -> int:
    return 16 + sum(len(segment.encode()) + 1 for segment in path.split("/"))


def _map_size(fields: Fields) -> int:
    return sum(len(name.encode()) + 1 + value_size(value) for name, value in fields.items())


_SIZES: dict[str | None, Callable[[Message], int]] = {
    "string_value": lambda value: len(value.string_value.encode()) + 1,
    "bytes_value": lambda value: len(value.bytes_value),
    "boolean_value": lambda _: 1,
    "null_value": lambda _: 1,
    "geo_point_value": lambda _: 16,
    "reference_value": lambda value: _name_size(value.reference_value.split("/", 5)[5]),
    "array_value": lambda value: sum(map(value_size, value.array_value.values)),
    "map_value": lambda value: _map_size(value.map_value.fields),
}


def value_size(value: Message) -> int:
    """A value's size in bytes; numbers and timestamps take 8."""
    kind = value.WhichOneof("value_type")
    return _SIZES[kind](value) if kind in _SIZES else 8
