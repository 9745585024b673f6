"""Filters of structured queries.

Source: google/firestore/v1/query.proto and https://cloud.google.com/firestore/docs/query-data/queries.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from local.firestore import ordering
from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import NAME, FieldPath, parse_field_path
from local.firestore.ordering import order_key
from local.firestore.protos import CompositeFilter, FieldFilter, Message, UnaryFilter
from local.firestore.rows import Row

Predicate = Callable[[Row], bool]

MAX_DISJUNCTIONS = 30
MAX_NOT_IN = 10

_OP = FieldFilter.Operator.Name
_UNARY_OP = UnaryFilter.Operator.Name
INEQUALITIES = {
    "LESS_THAN",
    "LESS_THAN_OR_EQUAL",
    "GREATER_THAN",
    "GREATER_THAN_OR_EQUAL",
    "NOT_EQUAL",
    "NOT_IN",
}
_NULL_KEY = bytes([ordering.NULL])
_NAN_KEY = bytes([ordering.NAN])
_NUMERIC = {ordering.NAN, ordering.NUMBER}


@dataclass(frozen=True)
class Condition:
    """One comparison of one field; unary filters are written as the comparison they mean."""

    path: FieldPath
    op: str
    operand: Message

    @property
    def inequality(self) -> bool:
        """Whether results are implicitly ordered by the field."""
        return self.op in INEQUALITIES

    def key(self) -> bytes:
        """The order key of the operand."""
        return order_key(self.operand)

    def operand_keys(self) -> list[bytes]:
        """The order keys of the operand's elements, for the operators that take a list."""
        return [order_key(value) for value in self.operand.array_value.values]


@dataclass(frozen=True)
class Junction:
    """Several filters joined by AND or OR."""

    parts: "tuple[Filter, ...]"
    any: bool


Filter = Condition | Junction


def parse_filter(message: Message) -> Filter | None:
    """Read a filter and check it by itself.

    Raises:
        InvalidArgument: when Firestore would refuse it.
    """
    kind = message.WhichOneof("filter_type")
    if kind is None:
        return None
    if kind == "composite_filter":
        return _junction(message.composite_filter)
    return _field(message.field_filter) if kind == "field_filter" else _unary(message.unary_filter)


def _junction(message: Message) -> Filter | None:
    if message.op == CompositeFilter.Operator.OPERATOR_UNSPECIFIED:
        raise InvalidArgument("Composite filter must have an operator.")
    parts = tuple(part for one in message.filters if (part := parse_filter(one)) is not None)
    if not parts:
        raise InvalidArgument("Composite filter must have at least one sub-filter.")
    return parts[0] if len(parts) == 1 else Junction(parts, message.op == CompositeFilter.Operator.OR)


def _field(message: Message) -> Condition:
    condition = Condition(parse_field_path(message.field.field_path), _OP(message.op), message.value)
    if condition.op == "OPERATOR_UNSPECIFIED":
        raise InvalidArgument("Field filter must have an operator.")
    if condition.op in {"IN", "NOT_IN", "ARRAY_CONTAINS_ANY"}:
        _check_list(condition)
    if condition.path == NAME:
        _check_name(condition)
    return condition


def _check_list(condition: Condition) -> None:
    if condition.operand.WhichOneof("value_type") != "array_value":
        raise InvalidArgument(f"'{condition.op}' requires an array value.")
    count, most = (
        len(condition.operand.array_value.values),
        MAX_NOT_IN if condition.op == "NOT_IN" else MAX_DISJUNCTIONS,
    )
    if not count:
        raise InvalidArgument(f"'{condition.op}' requires an non-empty ArrayValue.")
    if count > most:
        raise InvalidArgument(f"'{condition.op}' supports up to {most} comparison values.")


def _check_name(condition: Condition) -> None:
    values = [condition.operand]
    if condition.op in {"IN", "NOT_IN"}:
        values = list(condition.operand.array_value.values)
    if any(value.WhichOneof("value_type") != "reference_value" for value in values):
        raise InvalidArgument("__key__ filter value must be a Key")


def _unary(message: Message) -> Condition:
    op = _UNARY_OP(message.op)
    if op == "OPERATOR_UNSPECIFIED":
        raise InvalidArgument("Unary filter must have an operator.")
    operand = FieldFilter().value
    if op in {"IS_NAN", "IS_NOT_NAN"}:
        operand.double_value = float("nan")
    else:
        operand.null_value = 0
    return Condition(
        parse_field_path(message.field.field_path), "NOT_EQUAL" if "NOT" in op else "EQUAL", operand
    )


