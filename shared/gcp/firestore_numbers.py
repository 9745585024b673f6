"""Numbers that all processes add to, in Firestore: numbers/{function}.{shard}, a map of series.

Everything is added by increments, spread over shards so that several instances can add at once. The map is
exempt from indexes (terraform/firestore_indexes.tf): nobody asks for a series.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import field_path, increment
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

SHARDS = 4
_STEP = 400
"""Increments of one document in one commit; Firestore takes 500."""


class FirestoreNumbers:
    """NumberStore of one function. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float, function: str) -> None:
        self._db, self._timeout, self._function = db, timeout, function
        self._wire = Wire.of(db)

    @property
    def _numbers(self) -> "AsyncCollectionReference":
        return self._db.client.collection("numbers")

    async def add(self, numbers: Mapping[str, float]) -> None:
        """A write for each 400 series; never repeated by itself, for it would count twice."""
        shard = random.randrange(SHARDS)  # noqa: S311 - spreads load, keeps no secret
        path = self._wire.path("numbers", f"{self._function}.{shard}")
        for step in _steps(list(numbers.items())):
            added = [increment(field_path("series", key), value) for key, value in step]
            async with translated("Firestore"):
                await self._wire.commit([self._wire.merge(path, {}, added)], self._timeout)

    async def sums(self) -> Mapping[str, float]:
        """All functions' documents, in one query."""
        found: defaultdict[str, float] = defaultdict(float)
        async with translated("Firestore"):
            async for snapshot in self._numbers.stream(**patience(self._timeout)):
                for key, value in (snapshot.to_dict() or {}).get("series", {}).items():
                    found[key] += value
        return found


def _steps(numbers: list[tuple[str, float]]) -> Iterator[list[tuple[str, float]]]:
    for start in range(0, len(numbers), _STEP):
        yield numbers[start : start + _STEP]
