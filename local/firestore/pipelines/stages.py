"""The stages that filter, order and change items.

Source: https://firebase.google.com/docs/firestore/pipelines/stages and the comment on Pipeline.Stage in
google/firestore/v1/document.proto.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from local.firestore.errors import InvalidArgument
from local.firestore.fieldpaths import FieldPath, parse_field_path
from local.firestore.ordering import inverted
from local.firestore.pipelines.aggregates import parse_accumulator
from local.firestore.pipelines.expressions import Expressions
from local.firestore.pipelines.implied import name_key
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.scopes import Evaluate, Frame, Scope
from local.firestore.pipelines.values import (
    NULL_VALUE,
    Maybe,
    comparable_key,
    fields_of,
    integer,
    is_true,
    key_of,
    type_of,
)
from local.firestore.protos import Message

Stage = Callable[[Frame, list[Item]], list[Item]]
Paths = list[tuple[FieldPath, Evaluate]]

_MODES = {"full_replace", "merge_overwrite_existing", "merge_keep_existing"}


def argument(stage: Message, position: int = 0) -> Message:
    """An argument that must be there.

    Raises:
        InvalidArgument: it is not.
    """
    if position >= len(stage.args):
        raise InvalidArgument(f"Stage '{stage.name}' requires {position + 1} arguments.")
    return stage.args[position]


def whole_number(value: Message, what: str) -> int:
    """An argument that must be an integer of at least 0.

    Raises:
        InvalidArgument: naming `what` it is for.
    """
    if value.WhichOneof("value_type") != "integer_value" or value.integer_value < 0:
        raise InvalidArgument(f"{what} must be an integer that is not negative.")
    return int(value.integer_value)


def path_of(value: Message, what: str) -> FieldPath:
    """An argument that must be a field.

    Raises:
        InvalidArgument: naming `what` it is for.
    """
    kind = value.WhichOneof("value_type")
    if kind == "field_reference_value":
        return parse_field_path(value.field_reference_value)
    if kind == "string_value":
        return parse_field_path(value.string_value)
    raise InvalidArgument(f"{what} must be a field.")


def aliased(value: Message, expressions: Expressions) -> Paths:
    """The expressions of a map, by the paths they are to be stored at."""
    return [(parse_field_path(name), one) for name, one in expressions.fields(value).items()]


def _put_all(onto: Item, scope: Scope, paths: Paths) -> Item:
    for path, expression in paths:
        onto = onto.put(path, expression(scope))
    return onto


def _where(stage: Message, expressions: Expressions) -> Stage:
    condition = expressions.compile(argument(stage))
    return lambda frame, items: [one for one in items if is_true(condition(frame.scope(one)))]


def _select(stage: Message, expressions: Expressions) -> Stage:
    paths = aliased(argument(stage), expressions)

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        return [
            _put_all(Item({}, variables=one.variables, score=one.score), frame.scope(one), paths)
            for one in items
        ]

    return run


def _add_fields(stage: Message, expressions: Expressions) -> Stage:
    paths = aliased(argument(stage), expressions)
    return lambda frame, items: [_put_all(one, frame.scope(one), paths) for one in items]


def _remove_fields(stage: Message, _: Expressions) -> Stage:
    paths = [path_of(one, "An argument of remove_fields(...)") for one in stage.args]

    def run(_: Frame, items: list[Item]) -> list[Item]:
        for path in paths:
            items = [one.put(path, None) for one in items]
        return items

    return run


def _let(stage: Message, expressions: Expressions) -> Stage:
    variables = expressions.fields(argument(stage))

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        return [
            replace(
                one,
                variables={
                    **one.variables,
                    **{name: expression(frame.scope(one)) for name, expression in variables.items()},
                },
            )
            for one in items
        ]

    return run


def parse_orders(orders: Sequence[Message], expressions: Expressions) -> Callable[[Scope], bytes]:
    """A key that sorts as a list of {expression, direction} says; absent comes before null.

    Equals are ordered by name in the last direction, as in a query.

    Raises:
        InvalidArgument: a direction or an expression is missing.
    """
    parsed: list[tuple[Evaluate, bool]] = []
    for order in orders:
        fields = order.map_value.fields
        direction = fields["direction"].string_value if "direction" in fields else "ascending"
        if "expression" not in fields or direction not in {"ascending", "descending"}:
            raise InvalidArgument("An ordering requires an expression, and ascending or descending.")
        parsed.append((expressions.compile(fields["expression"]), direction == "descending"))
    if not parsed:
        raise InvalidArgument("sort(...) requires at least one ordering.")

    def key(scope: Scope) -> bytes:
        parts = []
        for expression, descending in parsed:
            found = key_of(expression(scope)) or b"\0"
            parts.append(inverted(found) if descending else found)
        parts.append(name_key(scope.item, descending=parsed[-1][1]))
        return b"".join(parts)

    return key


def _sort(stage: Message, expressions: Expressions) -> Stage:
    key = parse_orders(stage.args, expressions)
    return lambda frame, items: sorted(items, key=lambda one: key(frame.scope(one)))


def _offset(stage: Message, _: Expressions) -> Stage:
    count = whole_number(argument(stage), "The argument of offset(...)")
    return lambda _, items: items[count:]


def _limit(stage: Message, _: Expressions) -> Stage:
    count = whole_number(argument(stage), "The argument of limit(...)")
    return lambda _, items: items[:count]


def _sample(stage: Message, _: Expressions) -> Stage:
    amount, mode = argument(stage), argument(stage, 1).string_value
    if mode == "documents":
        count = whole_number(amount, "The number of documents of sample(...)")
        return lambda _, items: random.sample(items, min(count, len(items)))
    share = amount.double_value or float(amount.integer_value)
    if mode != "percent" or not 0 <= share <= 1:
        raise InvalidArgument("sample(...) requires a number of documents, or a percent between 0 and 1.")
    return lambda _, items: [one for one in items if random.random() < share]  # noqa: S311 - a sample


def _distinct(stage: Message, expressions: Expressions) -> Stage:
    groups = aliased(argument(stage), expressions)
    if not groups:
        raise InvalidArgument("distinct(...) requires at least one field.")
    return lambda frame, items: [head for head, _ in _grouped(frame, items, groups)]


def _grouped(frame: Frame, items: list[Item], groups: Paths) -> list[tuple[Item, list[Scope]]]:
    """The groups in the order of their first members: a row of the group's fields, and the members."""
    found: dict[bytes, tuple[Item, list[Scope]]] = {}
    for one in items:
        scope = frame.scope(one)
        values = [expression(scope) for _, expression in groups]
        key = b"".join(map(comparable_key, values))
        if key not in found:
            head = Item({}, variables=frame.variables)
            for (path, _), value in zip(groups, values, strict=True):
                head = head.put(path, NULL_VALUE if value is None else value)
            found[key] = (head, [])
        found[key][1].append(scope)
    return list(found.values())


