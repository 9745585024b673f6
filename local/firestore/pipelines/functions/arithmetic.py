"""Arithmetic. Source: https://firebase.google.com/docs/firestore/pipelines/functions/arithmetic-functions.

Integers stay integers as long as both operands are; an overflow is an error. Halves round away from zero.
"""

import decimal
import math
import random
from collections.abc import Callable
from functools import reduce

from local.firestore.pipelines.functions.registry import Functions, plain, strict
from local.firestore.pipelines.values import (
    EvaluationError,
    Maybe,
    double,
    integer,
    integer_of,
    is_null,
    number_of,
    type_of,
)

MAX_PLACES = 400
"""More decimal places than a double has change nothing."""

Number = float
"""Or int, which stays one."""


def number(value: Number) -> Maybe:
    """An INT64 or a FLOAT64, after the Python type."""
    return integer(value) if isinstance(value, int) else double(value)


def _folded(name: str, operation: Callable[[Number, Number], Number]) -> Callable[..., Maybe]:
    def call(*arguments: Maybe) -> Maybe:
        return number(reduce(operation, (number_of(one, name) for one in arguments)))

    return call


def _unary(name: str, operation: Callable[[Number], Number]) -> Callable[[Maybe], Maybe]:
    def call(argument: Maybe) -> Maybe:
        return number(operation(number_of(argument, name)))

    return call


def _real(name: str, operation: Callable[..., float]) -> Callable[..., Maybe]:
    """A function of doubles: outside its domain, or beyond what a double holds, is an error."""

    def call(*arguments: Maybe) -> Maybe:
        numbers = [float(number_of(one, name)) for one in arguments]
        if any(math.isnan(one) for one in numbers):
            return double(math.nan)
        try:
            return double(operation(*numbers))
        except (ValueError, OverflowError, ZeroDivisionError):
            raise EvaluationError(f"{name}() is not defined for {numbers}, or overflows.") from None

    return call


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        if right == 0:
            raise EvaluationError("divide by zero")
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, math.copysign(1, left) * math.copysign(1, right))


def _mod(left: Number, right: Number) -> Number:
    if right == 0:
        raise EvaluationError("divide by zero")
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return rest if left >= 0 else -rest
    if math.isinf(left):
        return math.nan
    return math.fmod(left, right)


def _rounded(name: str, mode: str) -> Callable[..., Maybe]:
    """Round to a number of decimal places; negative places round to tens, hundreds and so on."""

    def call(argument: Maybe, places: Maybe = None) -> Maybe:
        value = number_of(argument, name)
        digits = 0 if places is None else integer_of(places, name)
        if not math.isfinite(value):
            return number(value)
        if abs(digits) > MAX_PLACES:
            return number(value) if digits > 0 else number(type(value)(0))
        with decimal.localcontext() as context:
            context.prec = 2 * MAX_PLACES
            exact = decimal.Decimal(repr(value)).quantize(decimal.Decimal(1).scaleb(-digits), rounding=mode)
        return number(int(exact) if isinstance(value, int) else float(exact))

    return call


def _whole(operation: Callable[[float], int]) -> Callable[[Number], Number]:
    def apply(value: Number) -> Number:
        if isinstance(value, int) or not math.isfinite(value):
            return value
        return (
            math.copysign(float(operation(value)), value)
            if operation(value) == 0
            else float(operation(value))
        )

    return apply


def _total(argument: Maybe) -> Maybe:
    """The sum of an array's numbers; what is no number is left out."""
    if is_null(argument):
        return argument
    values = [one for one in argument.array_value.values if type_of(one) in {"int64", "float64", "int32"}]
    return number(sum(number_of(one, "sum") for one in values))


FUNCTIONS: Functions = {
    "add": strict(_folded("add", lambda left, right: left + right), 2, None),
    "subtract": strict(_folded("subtract", lambda left, right: left - right), 2),
    "multiply": strict(_folded("multiply", lambda left, right: left * right), 2, None),
    "divide": strict(_folded("divide", _divide), 2),
    "mod": strict(_folded("mod", _mod), 2),
    "abs": strict(_unary("abs", abs), 1),
    "ceil": strict(_unary("ceil", _whole(math.ceil)), 1),
    "floor": strict(_unary("floor", _whole(math.floor)), 1),
    "round": strict(_rounded("round", decimal.ROUND_HALF_UP), 1, 2),
    "trunc": strict(_rounded("trunc", decimal.ROUND_DOWN), 1, 2),
    "pow": strict(_real("pow", math.pow), 2),
    "sqrt": strict(_real("sqrt", math.sqrt), 1),
    "exp": strict(_real("exp", math.exp), 1),
    "ln": strict(_real("ln", math.log), 1),
    "log": strict(_real("log", math.log), 2),
    "log10": strict(_real("log10", math.log10), 1),
    "sum": plain(_total, 1),
    "rand": plain(lambda: double(random.random()), 0),  # noqa: S311 - not for secrets
}
