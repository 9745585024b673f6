"""Rows by attribute: what makes a restricted search cost a few array operations.

A row is never reused: a changed datapoint gets a new row and its old one is marked dead. So everything
here only grows at the end, and a filter is a union of row lists, not a walk over datapoints.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vertex import messages as m

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]

COMPARE: dict[int, Callable[[Any, Any], Any]] = {
    m.LESS: operator.lt,
    m.LESS_EQUAL: operator.le,
    m.EQUAL: operator.eq,
    m.GREATER_EQUAL: operator.ge,
    m.GREATER: operator.gt,
    m.NOT_EQUAL: operator.ne,
}


class Column:
    """Numbers that only grow at the end; doubling keeps an append cheap."""

    def __init__(self, dtype: Any) -> None:
        self._data: NDArray[Any] = np.empty(4, dtype)
        self._length = 0

    def append(self, value: Any) -> None:
        """Add one."""
        if self._length == len(self._data):
            self._data = np.concatenate([self._data, np.empty_like(self._data)])
        self._data[self._length] = value
        self._length += 1

    def view(self) -> NDArray[Any]:
        """All of them, not copied."""
        return self._data[: self._length]


class _Values:
    """The rows that have a number, and the numbers."""

    def __init__(self, dtype: Any) -> None:
        self.rows, self.numbers = Column(np.int32), Column(dtype)

    def append(self, row: int, number: float) -> None:
        self.rows.append(row)
        self.numbers.append(number)


NUMBER_TYPES = {"value_int": np.int64, "value_float": np.float32, "value_double": np.float64}


class Postings:
    """Token, numeric and sparse postings of one index."""

    def __init__(self, *, absent_matches: bool = False) -> None:
        """`absent_matches`: a datapoint without a namespace passes its allow list."""
        self._absent_matches = absent_matches
        self._allow: dict[tuple[str, str], Column] = defaultdict(lambda: Column(np.int32))
        self._deny: dict[tuple[str, str], Column] = defaultdict(lambda: Column(np.int32))
        self._numbers: dict[tuple[str, str], _Values] = {}
        self._sparse: dict[int, _Values] = defaultdict(lambda: _Values(np.float32))

    def add(self, row: int, datapoint: Any) -> None:
        """Note a datapoint's attributes under its row."""
        for restrict in datapoint.restricts:
            for token in dict.fromkeys(restrict.allow_list):
                self._allow[restrict.namespace, token].append(row)
            for token in dict.fromkeys(restrict.deny_list):
                self._deny[restrict.namespace, token].append(row)
        for number in datapoint.numeric_restricts:
            kind = number.WhichOneof("Value")
            values = self._numbers.setdefault((number.namespace, kind), _Values(NUMBER_TYPES[kind]))
            values.append(row, getattr(number, kind))
        sparse = dict(
            zip(datapoint.sparse_embedding.dimensions, datapoint.sparse_embedding.values, strict=True)
        )
        for dimension, value in sparse.items():
            self._sparse[dimension].append(row, value)

    def restrict(self, mask: Mask, query: Any) -> None:
        """Clear the rows of `mask` that the query's restricts exclude.

        Source: https://cloud.google.com/vertex-ai/docs/vector-search/filtering. Namespaces are joined by AND,
        the allowed tokens of one by OR; a denied token excludes, whether the query denies what the datapoint
        has or the datapoint denies what the query asks for; a datapoint without the namespace fails an allow
        list and passes a deny list. A number matches only numbers of its own type.
        """
        for restrict in query.restricts:
            namespace = restrict.namespace
            if restrict.allow_list:
                allowed = self._union(len(mask), self._allow, namespace, restrict.allow_list)
                if self._absent_matches:
                    every = [token for name, token in self._allow if name == namespace]
                    allowed |= ~self._union(len(mask), self._allow, namespace, every)
                mask &= allowed
                self._clear(mask, self._deny, namespace, restrict.allow_list)
            self._clear(mask, self._allow, namespace, restrict.deny_list)
        for number in query.numeric_restricts:
            kind = number.WhichOneof("Value")
            hit = np.zeros(len(mask), np.bool_)
            values = self._numbers.get((number.namespace, kind))
            if values is not None:
                wanted = NUMBER_TYPES[kind](getattr(number, kind))
                hit[values.rows.view()[COMPARE[number.op](values.numbers.view(), wanted)]] = True
            mask &= hit

    def sparse_scores(self, length: int, sparse: Any) -> NDArray[np.float32]:
        """The dot product with every row's sparse vector, shape (length,); 0 where nothing is shared."""
        scores = np.zeros(length, np.float32)
        for dimension, value in zip(sparse.dimensions, sparse.values, strict=True):
            if dimension in self._sparse:
                posting = self._sparse[dimension]
                scores[posting.rows.view()] += np.float32(value) * posting.numbers.view()
        return scores

    @staticmethod
    def _union(
        length: int, postings: dict[tuple[str, str], Column], namespace: str, tokens: Iterable[str]
    ) -> Mask:
        hit = np.zeros(length, np.bool_)
        for token in tokens:
            if (namespace, token) in postings:
                hit[postings[namespace, token].view()] = True
        return hit

    @staticmethod
    def _clear(
        mask: Mask, postings: dict[tuple[str, str], Column], namespace: str, tokens: Iterable[str]
    ) -> None:
        for token in tokens:
            if (namespace, token) in postings:
                mask[postings[namespace, token].view()] = False
