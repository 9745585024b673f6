"""Logic and control: the functions that do not always evaluate all their arguments.

Source: https://firebase.google.com/docs/firestore/pipelines/functions/logical-functions and
.../debugging-functions. In three-valued logic null and absent are UNKNOWN; an error decides nothing unless
the other arguments leave the result open.
"""

import math
from collections.abc import Callable, Sequence

from local.firestore.ordering import order_key
from local.firestore.pipelines.functions.comparison import same
from local.firestore.pipelines.functions.registry import Functions, plain
from local.firestore.pipelines.scopes import Evaluate, Scope
from local.firestore.pipelines.values import (
    FALSE,
    NULL_VALUE,
    TRUE,
    EvaluationError,
    Maybe,
    array,
    boolean,
    elements_of,
    integer,
    is_null,
    is_true,
    mapping,
    text_of,
    type_of,
    wrong_type,
)

Form = Callable[[Sequence[Evaluate]], Evaluate]


def truth(value: Maybe, function: str) -> bool | None:
    """TRUE, FALSE, or None for UNKNOWN.

    Raises:
        EvaluationError: it is neither a boolean nor null.
    """
    if is_null(value):
        return None
    if value.WhichOneof("value_type") != "boolean_value":
        raise wrong_type(function, "a boolean", value)
    return bool(value.boolean_value)


def _junction(name: str, *, decisive: bool) -> Form:
    """AND (decided by FALSE) and OR (decided by TRUE)."""

    def form(arguments: Sequence[Evaluate]) -> Evaluate:
        def evaluate(scope: Scope) -> Maybe:
            unknown, failure = False, None
            for argument in arguments:
                try:
                    found = truth(argument(scope), name)
                except EvaluationError as error:
                    failure = failure or error
                    continue
                if found is decisive:
                    return boolean(decisive)
                unknown = unknown or found is None
            if failure:
                raise failure
            return NULL_VALUE if unknown else boolean(not decisive)

        return evaluate

    return form


def _negated(form: Form, name: str) -> Form:
    def negated(arguments: Sequence[Evaluate]) -> Evaluate:
        inner = form(arguments)

        def evaluate(scope: Scope) -> Maybe:
            found = truth(inner(scope), name)
            return NULL_VALUE if found is None else boolean(not found)

        return evaluate

    return negated


