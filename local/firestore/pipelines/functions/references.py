"""Document references, types and sizes.

Source: https://firebase.google.com/docs/firestore/pipelines/functions/reference-functions and
.../type-functions.
"""

import math

from local.firestore.contents import value_size
from local.firestore.errors import InvalidArgument
from local.firestore.names import parse_document
from local.firestore.pipelines.functions.registry import Functions, plain, strict
from local.firestore.pipelines.values import (
    NULL_VALUE,
    NUMBERS,
    EvaluationError,
    Maybe,
    boolean,
    double,
    integer,
    text,
    text_of,
    type_of,
    wrong_type,
)
from local.firestore.protos import Value

EARTH_RADIUS = 6_371_010.0
"""Metres; the mean radius that S2 uses."""

_TYPES = {
    "null", "array", "boolean", "bytes", "timestamp", "geo_point", "number", "int32", "int64", "float64",
    "decimal128", "map", "reference", "string", "vector", "max_key", "min_key", "object_id", "regex",
    "request_timestamp",
}  # fmt: skip


def _path(reference: Maybe, function: str) -> list[str]:
    if reference.WhichOneof("value_type") != "reference_value":
        raise wrong_type(function, "a document reference", reference)
    try:
        return parse_document(reference.reference_value).path.split("/")
    except InvalidArgument as error:
        raise EvaluationError(error.message) from None


def _parent(reference: Maybe) -> Maybe:
    segments = _path(reference, "parent")
    if len(segments) == 2:  # noqa: PLR2004 - a root collection and an id
        return NULL_VALUE
    name = reference.reference_value.rsplit("/", 2)[0]
    return Value(reference_value=name)


def _is_type(value: Maybe, wanted: Maybe) -> Maybe:
    name = text_of(wanted, "is_type")
    if name not in _TYPES:
        raise EvaluationError(f"is_type() does not know the type '{name}'.")
    if value is None:
        return None
    found = type_of(value)
    return boolean(found == name or (name == "number" and found in NUMBERS))


def _point(value: Maybe) -> tuple[float, float]:
    if value.WhichOneof("value_type") != "geo_point_value":
        raise wrong_type("geo_distance", "a geo point", value)
    return math.radians(value.geo_point_value.latitude), math.radians(value.geo_point_value.longitude)


def _geo_distance(left: Maybe, right: Maybe) -> Maybe:
    """Metres along the great circle, by the haversine formula."""
    (north, east), (other_north, other_east) = _point(left), _point(right)
    half = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    )
    return double(2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half))))


FUNCTIONS: Functions = {
    "document_id": strict(lambda reference: text(_path(reference, "document_id")[-1]), 1),
    "collection_id": strict(lambda reference: text(_path(reference, "collection_id")[-2]), 1),
    "parent": strict(_parent, 1),
    "type": plain(lambda value: None if value is None else text(type_of(value)), 1),
    "is_type": plain(_is_type, 2),
    "storage_size": plain(lambda value: None if value is None else integer(value_size(value)), 1),
    "geo_distance": strict(_geo_distance, 2),
}
