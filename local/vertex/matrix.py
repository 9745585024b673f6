"""One index in memory: a matrix of vectors, exact search, postings for the restricts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local.vertex import messages as m
from local.vertex.postings import Column, Mask, Postings

Scores = NDArray[np.float32]

RRF_RANK = 60
"""The constant of reciprocal rank fusion, as in Cormack, Clarke and Büttcher, SIGIR 2009."""
GATHER_SHARE = 0.1
"""Below this share of eligible rows, copying them out is cheaper than multiplying all."""
COMPACT_DEAD = 4096


@dataclass(frozen=True)
class Hit:
    """A neighbour: its datapoint without the vector, and how near it is."""

    body: bytes
    row: int
    distance: float
    sparse_distance: float


class Matrix:
    """The datapoints that a search sees. Not thread-safe: used from one thread."""

    def __init__(self, dimensions: int, measure: str, otherwise: frozenset[str] = frozenset()) -> None:
        """`measure` is one of Google's distance measure names. Raises ValueError for another."""
        if measure not in MEASURES:
            raise ValueError(f"unknown distance measure {measure}")
        self.dimensions, self.measure, self._otherwise = dimensions, measure, otherwise
        self._clear(256)

    def _clear(self, capacity: int) -> None:
        self._vectors = np.empty((capacity, self.dimensions), np.float32)
        self._norms = np.empty(capacity, np.float32)
        self._alive = np.zeros(capacity, np.bool_)
        self._crowds = Column(np.int32)
        self._crowd_codes: dict[str, int] = {"": 0}
        self._sparse = Column(np.bool_)
        self._bodies: list[bytes] = []
        self._row_of: dict[str, int] = {}
        self._postings = Postings(absent_matches="missing-namespace-matches" in self._otherwise)

    def __len__(self) -> int:
        return len(self._row_of)

    @property
    def sparse_count(self) -> int:
        """How many live datapoints have a sparse vector."""
        return int(np.count_nonzero(self._sparse.view() & self._alive[: len(self._bodies)]))

    def put(self, datapoint_id: str, vector: NDArray[np.float32], body: bytes) -> None:
        """Add a datapoint, or replace the one of this id."""
        self.remove((datapoint_id,))
        row = len(self._bodies)
        if row == len(self._vectors):
            self._grow()
        datapoint = m.IndexDatapoint.FromString(body)
        self._vectors[row] = vector
        self._norms[row] = np.linalg.norm(vector)
        self._alive[row] = True
        tag = datapoint.crowding_tag.crowding_attribute
        self._crowds.append(self._crowd_codes.setdefault(tag, len(self._crowd_codes)))
        self._sparse.append(bool(datapoint.sparse_embedding.dimensions))
        self._bodies.append(body)
        self._row_of[datapoint_id] = row
        self._postings.add(row, datapoint)

    def remove(self, ids: Iterable[str]) -> None:
        """Take datapoints out; unknown ids are passed over."""
        for one in ids:
            row = self._row_of.pop(one, None)
            if row is not None:
                self._alive[row] = False
        dead = len(self._bodies) - len(self._row_of)
        if dead > max(COMPACT_DEAD, len(self._row_of)):
            self._compact()

    def get(self, datapoint_id: str) -> tuple[NDArray[np.float32], bytes] | None:
        """A datapoint's vector and body, or None."""
        row = self._row_of.get(datapoint_id)
        return None if row is None else (self._vectors[row], self._bodies[row])

    def vector(self, row: int) -> NDArray[np.float32]:
        """The vector of a hit."""
        vector: NDArray[np.float32] = self._vectors[row]
        return vector

    def find(self, query: Any, count: int) -> list[Hit]:
        """The nearest eligible datapoints, best first; at most `count`."""
        length = len(self._bodies)
        mask: Mask = self._alive[:length].copy()
        self._postings.restrict(mask, query.datapoint)
        dense, sparse = self._dense(query.datapoint, mask), self._sparse_scores(query.datapoint, mask)
        pool = max(count, query.approximate_neighbor_count)
        if dense is not None and sparse is not None:
            ranked = self._fused(dense, sparse, query.rrf.alpha if query.HasField("rrf") else 0.5, pool)
        elif dense is not None:
            ranked = dense
        elif sparse is not None:
            ranked = sparse
        else:
            return []
        crowd = query.per_crowding_attribute_neighbor_count
        rows = self._uncrowded(ranked, count, crowd) if crowd > 0 else best(ranked, count)
        return [
            Hit(
                self._bodies[row],
                int(row),
                self._distance(dense, row),
                float(sparse[row]) if sparse is not None and np.isfinite(sparse[row]) else 0.0,
            )
            for row in rows
        ]

    def _dense(self, datapoint: Any, mask: Mask) -> Scores | None:
        """Larger is nearer; -inf where not eligible. None when the query has no dense vector."""
        if not datapoint.feature_vector:
            return None
        wanted = np.array(datapoint.feature_vector, np.float32)
        scores = np.full(len(mask), -np.inf, np.float32)
        rows = np.flatnonzero(mask)
        if len(rows) < GATHER_SHARE * len(mask):
            scores[rows] = MEASURES[self.measure](self._vectors[rows], self._norms[rows], wanted)
        else:
            length = len(mask)
            near = MEASURES[self.measure](self._vectors[:length], self._norms[:length], wanted)
            np.copyto(scores, near, where=mask)
        return scores

    def _sparse_scores(self, datapoint: Any, mask: Mask) -> Scores | None:
        """Dot products of sparse vectors; -inf where not eligible or nothing is shared."""
        if not datapoint.sparse_embedding.dimensions:
            return None
        scores = self._postings.sparse_scores(len(mask), datapoint.sparse_embedding)
        scores[~mask | (scores == 0)] = -np.inf
        return scores

    @staticmethod
    def _fused(dense: Scores, sparse: Scores, alpha: float, pool: int) -> Scores:
        """Reciprocal rank fusion of the two lists, `alpha` the weight of the dense one."""
        fused = np.full(len(dense), -np.inf, np.float32)
        for scores, weight in ((dense, alpha), (sparse, 1.0 - alpha)):
            if weight <= 0:
                continue
            rows = best(scores, pool)
            ranks = np.arange(1, len(rows) + 1, dtype=np.float32)
            fused[rows] = np.maximum(fused[rows], 0) + np.float32(weight) / (RRF_RANK + ranks)
        return fused

    def _uncrowded(self, ranked: Scores, count: int, crowd: int) -> list[int]:
        """The best rows with at most `crowd` of one crowding attribute; the empty one is no crowd."""
        crowds = self._crowds.view()
        look = 4 * count
        while True:
            rows = best(ranked, look)
            taken: list[int] = []
            seen: dict[int, int] = {}
            for row in rows:
                code = int(crowds[row])
                seen[code] = seen.get(code, 0) + 1
                if code == 0 or seen[code] <= crowd:
                    taken.append(int(row))
                if len(taken) == count:
                    return taken
            if len(rows) < look:
                return taken
            look *= 8

    def _distance(self, dense: Scores | None, row: int) -> float:
        """As Google reports it: dot product itself, 1 - cosine, or the distance."""
        if dense is None or not np.isfinite(dense[row]):
            return 0.0
        score = float(dense[row])
        if self.measure == "DOT_PRODUCT_DISTANCE":
            return -score if "distance-is-negative" in self._otherwise else score
        return 1.0 - score if self.measure == "COSINE_DISTANCE" else -score

    def _grow(self) -> None:
        for name in ("_vectors", "_norms", "_alive"):
            old = getattr(self, name)
            grown = np.zeros((2 * len(old), *old.shape[1:]), old.dtype)
            grown[: len(old)] = old
            setattr(self, name, grown)

    def _compact(self) -> None:
        live = [(one, self._vectors[row], self._bodies[row]) for one, row in self._row_of.items()]
        self._clear(max(256, 2 * len(live)))
        for one, vector, body in live:
            self.put(one, vector, body)