def conditions(part: Filter | None) -> Iterator[Condition]:
    """Every comparison in a filter."""
    if isinstance(part, Condition):
        yield part
    elif part is not None:
        for inner in part.parts:
            yield from conditions(inner)


def required(part: Filter | None) -> Iterator[Condition]:
    """The comparisons that every result must satisfy."""
    if isinstance(part, Condition):
        yield part
    elif part is not None and not part.any:
        for inner in part.parts:
            yield from required(inner)


def disjunctions(part: Filter | None) -> int:
    """How many alternatives a filter has in disjunctive normal form; Firestore allows 30."""
    if part is None:
        return 1
    if isinstance(part, Condition):
        return len(part.operand.array_value.values) if part.op in {"IN", "ARRAY_CONTAINS_ANY"} else 1
    counts = [disjunctions(inner) for inner in part.parts]
    total = sum(counts) if part.any else 1
    if not part.any:
        for count in counts:
            total *= count
    return total


def alternatives(part: Filter | None) -> Iterator[list[Condition]]:
    """The conjunctions of a filter's disjunctive normal form."""
    if part is None:
        yield []
    elif isinstance(part, Condition):
        yield [part]
    elif part.any:
        for inner in part.parts:
            yield from alternatives(inner)
    else:
        for chosen in product(*(list(alternatives(inner)) for inner in part.parts)):
            yield [condition for conjunction in chosen for condition in conjunction]


def predicate(part: Filter | None) -> Predicate:
    """A function that tells whether a row matches."""
    if part is None:
        return lambda _: True
    if isinstance(part, Condition):
        return _PREDICATES[part.op](part)
    tests = [predicate(inner) for inner in part.parts]
    if part.any:
        return lambda row: any(test(row) for test in tests)
    return lambda row: all(test(row) for test in tests)


def _equal(condition: Condition) -> Predicate:
    path, wanted = condition.path, condition.key()
    return lambda row: row.key(path) == wanted


def _compare(test: Callable[[bytes, bytes], bool]) -> Callable[[Condition], Predicate]:
    """Order comparisons hold between values of one type only."""

    def make(condition: Condition) -> Predicate:
        path, wanted = condition.path, condition.key()
        tag = wanted[0]

        def matches(row: Row) -> bool:
            key = row.key(path)
            return key is not None and key[0] == tag and test(key, wanted)

        return matches

    return make


def _not_equal(condition: Condition) -> Predicate:
    path, wanted = condition.path, condition.key()
    return lambda row: (key := row.key(path)) is not None and key not in (wanted, _NULL_KEY)


def _in(condition: Condition) -> Predicate:
    path, wanted = condition.path, frozenset(condition.operand_keys())
    return lambda row: row.key(path) in wanted


def _not_in(condition: Condition) -> Predicate:
    path, wanted = condition.path, frozenset(condition.operand_keys())
    if _NULL_KEY in wanted:
        return lambda _: False
    return lambda row: (key := row.key(path)) is not None and key != _NULL_KEY and key not in wanted


def _contains(path: FieldPath, wanted: frozenset[bytes]) -> Predicate:
    def matches(row: Row) -> bool:
        value = row.value(path)
        if value is None or value.WhichOneof("value_type") != "array_value":
            return False
        return any(order_key(element) in wanted for element in value.array_value.values)

    return matches


def _less(left: bytes, right: bytes) -> bool:
    return left < right


def _greater(left: bytes, right: bytes) -> bool:
    return left > right


_PREDICATES: dict[str, Callable[[Condition], Predicate]] = {
    "EQUAL": _equal,
    "NOT_EQUAL": _not_equal,
    "LESS_THAN": _compare(_less),
    "LESS_THAN_OR_EQUAL": _compare(lambda left, right: left <= right),
    "GREATER_THAN": _compare(_greater),
    "GREATER_THAN_OR_EQUAL": _compare(lambda left, right: left >= right),
    "IN": _in,
    "NOT_IN": _not_in,
    "ARRAY_CONTAINS": lambda condition: _contains(condition.path, frozenset([condition.key()])),
    "ARRAY_CONTAINS_ANY": lambda condition: _contains(condition.path, frozenset(condition.operand_keys())),
}
