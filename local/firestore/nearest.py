"""find_nearest: exact search among the vectors of a query's results.

Source: StructuredQuery.FindNearest in google/firestore/v1/query.proto and
https://cloud.google.com/firestore/docs/vector-search.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.firestore import contents
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import FieldPath, parse_field_path
from local.firestore.ordering import VECTOR_VALUES, is_vector
from local.firestore.protos import Document, FindNearest, Message, Value
from local.firestore.rows import Row

MAX_DIMENSIONS = 2048
MAX_LIMIT = 1000

_MEASURE = FindNearest.DistanceMeasure.Name
Vector = Sequence[float]
Distances = Callable[[list[Vector], Vector], list[float]]


@dataclass(frozen=True)
class Nearest:
    """What to search for, and how."""

    path: FieldPath
    vector: tuple[float, ...]
    measure: str
    limit: int
    result_path: FieldPath | None
    threshold: float | None


def parse_nearest(message: Message) -> Nearest:
    """Read a FindNearest.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    vector = vector_of(message.query_vector)
    if not vector:
        raise InvalidArgument("FindNearest query_vector must be a vector with at least one dimension.")
    if len(vector) > MAX_DIMENSIONS:
        raise InvalidArgument(f"FindNearest query_vector can have at most {MAX_DIMENSIONS} dimensions.")
    if not 0 < message.limit.value <= MAX_LIMIT:
        raise InvalidArgument(f"FindNearest limit must be a positive integer of no more than {MAX_LIMIT}.")
    measure = _MEASURE(message.distance_measure)
    if measure not in _DISTANCES:
        raise InvalidArgument("FindNearest distance_measure must be specified.")
    return Nearest(
        path=parse_field_path(message.vector_field.field_path),
        vector=tuple(vector),
        measure=measure,
        limit=message.limit.value,
        result_path=parse_field_path(message.distance_result_field)
        if message.distance_result_field
        else None,
        threshold=message.distance_threshold.value if message.HasField("distance_threshold") else None,
    )


def vector_of(value: Message | None) -> list[float]:
    """The numbers of a vector value; none when it is not one."""
    if value is None or not is_vector(value):
        return []
    numbers = value.map_value.fields[VECTOR_VALUES].array_value.values
    return [one.double_value or float(one.integer_value) for one in numbers]


def find_nearest(wanted: Nearest, rows: list[Row]) -> list[Row]:
    """The nearest of the rows whose vector has as many dimensions, nearest first."""
    compared = [(row, vector) for row in rows if (vector := vector_of(row.value(wanted.path)))]
    compared = [(row, vector) for row, vector in compared if len(vector) == len(wanted.vector)]
    distances = _DISTANCES[wanted.measure]([vector for _, vector in compared], wanted.vector)
    sign = -1.0 if wanted.measure == "DOT_PRODUCT" else 1.0
    ranked = [
        (sign * distance, position)
        for position, distance in enumerate(distances)
        if not math.isnan(distance)
        and (wanted.threshold is None or sign * distance <= sign * wanted.threshold)
    ]
    best = sorted(ranked)[: wanted.limit]
    return [_with_distance(compared[position][0], wanted, distances[position]) for _, position in best]


def _with_distance(row: Row, wanted: Nearest, distance: float) -> Row:
    if wanted.result_path is None:
        return row
    document = Document()
    document.CopyFrom(row.document)
    contents.put(document, wanted.result_path, Value(double_value=distance))
    return Row(document.SerializeToString(), document)


def _dot(left: Vector, right: Vector) -> float:
    return math.fsum(map(float.__mul__, left, right))


def _euclidean(vectors: list[Vector], query: Vector) -> list[float]:
    return [math.dist(vector, query) for vector in vectors]


def _dot_product(vectors: list[Vector], query: Vector) -> list[float]:
    return [_dot(vector, query) for vector in vectors]


def _cosine(vectors: list[Vector], query: Vector) -> list[float]:
    """1 - cos; a vector of length zero has no direction and no distance."""
    length = math.sqrt(_dot(query, query))
    lengths = [math.sqrt(_dot(vector, vector)) * length for vector in vectors]
    return [
        1.0 - _dot(vector, query) / both if both else math.nan
        for vector, both in zip(vectors, lengths, strict=True)
    ]


_DISTANCES: dict[str, Distances] = {
    "EUCLIDEAN": _euclidean,
    "COSINE": _cosine,
    "DOT_PRODUCT": _dot_product,
}