def _xor(arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        found = [truth(argument(scope), "xor") for argument in arguments]
        return NULL_VALUE if None in found else boolean(sum(map(bool, found)) % 2 == 1)

    return evaluate


def _conditional(arguments: Sequence[Evaluate]) -> Evaluate:
    test, then, other = arguments
    return lambda scope: then(scope) if is_true(test(scope)) else other(scope)


def _switch_on(arguments: Sequence[Evaluate]) -> Evaluate:
    default = arguments[-1] if len(arguments) % 2 else None

    def evaluate(scope: Scope) -> Maybe:
        for test, result in zip(arguments[::2], arguments[1::2], strict=False):
            if is_true(test(scope)):
                return result(scope)
        if default is None:
            raise EvaluationError("all switch cases evaluate to false, and no default provided")
        return default(scope)

    return evaluate


def _first(wanted: Callable[[Maybe], bool]) -> Form:
    """The first argument's value that is wanted, else the last one's."""

    def form(arguments: Sequence[Evaluate]) -> Evaluate:
        def evaluate(scope: Scope) -> Maybe:
            value: Maybe = None
            for argument in arguments:
                value = argument(scope)
                if wanted(value):
                    break
            return value

        return evaluate

    return form


def _is_error(arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        try:
            arguments[0](scope)
        except EvaluationError:
            return TRUE
        return FALSE

    return evaluate


def _if_error(arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        try:
            return arguments[0](scope)
        except EvaluationError:
            return arguments[1](scope)

    return evaluate


def _array_filter(arguments: Sequence[Evaluate]) -> Evaluate:
    source, alias, test = arguments

    def evaluate(scope: Scope) -> Maybe:
        found = source(scope)
        if is_null(found):
            return NULL_VALUE
        name = text_of(alias(scope), "array_filter")
        elements = elements_of(found, "array_filter")
        return array(one for one in elements if is_true(test(scope.binding(**{name: one}))))

    return evaluate


def _array_transform(arguments: Sequence[Evaluate]) -> Evaluate:
    source, aliases, change = arguments[0], arguments[1:-1], arguments[-1]

    def evaluate(scope: Scope) -> Maybe:
        found = source(scope)
        if is_null(found):
            return NULL_VALUE
        names = [text_of(alias(scope), "array_transform") for alias in aliases]
        changed = []
        for place, one in enumerate(elements_of(found, "array_transform")):
            bound = dict(zip(names, (one, integer(place)), strict=False))
            changed.append(change(scope.binding(**bound)))
        return array(changed)

    return evaluate


FORMS: dict[str, tuple[Form, int, int | None]] = {
    "and": (_junction("and", decisive=False), 1, None),
    "or": (_junction("or", decisive=True), 1, None),
    "nor": (_negated(_junction("nor", decisive=True), "nor"), 1, None),
    "not": (_negated(lambda arguments: arguments[0], "not"), 1, 1),
    "xor": (_xor, 1, None),
    "conditional": (_conditional, 3, 3),
    "switch_on": (_switch_on, 2, None),
    "if_absent": (_first(lambda value: value is not None), 2, 2),
    "if_null": (_first(lambda value: not is_null(value)), 2, None),
    "coalesce": (_first(lambda value: not is_null(value)), 1, None),
    "is_error": (_is_error, 1, 1),
    "if_error": (_if_error, 2, 2),
    "array_filter": (_array_filter, 3, 3),
    "array_transform": (_array_transform, 3, 4),
    "current_timestamp": (lambda _: lambda scope: scope.environment.now, 0, 0),
    "current_document": (lambda _: lambda scope: mapping(scope.item.fields), 0, 0),
}
"""Name, how it is compiled, and how many arguments it takes."""


def _any(*, equal: bool) -> Callable[[Maybe, Maybe], Maybe]:
    def call(value: Maybe, candidates: Maybe) -> Maybe:
        if is_null(candidates):
            return NULL_VALUE
        elements = elements_of(candidates, "equal_any" if equal else "not_equal_any")
        return boolean(any(same(value, one) for one in elements) is equal)

    return call


def _extreme(*, largest: bool) -> Callable[..., Maybe]:
    """Of several arguments, or of one array's elements; null and absent do not count."""

    def call(*arguments: Maybe) -> Maybe:
        candidates: Sequence[Maybe] = arguments
        if len(arguments) == 1 and arguments[0] is not None and type_of(arguments[0]) == "array":
            candidates = arguments[0].array_value.values
        known = [one for one in candidates if not is_null(one)]
        if not known:
            return NULL_VALUE
        return max(known, key=order_key) if largest else min(known, key=order_key)

    return call


def _error(message: Maybe) -> Maybe:
    raise EvaluationError(text_of(message, "error"))


def _unless_absent(test: Callable[[Maybe], bool]) -> Callable[[Maybe], Maybe]:
    return lambda value: NULL_VALUE if value is None else boolean(test(value))


def _nan(value: Maybe) -> bool:
    return math.isnan(value.double_value)


FUNCTIONS: Functions = {
    "array": plain(lambda *elements: array(elements), 0, None),
    "equal_any": plain(_any(equal=True), 2),
    "not_equal_any": plain(_any(equal=False), 2),
    "exists": plain(lambda value: boolean(value is not None), 1),
    "is_absent": plain(lambda value: boolean(value is None), 1),
    "is_null": plain(_unless_absent(is_null), 1),
    "is_not_null": plain(_unless_absent(lambda value: not is_null(value)), 1),
    "is_nan": plain(lambda value: NULL_VALUE if is_null(value) else boolean(_nan(value)), 1),
    "is_not_nan": plain(lambda value: NULL_VALUE if is_null(value) else boolean(not _nan(value)), 1),
    "maximum": plain(_extreme(largest=True), 1, None),
    "minimum": plain(_extreme(largest=False), 1, None),
    "logical_maximum": plain(_extreme(largest=True), 1, None),
    "logical_minimum": plain(_extreme(largest=False), 1, None),
    "error": plain(_error, 1),
}
