"""Compiling expressions: a Value that may hold field references, variables, functions and subqueries.

Source: Value and Function in google/firestore/v1/document.proto.
"""

from collections.abc import Callable, Sequence

from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import parse_field_path
from local.firestore.pipelines import textsearch
from local.firestore.pipelines.functions import (
    arithmetic,
    arrays,
    comparison,
    logic,
    maps,
    references,
    strings,
    timestamps,
    vectors,
)
from local.firestore.pipelines.functions.registry import Functions, check_count
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.scopes import Evaluate, Scope
from local.firestore.pipelines.values import (
    NULL_VALUE,
    EvaluationError,
    Maybe,
    array,
    boolean,
    double,
    mapping,
    text_of,
)
from local.firestore.protos import Message

FUNCTIONS: Functions = (
    comparison.FUNCTIONS
    | logic.FUNCTIONS
    | arithmetic.FUNCTIONS
    | strings.FUNCTIONS
    | arrays.FUNCTIONS
    | maps.FUNCTIONS
    | timestamps.FUNCTIONS
    | vectors.FUNCTIONS
    | references.FUNCTIONS
)
"""The functions of values, by name."""

Subquery = Callable[[Scope], list[Item]]
_DYNAMIC = {"field_reference_value", "variable_reference_value", "function_value", "pipeline_value"}


class Expressions:
    """Compiles expressions; `subquery` compiles the pipelines inside them."""

    def __init__(self, subquery: Callable[[Message], Subquery]) -> None:
        self._subquery = subquery

    def compile(self, value: Message) -> Evaluate:
        """A function of a scope.

        Raises:
            InvalidArgument: no such function, too few or too many arguments, or a field path that is none.
        """
        kind = value.WhichOneof("value_type")
        if kind == "field_reference_value":
            path = parse_field_path(value.field_reference_value)
            return lambda scope: scope.item.get(path)
        if kind == "variable_reference_value":
            return _variable(value.variable_reference_value)
        if kind == "function_value":
            return self._function(value.function_value)
        if kind == "pipeline_value":
            raise InvalidArgument("A pipeline can only be used inside array(...) or scalar(...).")
        if not _is_dynamic(value):
            return lambda _: value
        if kind == "array_value":
            elements = [self.compile(one) for one in value.array_value.values]
            return lambda scope: array(one(scope) for one in elements)
        fields = self.fields(value)
        return lambda scope: mapping({name: one(scope) for name, one in fields.items()})

    def fields(self, value: Message) -> dict[str, Evaluate]:
        """The expressions of a map by their names, as stages take them.

        Raises:
            InvalidArgument: it is no map.
        """
        if value.WhichOneof("value_type") != "map_value":
            raise InvalidArgument("Expected a map of expressions.")
        return {name: self.compile(one) for name, one in value.map_value.fields.items()}

    def _function(self, message: Message) -> Evaluate:
        name = message.name
        pipelines = [one for one in message.args if one.WhichOneof("value_type") == "pipeline_value"]
        if name in {"array", "scalar"} and len(pipelines) == len(message.args) == 1:
            return _SUBQUERIES[name](self._subquery(pipelines[0].pipeline_value))
        arguments = [self.compile(one) for one in message.args]
        if name in _FORMS:
            form, least, most = _FORMS[name]
            check_count(name, len(arguments), least, most)
            compiled: Evaluate = form(arguments)
            return compiled
        function = FUNCTIONS.get(name)
        if function is None:
            raise InvalidArgument(f"Unknown function '{name}'.")
        check_count(name, len(arguments), function.least, function.most)
        return lambda scope: function.apply([one(scope) for one in arguments])


def _is_dynamic(value: Message) -> bool:
    kind = value.WhichOneof("value_type")
    if kind == "array_value":
        return any(map(_is_dynamic, value.array_value.values))
    if kind == "map_value":
        return any(map(_is_dynamic, value.map_value.fields.values()))
    return kind in _DYNAMIC


def _variable(name: str) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        if name not in scope.variables:
            raise InvalidArgument(f"Unknown variable '{name}'.")
        return scope.variables[name]

    return evaluate


def _content(item: Item) -> Maybe:
    """What a subquery's result counts for: the value of its only field, or else all fields as a map."""
    return next(iter(item.fields.values())) if len(item.fields) == 1 else mapping(item.fields)


def _array_of(subquery: Subquery) -> Evaluate:
    return lambda scope: array(map(_content, subquery(scope)))


def _scalar(subquery: Subquery) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        items = subquery(scope)
        if len(items) > 1:
            raise EvaluationError("A scalar subquery returned multiple results.")
        return _content(items[0]) if items else NULL_VALUE

    return evaluate


_SUBQUERIES: dict[str, Callable[[Subquery], Evaluate]] = {"array": _array_of, "scalar": _scalar}


def _document_matches(arguments: Sequence[Evaluate]) -> Evaluate:
    def evaluate(scope: Scope) -> Maybe:
        query = textsearch.parse_text_query(text_of(arguments[0](scope), "document_matches"))
        return boolean(textsearch.match(query, scope.item) is not None)

    return evaluate


_FORMS = logic.FORMS | {
    "document_matches": (_document_matches, 1, 1),
    "score": (lambda _: lambda scope: double(scope.item.score), 0, 0),
}
