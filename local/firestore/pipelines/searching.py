"""The stages that search: find_nearest and search.

Source: https://firebase.google.com/docs/firestore/pipelines/stages/transformation/find_nearest and
.../stages/transformation/search.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from local.firestore.errors import InvalidArgument
from local.firestore.nearest import MAX_DIMENSIONS, vector_of
from local.firestore.pipelines import textsearch
from local.firestore.pipelines.expressions import Expressions
from local.firestore.pipelines.functions.vectors import DISTANCES
from local.firestore.pipelines.items import Item
from local.firestore.pipelines.scopes import Frame
from local.firestore.pipelines.stages import Stage, aliased, argument, parse_orders, path_of, whole_number
from local.firestore.pipelines.values import double, is_true
from local.firestore.protos import Message

_DISTANCE_OPTIONS = {"limit", "distance_field", "distance_threshold"}
_SEARCH_OPTIONS = {"query", "limit", "offset", "sort", "add_fields", "retrieval_depth", "language_code"}


def _check_options(stage: Message, known: set[str]) -> None:
    unknown = sorted(set(stage.options) - known)
    if unknown:
        raise InvalidArgument(f"Stage '{stage.name}' does not know the option '{unknown[0]}'.")


def _limit(stage: Message, name: str) -> int | None:
    return whole_number(stage.options[name], name) if name in stage.options else None


def find_nearest(stage: Message, expressions: Expressions) -> Stage:
    """The items whose vectors are nearest to one, nearest first; others have no place in the result."""
    _check_options(stage, _DISTANCE_OPTIONS)
    source, wanted = expressions.compile(argument(stage)), vector_of(argument(stage, 1))
    measure = argument(stage, 2).string_value
    if measure not in DISTANCES or not 0 < len(wanted) <= MAX_DIMENSIONS:
        raise InvalidArgument("find_nearest(...) requires a vector, and euclidean, cosine or dot_product.")
    sign = -1.0 if measure == "dot_product" else 1.0
    limit, options = _limit(stage, "limit"), stage.options
    field = path_of(options["distance_field"], "distance_field") if "distance_field" in options else None
    bound = options.get("distance_threshold")
    threshold = None if bound is None else bound.double_value or float(bound.integer_value)

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        ranked: list[tuple[float, int]] = []
        for place, one in enumerate(items):
            vector = vector_of(source(frame.scope(one)))
            if len(vector) != len(wanted):
                continue
            distance = DISTANCES[measure](vector, wanted)
            if not math.isnan(distance) and (threshold is None or sign * distance <= sign * threshold):
                ranked.append((sign * distance, place))
        best = sorted(ranked)[:limit]
        return [items[at].put(field, double(sign * one)) if field else items[at] for one, at in best]

    return run


def search(stage: Message, expressions: Expressions) -> Stage:
    """The items that match a condition, scored by the texts in it that they match."""
    _check_options(stage, _SEARCH_OPTIONS)
    options = stage.options
    if "query" not in options:
        raise InvalidArgument("search(...) requires a query.")
    condition = expressions.compile(options["query"])
    texts = [textsearch.parse_text_query(one) for one in _texts(options["query"])]
    orders = parse_orders(options["sort"].array_value.values, expressions) if "sort" in options else None
    added = aliased(options["add_fields"], expressions) if "add_fields" in options else []
    depth, limit = _limit(stage, "retrieval_depth"), _limit(stage, "limit")
    offset = _limit(stage, "offset") or 0

    def run(frame: Frame, items: list[Item]) -> list[Item]:
        found = [_scored(one, texts) for one in items if is_true(condition(frame.scope(one)))][:depth]
        if orders:
            found.sort(key=lambda one: orders(frame.scope(one)))
        elif texts:
            found.sort(key=lambda one: -one.score)
        end = None if limit is None else offset + limit
        return [_with_fields(one, frame) for one in found[offset:end]]

    def _with_fields(item: Item, frame: Frame) -> Item:
        made = item
        for path, expression in added:
            made = made.put(path, expression(frame.scope(item)))
        return made

    return run


def _scored(item: Item, texts: list[textsearch.TextQuery]) -> Item:
    return replace(item, score=sum(textsearch.match(one, item) or 0.0 for one in texts))


def _texts(value: Message) -> Iterator[str]:
    """The constants that document_matches is called with, anywhere in an expression."""
    function = value.function_value
    for one in function.args:
        if function.name == "document_matches" and one.WhichOneof("value_type") == "string_value":
            yield one.string_value
        yield from _texts(one)


SEARCHES: dict[str, Callable[[Message, Expressions], Stage]] = {
    "find_nearest": find_nearest,
    "search": search,
}
"""These stages by name."""
