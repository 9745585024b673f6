"""The vectors in a field of a large collection, kept as one matrix after a search first needed them.

Like the indexes over fields they only tell which documents to look at, and in which order: a candidate is
read, held against the whole query, and its distance calculated from what is stored.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from local.firestore.catalog import Collection
from local.firestore.fieldpaths import FieldPath
from local.firestore.nearest import (
    BLOCK,
    Matrix,
    Nearest,
    best,
    estimates,
    packed,
    rank,
    unpacked,
    with_distance,
)
from local.firestore.query import Query
from local.firestore.rows import Row
from local.firestore.versions import Change, Stored

BUDGET = 128 * 1024 * 1024
"""Bytes of all matrices together."""

_ERROR = 1e-5
"""More than single precision is wrong by, for vectors of length one."""
_STALE = 10
"""A matrix is made anew when more than one in so many of its documents have changed."""


@dataclass
class Vectors:
    """The vectors of one field: a matrix of single precision, and the documents that changed since."""

    places: dict[bytes, int]
    """The row in the matrix of each document, in the order of names."""
    matrix: Matrix
    longest: float
    changed: set[bytes] = field(default_factory=set)

    def near(self, wanted: Nearest, names: list[bytes] | None) -> Iterator[tuple[float, bytes]]:
        """Unchanged documents and the least their rank can be, nearest first; of all, or of those named."""
        keys = list(self.places) if names is None else [name for name in names if name in self.places]
        rows = self.matrix if names is None else self.matrix[[self.places[key] for key in keys]]
        if not keys:
            return
        ranks = estimates(wanted, (rows[start : start + BLOCK] for start in range(0, len(keys), BLOCK)))
        margin = _ERROR * (1 + self.longest) * (1 + float(np.linalg.norm(wanted.vector)))
        for place in np.argsort(ranks, kind="stable"):
            if keys[place] not in self.changed and not np.isnan(ranks[place]):
                yield float(ranks[place]) - margin, keys[place]


class VectorIndexes:
    """The matrices in use. `load` reads a collection's documents in order, `read` one of them."""

    def __init__(
        self,
        load: Callable[[Collection], Iterable[Stored]],
        read: Callable[[Collection, bytes], bytes | None],
        budget: int = BUDGET,
    ) -> None:
        self._load, self._read, self._budget = load, read, budget
        self._kept: OrderedDict[tuple[int, FieldPath, int], Vectors] = OrderedDict()
        self._too_large: dict[tuple[int, FieldPath, int], int] = {}
        """How many documents a collection had whose vectors did not fit."""

    def apply(self, changes: Iterable[Change]) -> None:
        """Follow a commit."""
        for change in changes if self._kept else ():
            for (number, _, _), vectors in self._kept.items():
                if number == change.collection.number:
                    vectors.changed.add(change.key)

    def search(
        self, collection: Collection, query: Query, wanted: Nearest, names: list[bytes] | None
    ) -> list[Row] | None:
        """The nearest of the query's results, which are among the names; None when the vectors do not fit."""
        vectors = self._vectors(collection, wanted)
        if vectors is None:
            return None
        rows: dict[bytes, Row] = {}
        ranked = [
            found for key in vectors.changed if (found := self._held(collection, key, query, wanted, rows))
        ]
        ranked.sort()
        for least, key in vectors.near(wanted, names):
            reached = ranked[wanted.limit - 1][0] if len(ranked) >= wanted.limit else wanted.farthest
            if least > reached:
                break
            found = self._held(collection, key, query, wanted, rows)
            if found:
                ranked.append(found)
                ranked.sort()
                del ranked[wanted.limit :]
        return [with_distance(rows[key], wanted, one) for one, key in best(wanted, ranked)]

    def _held(
        self, collection: Collection, key: bytes, query: Query, wanted: Nearest, rows: dict[bytes, Row]
    ) -> tuple[float, bytes] | None:
        """The exact rank of a document that is a result and has a vector; its row goes into `rows`."""
        body = self._read(collection, key)
        row = Row(body) if body is not None else None
        if row is None or not query.contains(row):
            return None
        vector = packed(row, wanted.path, len(wanted.vector))
        exact = rank(wanted, vector) if vector else np.nan
        if np.isnan(exact):
            return None
        rows[key] = row
        return exact, key

    def _vectors(self, collection: Collection, wanted: Nearest) -> Vectors | None:
        name = (collection.number, wanted.path, len(wanted.vector))
        kept = self._kept.get(name)
        if kept is None or len(kept.changed) * _STALE > len(kept.places):
            self._kept.pop(name, None)
            if collection.live >= self._too_large.get(name, collection.live + 1):
                return None
            kept = self._made(collection, wanted.path, len(wanted.vector))
            if kept is None:
                self._too_large[name] = collection.live
                return None
            self._kept[name] = kept
        self._kept.move_to_end(name)
        while sum(one.matrix.nbytes for one in self._kept.values()) > self._budget:
            self._kept.popitem(last=False)
        return kept

    def _made(self, collection: Collection, path: FieldPath, size: int) -> Vectors | None:
        most = self._budget // (size * np.dtype(np.float32).itemsize)
        keys: list[bytes] = []
        blocks, block = [np.empty((0, size), np.float32)], list[bytes]()
        for stored in self._load(collection):
            vector = packed(Row(stored.body), path, size)
            if vector:
                keys.append(stored.key)
                block.append(vector)
            if len(block) == BLOCK:
                blocks.append(_single(block))
                block = []
            if len(keys) > most:
                return None
        matrix = np.concatenate([*blocks, _single(block)] if block else blocks)
        longest = float(np.linalg.norm(matrix, axis=1).max(initial=0.0))
        places = {key: place for place, key in enumerate(keys)}
        return Vectors(places, matrix, longest) if np.isfinite(longest) else None


def _single(block: list[bytes]) -> Matrix:
    with np.errstate(over="ignore"):
        return unpacked(block).astype(np.float32)
