"""Accumulators. Source: https://firebase.google.com/docs/firestore/pipelines/functions/aggregate-functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.firestore.errors import InvalidArgument
from local.firestore.ordering import order_key
from local.firestore.pipelines.expressions import Expressions
from local.firestore.pipelines.functions.arithmetic import number
from local.firestore.pipelines.functions.registry import check_count
from local.firestore.pipelines.scopes import Evaluate, Scope
from local.firestore.pipelines.values import (
    NULL_VALUE,
    NUMBERS,
    Maybe,
    array,
    comparable_key,
    double,
    integer,
    is_null,
    is_true,
    number_of,
    type_of,
)
from local.firestore.protos import Message

_INT64_LOW, _INT64_HIGH = -(2**63), 2**63 - 1

Reduce = Callable[[Sequence[Maybe]], Maybe]


@dataclass(frozen=True)
class Accumulator:
    """One value over a group of items."""

    argument: Evaluate | None
    """None: it counts the items themselves."""
    reduce: Reduce

    def over(self, scopes: Sequence[Scope]) -> Maybe:
        """The value."""
        argument = self.argument
        return self.reduce(scopes if argument is None else [argument(scope) for scope in scopes])


def parse_accumulator(message: Message, expressions: Expressions) -> Accumulator:
    """Read the function that an aggregate stage has under an alias.

    Raises:
        InvalidArgument: it is no accumulator.
    """
    function = message.function_value
    if message.WhichOneof("value_type") != "function_value" or function.name not in _REDUCERS:
        raise InvalidArgument(f"'{function.name}' is not an accumulator of the aggregate(...) stage.")
    if function.name in {"count", "count_all"} and not function.args:
        return Accumulator(None, lambda scopes: integer(len(scopes)))
    check_count(function.name, len(function.args), 1, 1)
    return Accumulator(expressions.compile(function.args[0]), _REDUCERS[function.name])


def _known(values: Sequence[Maybe]) -> list[Maybe]:
    return [one for one in values if not is_null(one)]


def _numbers(values: Sequence[Maybe]) -> list[float]:
    return [number_of(one, "sum") for one in _known(values) if type_of(one) in NUMBERS]


def _sum(values: Sequence[Maybe]) -> Maybe:
    """Integers stay one as long as the sum fits in 64 bits; otherwise a double."""
    total = sum(_numbers(values))
    fits = isinstance(total, int) and _INT64_LOW <= total <= _INT64_HIGH
    return number(total) if fits else double(float(total))


def _average(values: Sequence[Maybe]) -> Maybe:
    numbers = _numbers(values)
    return double(sum(numbers) / len(numbers)) if numbers else NULL_VALUE


def _distinct(values: Sequence[Maybe]) -> list[Maybe]:
    found: dict[bytes, Maybe] = {}
    for one in values:
        found.setdefault(comparable_key(one), one)
    return list(found.values())


def _minimum(values: Sequence[Maybe]) -> Maybe:
    return min(_known(values), key=order_key, default=NULL_VALUE)


def _maximum(values: Sequence[Maybe]) -> Maybe:
    return max(_known(values), key=order_key, default=NULL_VALUE)


_REDUCERS: dict[str, Reduce] = {
    "count": lambda values: integer(len(_known(values))),
    "count_all": lambda values: integer(len(values)),
    "count_if": lambda values: integer(sum(map(is_true, values))),
    "count_distinct": lambda values: integer(len(_distinct(_known(values)))),
    "sum": _sum,
    "average": _average,
    "minimum": _minimum,
    "maximum": _maximum,
    "array_agg": array,
    "array_agg_distinct": lambda values: array(_distinct(values)),
    "first": lambda values: values[0] if values and values[0] is not None else NULL_VALUE,
    "last": lambda values: values[-1] if values and values[-1] is not None else NULL_VALUE,
}
