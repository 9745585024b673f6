"""Vectors. Source: https://firebase.google.com/docs/firestore/pipelines/functions/vector-functions."""

import math
from collections.abc import Callable, Sequence

from local.firestore.pipelines.functions.registry import Functions, strict
from local.firestore.pipelines.values import EvaluationError, Maybe, double, integer, numbers_of

Distance = Callable[[Sequence[float], Sequence[float]], float]


def dot_product(left: Sequence[float], right: Sequence[float]) -> float:
    """The sum of the products."""
    return math.fsum(one * other for one, other in zip(left, right, strict=True))


def cosine_distance(left: Sequence[float], right: Sequence[float]) -> float:
    """1 - cos of the angle; NaN when one has no length."""
    lengths = math.sqrt(dot_product(left, left)) * math.sqrt(dot_product(right, right))
    return 1.0 - dot_product(left, right) / lengths if lengths else math.nan


DISTANCES: dict[str, Distance] = {
    "euclidean": math.dist,
    "cosine": cosine_distance,
    "dot_product": dot_product,
}


def _between(name: str, distance: Distance) -> Callable[[Maybe, Maybe], Maybe]:
    def call(left: Maybe, right: Maybe) -> Maybe:
        one, other = numbers_of(left, name), numbers_of(right, name)
        if len(one) != len(other):
            raise EvaluationError(f"{name}() requires vectors of the same length.")
        return double(distance(one, other))

    return call


FUNCTIONS: Functions = {
    "euclidean_distance": strict(_between("euclidean_distance", math.dist), 2),
    "cosine_distance": strict(_between("cosine_distance", cosine_distance), 2),
    "dot_product": strict(_between("dot_product", dot_product), 2),
    "vector_length": strict(lambda value: integer(len(numbers_of(value, "vector_length"))), 1),
}
