"""Which indexes a query needs, and whether there are such.

Source: https://cloud.google.com/firestore/docs/query-data/index-overview. Unless a declaration says
otherwise every field has its own index in both directions and for array membership, of collections but not
of collection groups; those serve equalities in any number, and one range or order. Equalities together with
an order need a composite index, or several that each end in that order and together hold all the equalities.
"""

from collections.abc import Iterable

from local.firestore.errors import FailedPrecondition
from local.firestore.fieldpaths import NAME, format_field_path, parse_field_path
from local.firestore.filters import Condition, alternatives
from local.firestore.indexfiles import Index, IndexField, Override
from local.firestore.nearest import parse_nearest
from local.firestore.query import Query

_KINDS = {"EQUAL": "ASC", "IN": "ASC", "ARRAY_CONTAINS": "CONTAINS", "ARRAY_CONTAINS_ANY": "CONTAINS"}
_REVERSED = {"ASC": "DESC", "DESC": "ASC"}


_AUTOMATIC = Override("", "*", alone=frozenset({"ASC", "DESC", "CONTAINS"}), group=frozenset())


class Indexes:
    """The indexes of a project: the composite ones, and what is changed about those of single fields."""

    def __init__(self, declared: Iterable[Index], overrides: Iterable[Override] = ()) -> None:
        self._declared = list(declared)
        self._overrides = {(one.collection, one.path): one for one in overrides}

    def check(self, query: Query) -> None:
        """Refuse a query that production could not run.

        Raises:
            FailedPrecondition: naming the index that is missing.
        """
        for alternative in alternatives(query.filter):
            prefix, tail = needed(query, alternative)
            if tail and (len(prefix) + len(tail) > 1 or tail[-1].kind.startswith("VECTOR")):
                self._check_served(query, prefix, tail)
            elif query.collection_id:
                self._check_fields(query, prefix, tail)

    def _check_fields(self, query: Query, prefix: set[IndexField], tail: list[IndexField]) -> None:
        """Refuse what neither indexes over single fields serve nor composite ones over equalities."""
        joined = {
            one
            for index in self._declared
            if index.collection == query.collection_id and index.group == query.descendants
            if {field.path for field in index.fields} <= {one.path for one in prefix}
            for one in index.fields
        }
        for one in [*sorted(prefix - joined, key=lambda one: one.path), *tail]:
            kinds = self._of_field(query, one.path)
            if one.kind not in kinds and not (one in prefix and one.kind == "ASC" and "DESC" in kinds):
                scope = "COLLECTION_GROUP" if query.descendants else "COLLECTION"
                raise FailedPrecondition(
                    f"The query requires a {scope}_{one.kind} index for collection {query.collection_id} and "
                    f"field {one.path}. Declare it as a single-field index."
                )

    def _of_field(self, query: Query, path: str) -> frozenset[str]:
        """The kinds of single-field indexes; what a map has, its members have too."""
        override = _AUTOMATIC
        names = parse_field_path(path)
        for place in ("*", *(format_field_path(names[:end]) for end in range(1, len(names) + 1))):
            override = self._overrides.get((query.collection_id, place), override)
        return override.group if query.descendants else override.alone

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
