"""Docent with its vectors in Firestore (SEARCH_BACKEND=firestore), beside the index that holds everything.

The adapter's own choosing, fusing and uncrowding run; what its queries would fetch is taken from this
process, in the order in which Firestore gives it: the nearest first, of a word's chunks the first by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.quality.product import ExactIndex, Product
from shared.gcp.firestore_vectors import OF_WORD, FirestoreNeighbors, Hit
from shared.search.answering import OneIndex

_EVERYBODY = "anyone"


class EconomyNeighbors(FirestoreNeighbors):
    """NeighborFinder on the vectors and postings of an exact index."""

    def __init__(self, index: ExactIndex) -> None:
        self._index = index
        self._by_name = {
            place: sorted(rows.tolist(), key=lambda row: index.ids[row])[:OF_WORD]
            for place, (rows, _) in index.postings.items()
        }
        self._weights: list[dict[int, float]] = [{} for _ in index.ids]
        for place, (rows, values) in index.postings.items():
            for row, value in zip(rows.tolist(), values.tolist(), strict=True):
                self._weights[row][place] = value

    def _nearest(self, token: str, vector: Sequence[float], limit: int) -> Any:
        """Everybody's chunks hang on one principal here, so one of the asker's queries finds them all."""
        if token != f"principal={_EVERYBODY}":
            return np.zeros(0, np.intp), np.zeros(0, np.float32)
        cosines = self._index.vectors @ np.asarray(vector, np.float32)
        rows = np.argsort(-cosines, kind="stable")[:limit]
        return rows, cosines[rows]

    def _holding(self, place: int) -> Any:
        return np.array(self._by_name.get(place, []), np.intp), None

    async def _hits(
        self, query: Any, allow: Mapping[str, Sequence[str]], weights: Mapping[int, float]
    ) -> dict[str, Hit]:
        del allow
        rows, cosines = query
        found: dict[str, Hit] = {}
        for at, row in enumerate(rows.tolist()):
            held = self._weights[row]
            score = sum(weight * held[place] for place, weight in weights.items() if place in held)
            nearness = None if cosines is None else float(cosines[at])
            packed = self._index.vectors[row].astype("<f4").tobytes()
            found[self._index.ids[row]] = Hit(nearness, score, packed)
        return found


def on_firestore(indexed: Product) -> Product:
    """The same product with the other index."""
    exact = indexed.search.index
    assert isinstance(exact, OneIndex)
    assert isinstance(exact.space.finder, ExactIndex)
    other = OneIndex(replace(exact.space, finder=EconomyNeighbors(exact.space.finder)))
    return replace(indexed, search=replace(indexed.search, index=other))