def _aggregate(stage: Message, expressions: Expressions) -> Stage:
    functions = argument(stage).map_value.fields
    accumulators = [
        (parse_field_path(alias), parse_accumulator(one, expressions)) for alias, one in functions.items()
    ]
    groups = aliased(stage.args[1], expressions) if len(stage.args) > 1 else []
    if not accumulators:
        raise InvalidArgument("The aggregate(...) stage requires at least one accumulator.")

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        rows = _grouped(frame, items, groups)
        if not groups and not rows:
            rows = [(Item({}, variables=frame.variables), [])]
        made = []
        for row, members in rows:
            head = row
            for path, accumulator in accumulators:
                head = head.put(path, accumulator.over(members))
            made.append(head)
        return made

    return run


def _unnest(stage: Message, expressions: Expressions) -> Stage:
    """A row for each element. Without an array the item stays as it is, with null for the index."""
    source = expressions.compile(argument(stage))
    alias = path_of(argument(stage, 1), "The alias of unnest(...)")
    has_index = "index_field" in stage.options
    index = path_of(stage.options["index_field"], "index_field") if has_index else None

    def rows(item: Item, value: Maybe) -> list[Item]:
        if value is None or type_of(value) != "array":
            return [item.put(index, NULL_VALUE) if index else item]
        elements = enumerate(value.array_value.values)
        return [
            item.put(alias, one).put(index, integer(place)) if index else item.put(alias, one)
            for place, one in elements
        ]

    return lambda frame, items: [row for one in items for row in rows(one, source(frame.scope(one)))]


def _replace_with(stage: Message, expressions: Expressions) -> Stage:
    source = expressions.compile(argument(stage))
    mode = stage.args[1].string_value if len(stage.args) > 1 else "full_replace"
    if mode not in _MODES:
        raise InvalidArgument(f"replace_with(...) does not know the mode '{mode}'.")

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        made = []
        for one in items:
            value = source(frame.scope(one))
            fields = fields_of(NULL_VALUE if value is None else value, "replace_with")
            if mode == "full_replace":
                made.append(Item(fields, variables=one.variables))
            elif mode == "merge_overwrite_existing":
                made.append(replace(one, fields={**one.fields, **fields}))
            else:
                made.append(replace(one, fields={**fields, **one.fields}))
        return made

    return run


STAGES: dict[str, Callable[[Message, Expressions], Stage]] = {
    "where": _where,
    "select": _select,
    "add_fields": _add_fields,
    "remove_fields": _remove_fields,
    "let": _let,
    "sort": _sort,
    "offset": _offset,
    "limit": _limit,
    "sample": _sample,
    "distinct": _distinct,
    "aggregate": _aggregate,
    "unnest": _unnest,
    "replace_with": _replace_with,
}
"""The stages that need nothing but their arguments, by name."""
