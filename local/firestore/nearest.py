"""find_nearest: exact search among the vectors of a query's results.

Source: StructuredQuery.FindNearest in google/firestore/v1/query.proto and
https://cloud.google.com/firestore/docs/vector-search.
"""

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from local.firestore import contents
from local.firestore.envelopes import elements, members
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import FieldPath, parse_field_path
from local.firestore.ordering import VECTOR_TYPE, VECTOR_VALUES, is_vector
from local.firestore.protos import Document, FindNearest, Message, Value
from local.firestore.rows import Row

MAX_DIMENSIONS = 2048
MAX_LIMIT = 1000

_MEASURE = FindNearest.DistanceMeasure.Name
Vector = Sequence[float]
Matrix = npt.NDArray[np.floating[Any]]
T = TypeVar("T")

_DOUBLE = b"\x0a\x09\x19"
"""What stands before each number: an element of 9 bytes, a double_value."""
_ELEMENT = np.dtype([("before", "V3"), ("number", "<f8")])
_VECTOR_MARK = bytes(Value(string_value="__vector__").SerializeToString())
BLOCK = 2000
"""Vectors compared at once, which bounds the memory."""
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Nearest:
    """What to search for, and how."""

    path: FieldPath
    vector: tuple[float, ...]
    measure: str
    limit: int
    result_path: FieldPath | None
    threshold: float | None

    @property
    def sign(self) -> float:
        """-1 for dot products, where more is nearer."""
        return -1.0 if self.measure == "DOT_PRODUCT" else 1.0

    @property
    def farthest(self) -> float:
        """The highest rank within the threshold."""
        return math.inf if self.threshold is None else self.sign * self.threshold


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
    compared = [(row, vector) for row in rows if (vector := packed(row, wanted.path, len(wanted.vector)))]
    if not compared:
        return []
    ranks = estimates(wanted, [unpacked([v for _, v in block]) for block in _blocks(compared)])
    comparable = np.flatnonzero(~np.isnan(ranks))
    limit = wanted.farthest
    if len(comparable) > wanted.limit:
        limit = min(limit, float(np.partition(ranks[comparable], wanted.limit - 1)[wanted.limit - 1]))
    margin = _TOLERANCE * max(1.0, abs(limit)) if math.isfinite(limit) else 0.0
    promising = [int(place) for place in comparable if ranks[place] <= limit + margin]
    ranked = sorted((rank(wanted, compared[place][1]), place) for place in promising)
    return [with_distance(compared[place][0], wanted, one) for one, place in best(wanted, ranked)]


def best(wanted: Nearest, ranked: list[tuple[float, T]]) -> list[tuple[float, T]]:
    """Of exact ranks in order, those within the threshold and the limit."""
    return [one for one in ranked if one[0] <= wanted.farthest][: wanted.limit]


def packed(row: Row, path: FieldPath, size: int) -> bytes | None:
    """A row's vector as a serialised ArrayValue of doubles; None when it has not `size` dimensions."""
    value = row.serialized(path)
    if value is None or len(value) < size:
        return None
    fields = members(value)
    if fields.get(VECTOR_TYPE) == _VECTOR_MARK and VECTOR_VALUES in fields:
        numbers = elements(fields[VECTOR_VALUES])
        regular = len(numbers) == size * _ELEMENT.itemsize and all(
            numbers[place :: _ELEMENT.itemsize] == bytes([byte]) * size for place, byte in enumerate(_DOUBLE)
        )
        if regular:
            return numbers
    listed = vector_of(Value.FromString(value))
    return b"".join(_DOUBLE + struct.pack("<d", one) for one in listed) if len(listed) == size else None


def unpacked(vectors: Sequence[bytes]) -> Matrix:
    """What packed() gave for some rows, as a matrix with a row for each."""
    numbers = np.frombuffer(b"".join(vectors), _ELEMENT)["number"]
    return np.ascontiguousarray(numbers).reshape(len(vectors), -1)


def rank(wanted: Nearest, vector: bytes) -> float:
    """The exact distance of a packed vector; negative for dot products, so that the lowest is the nearest."""
    return wanted.sign * _DISTANCES[wanted.measure](unpacked([vector])[0].tolist(), wanted.vector)


def estimates(wanted: Nearest, blocks: Iterable[Matrix]) -> Matrix:
    """The ranks of all vectors, as precise as the type of the matrices; NaN where there is no distance."""
    with np.errstate(all="ignore"):
        found = [_ESTIMATES[wanted.measure](block, np.array(wanted.vector, block.dtype)) for block in blocks]
        return wanted.sign * np.concatenate(found)


def _blocks(rows: list[T]) -> Iterator[list[T]]:
    return (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))


def with_distance(row: Row, wanted: Nearest, rank: float) -> Row:
    """The row with its distance in the field that was asked for, if one was."""
    if wanted.result_path is None:
        return row
    document = Document()
    document.CopyFrom(row.document)
    contents.put(document, wanted.result_path, Value(double_value=wanted.sign * rank))
    return Row(document.SerializeToString(), document)


def _dot(left: Vector, right: Vector) -> float:
    return math.fsum(map(float.__mul__, left, right))


def _cosine(vector: Vector, query: Vector) -> float:
    """1 - cos; a vector of length zero has no direction and no distance."""
    lengths = math.sqrt(_dot(query, query)) * math.sqrt(_dot(vector, vector))
    return 1.0 - _dot(vector, query) / lengths if lengths else math.nan


def _cosines(vectors: Matrix, query: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return np.where(lengths > 0, 1.0 - vectors @ query / lengths, np.nan)


_DISTANCES: dict[str, Callable[[Vector, Vector], float]] = {
    "EUCLIDEAN": math.dist,
    "COSINE": _cosine,
    "DOT_PRODUCT": _dot,
}
_ESTIMATES: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "EUCLIDEAN": lambda vectors, query: np.linalg.norm(vectors - query, axis=1),
    "COSINE": _cosines,
    "DOT_PRODUCT": lambda vectors, query: vectors @ query,
}
"""The same distances for many vectors at once, right to about 15 digits; ties may come out apart."""
