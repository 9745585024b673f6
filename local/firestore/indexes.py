"""Which queries need a composite index, and whether one of those declared serves them.

Source: https://cloud.google.com/firestore/docs/query-data/index-overview. Every field has its own index
in both directions and for array membership; those serve equalities in any number, and one range or order.
Equalities together with an order need a composite index, or several that each end in that order and
together hold all the equalities.
"""

from collections.abc import Iterable, Iterator
from itertools import product

from local.firestore.errors import FailedPrecondition
from local.firestore.fieldpaths import NAME, format_field_path
from local.firestore.filters import Condition, Filter
from local.firestore.indexfiles import Index, IndexField
from local.firestore.nearest import parse_nearest
from local.firestore.query import Query

_KINDS = {"EQUAL": "ASC", "IN": "ASC", "ARRAY_CONTAINS": "CONTAINS", "ARRAY_CONTAINS_ANY": "CONTAINS"}
_REVERSED = {"ASC": "DESC", "DESC": "ASC"}


class Indexes:
    """The composite indexes of a project."""

    def __init__(self, declared: Iterable[Index]) -> None:
        self._declared = list(declared)

    def check(self, query: Query) -> None:
        """Refuse a query that production could not run.

        Raises:
            FailedPrecondition: naming the index that is missing.
        """
        for alternative in alternatives(query.filter):
            prefix, tail = needed(query, alternative)
            if tail and (len(prefix) + len(tail) > 1 or tail[-1].kind.startswith("VECTOR")):
                self._check_served(query, prefix, tail)

    def _check_served(self, query: Query, prefix: set[IndexField], tail: list[IndexField]) -> None:
        covered: set[str] = set()
        for index in self._declared:
            head = index.fields[: len(index.fields) - len(tail)]
            own = {one.path for one in head}
            matches = index.collection == query.collection_id and index.group == query.descendants
            if matches and _ends_in(index, tail) and own <= {one.path for one in prefix}:
                covered |= own
                if covered == {one.path for one in prefix}:
                    return
        fields = [*sorted(prefix, key=lambda one: one.path), *tail]
        listed = ", ".join(f"{one.path} {one.kind}" for one in fields)
        scope = "COLLECTION_GROUP" if query.descendants else "COLLECTION"
        raise FailedPrecondition(
            f'The query requires an index. Declare it: collection "{query.collection_id}", '
            f"query_scope {scope}, fields ({listed})."
        )


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


def needed(query: Query, conditions: list[Condition]) -> tuple[set[IndexField], list[IndexField]]:
    """The fields an index must begin with, in any order, and those it must end in."""
    equal = {
        IndexField(format_field_path(one.path), _KINDS[one.op])
        for one in conditions
        if one.op in _KINDS and one.path != NAME
    }
    if query.nearest is not None:
        wanted = parse_nearest(query.nearest)
        return equal, [IndexField(format_field_path(wanted.path), f"VECTOR<{len(wanted.vector)}>")]
    paths = {one.path for one in equal if one.kind == "ASC"}
    tail = [
        IndexField(format_field_path(order.path), "DESC" if order.descending else "ASC")
        for order in query.orders
        if order.path != NAME
    ]
    return equal, [one for one in tail if one.path not in paths]


def _ends_in(index: Index, tail: list[IndexField]) -> bool:
    end = list(index.fields[-len(tail) :])
    return end == tail or end == [IndexField(one.path, _REVERSED.get(one.kind, one.kind)) for one in tail]