def best(scores: Scores, count: int) -> NDArray[np.intp]:
    """The rows of the `count` largest finite scores, largest first; equal ones in row order."""
    if count < len(scores):
        floor = np.partition(scores, len(scores) - count)[len(scores) - count]
        rows = np.flatnonzero((scores >= floor) & (scores > -np.inf))
    else:
        rows = np.flatnonzero(scores > -np.inf)
    return rows[np.argsort(-scores[rows], kind="stable")][:count]


def _dot(vectors: Scores, _: Scores, wanted: Scores) -> Scores:
    return vectors @ wanted


def _cosine(vectors: Scores, norms: Scores, wanted: Scores) -> Scores:
    scale = np.maximum(norms * np.float32(np.linalg.norm(wanted)), np.float32(1e-12))
    return np.asarray(vectors @ wanted / scale, np.float32)


def _squared(vectors: Scores, norms: Scores, wanted: Scores) -> Scores:
    squares = norms * norms + np.float32(wanted @ wanted) - 2 * (vectors @ wanted)
    return np.asarray(-np.maximum(squares, 0), np.float32)


def _manhattan(vectors: Scores, _: Scores, wanted: Scores) -> Scores:
    return np.asarray(-np.abs(vectors - wanted).sum(axis=1), np.float32)


MEASURES = {
    "DOT_PRODUCT_DISTANCE": _dot,
    "COSINE_DISTANCE": _cosine,
    "SQUARED_L2_DISTANCE": _squared,
    "L1_DISTANCE": _manhattan,
}
