"""Arrays. Source: https://firebase.google.com/docs/firestore/pipelines/functions/array-functions."""

from collections.abc import Callable, Sequence

from local.firestore.ordering import order_key
from local.firestore.pipelines.functions.registry import Functions, plain, strict
from local.firestore.pipelines.values import (
    NULL_VALUE,
    EvaluationError,
    Maybe,
    array,
    boolean,
    elements_of,
    integer,
    integer_of,
    is_null,
    key_of,
    text,
    text_of,
    type_of,
)


def _at(elements: Sequence[Maybe], position: int) -> Maybe:
    return elements[position] if -len(elements) <= position < len(elements) else None


def _array_get(source: Maybe, offset: Maybe) -> Maybe:
    if source is None or is_null(offset):
        return None
    return _at(elements_of(source, "array_get"), integer_of(offset, "array_get"))


def _offset(source: Maybe, offset: Maybe) -> Maybe:
    """Like array_get, but absent instead of an error when there is no array."""
    if source is None or type_of(source) != "array" or is_null(offset):
        return None
    return _at(source.array_value.values, integer_of(offset, "offset"))


def _contains(test: Callable[[set[bytes], list[bytes]], bool]) -> Callable[[Maybe, Maybe], Maybe]:
    """A search for elements. What is no array contains nothing that could be told: NULL, as in a query."""

    def call(source: Maybe, wanted: Maybe) -> Maybe:
        if source is None or type_of(source) != "array" or is_null(wanted):
            return NULL_VALUE
        keys = [order_key(one) for one in elements_of(wanted, "array_contains_any")]
        return boolean(test({order_key(one) for one in source.array_value.values}, keys))

    return call


def _array_contains(source: Maybe, wanted: Maybe) -> Maybe:
    if source is None or wanted is None or type_of(source) != "array":
        return NULL_VALUE
    key = order_key(wanted)
    return boolean(any(order_key(one) == key for one in source.array_value.values))


def _count(value: Maybe, function: str) -> int:
    count = integer_of(value, function)
    if count < 0:
        raise EvaluationError(f"{function}() requires a count that is not negative.")
    return count


def _first_n(source: Maybe, count: Maybe) -> Maybe:
    return array(elements_of(source, "array_first_n")[: _count(count, "array_first_n")])


def _last_n(source: Maybe, count: Maybe) -> Maybe:
    elements = elements_of(source, "array_last_n")
    return array(elements[max(0, len(elements) - _count(count, "array_last_n")) :])


def _slice(source: Maybe, offset: Maybe, length: Maybe = None) -> Maybe:
    elements = elements_of(source, "array_slice")
    start = integer_of(offset, "array_slice")
    start = max(0, len(elements) + start) if start < 0 else start
    end = len(elements) if length is None else start + _count(length, "array_slice")
    return array(elements[start:end])


def _positions(source: Maybe, wanted: Maybe, function: str) -> list[int]:
    key = key_of(wanted)
    return [place for place, one in enumerate(elements_of(source, function)) if order_key(one) == key]


def _index_of(source: Maybe, wanted: Maybe, which: Maybe = None) -> Maybe:
    if is_null(source):
        return NULL_VALUE
    name = "first" if which is None else text_of(which, "array_index_of")
    if name not in {"first", "last"}:
        raise EvaluationError("array_index_of() finds the 'first' or the 'last' occurrence.")
    places = _positions(source, wanted, "array_index_of") or [-1]
    return integer(places[0] if name == "first" else places[-1])


def _index_of_all(source: Maybe, wanted: Maybe) -> Maybe:
    if is_null(source):
        return NULL_VALUE
    return array(map(integer, _positions(source, wanted, "array_index_of_all")))


def _best(function: str, *, largest: bool) -> Callable[[Maybe, Maybe], Maybe]:
    def call(source: Maybe, count: Maybe) -> Maybe:
        known = [one for one in elements_of(source, function) if not is_null(one)]
        return array(sorted(known, key=order_key, reverse=largest)[: _count(count, function)])

    return call


def _concat(*sources: Maybe) -> Maybe:
    return array(element for source in sources for element in elements_of(source, "array_concat"))


def _join(source: Maybe, delimiter: Maybe, null_text: Maybe = None) -> Maybe:
    """The strings of an array in one; nulls are left out unless there is a text for them."""
    texts = []
    for one in elements_of(source, "join"):
        if not is_null(one):
            texts.append(text_of(one, "join"))
        elif null_text is not None:
            texts.append(text_of(null_text, "join"))
    return text(text_of(delimiter, "join").join(texts))


FUNCTIONS: Functions = {
    "array_concat": strict(_concat, 1, None),
    "array_contains": plain(_array_contains, 2),
    "array_contains_all": plain(_contains(lambda have, wanted: have.issuperset(wanted)), 2),
    "array_contains_any": plain(_contains(lambda have, wanted: not have.isdisjoint(wanted)), 2),
    "array_first": plain(lambda source: _array_get(source, integer(0)), 1),
    "array_first_n": strict(_first_n, 2),
    "array_get": plain(_array_get, 2),
    "array_index_of": plain(_index_of, 2, 3),
    "array_index_of_all": plain(_index_of_all, 2),
    "array_last": plain(lambda source: _array_get(source, integer(-1)), 1),
    "array_last_n": strict(_last_n, 2),
    "array_length": strict(lambda source: integer(len(elements_of(source, "array_length"))), 1),
    "array_reverse": strict(lambda source: array(elements_of(source, "array_reverse")[::-1]), 1),
    "array_slice": strict(_slice, 2, 3),
    "join": strict(_join, 2, 3),
    "maximum_n": strict(_best("maximum_n", largest=True), 2),
    "minimum_n": strict(_best("minimum_n", largest=False), 2),
    "offset": plain(_offset, 2),
}
