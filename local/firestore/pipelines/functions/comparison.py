"""Comparisons. Source: https://firebase.google.com/docs/firestore/pipelines/functions/comparison-functions.

Equality is that of Firestore's order: 1 equals 1.0, NaN equals NaN, null equals null, nothing equals what
is absent. The order comparisons hold between values of one type only; cmp compares across types.
"""

import operator
from collections.abc import Callable

from local.firestore.pipelines.functions.registry import Functions, plain
from local.firestore.pipelines.values import Maybe, boolean, integer, key_of


def same(left: Maybe, right: Maybe) -> bool:
    """Whether two values are equal."""
    return left is not None and right is not None and key_of(left) == key_of(right)


def _ordered(test: Callable[[bytes, bytes], bool]) -> Callable[[Maybe, Maybe], Maybe]:
    def compare(left: Maybe, right: Maybe) -> Maybe:
        first, second = key_of(left), key_of(right)
        return boolean(bool(first and second) and first[0] == second[0] and test(first, second))

    return compare


def _cmp(left: Maybe, right: Maybe) -> Maybe:
    first, second = key_of(left), key_of(right)
    return integer((first > second) - (first < second))


FUNCTIONS: Functions = {
    "equal": plain(lambda left, right: boolean(same(left, right)), 2),
    "not_equal": plain(lambda left, right: boolean(not same(left, right)), 2),
    "less_than": plain(_ordered(operator.lt), 2),
    "less_than_or_equal": plain(_ordered(operator.le), 2),
    "greater_than": plain(_ordered(operator.gt), 2),
    "greater_than_or_equal": plain(_ordered(operator.ge), 2),
    "cmp": plain(_cmp, 2),
}
