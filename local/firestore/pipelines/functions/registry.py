"""How a function is described to the compiler of expressions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.firestore.errors import InvalidArgument
from local.firestore.pipelines.values import NULL_VALUE, Maybe, is_null

Call = Callable[..., Maybe]


@dataclass(frozen=True)
class Function:
    """A function of values: it sees its arguments evaluated."""

    call: Call
    least: int
    most: int | None
    strict: bool
    """NULL as soon as an argument is null or absent."""

    def apply(self, arguments: Sequence[Maybe]) -> Maybe:
        """The function's value. Raises EvaluationError."""
        if self.strict and any(is_null(one) for one in arguments):
            return NULL_VALUE
        return self.call(*arguments)


Functions = dict[str, Function]


def strict(call: Call, least: int, most: int | None = -1) -> Function:
    """A function that is NULL when an argument is; most None: any number, -1: exactly `least`."""
    return Function(call, least, least if most == -1 else most, strict=True)


def plain(call: Call, least: int, most: int | None = -1) -> Function:
    """A function that looks at null and absent arguments itself."""
    return Function(call, least, least if most == -1 else most, strict=False)


def check_count(name: str, count: int, least: int, most: int | None) -> None:
    """Refuse a call with too few or too many arguments.

    Raises:
        InvalidArgument: naming the function.
    """
    if count < least or (most is not None and count > most):
        raise InvalidArgument(f"Invalid number of arguments for function '{name}': {count}.")
