"""How often terms occur in the indexed chunks: StatisticsStore on Firestore.

`term_statistics/{00..15}`: `chunks`, and `counts`, the pairs (place of a term, chunks that hold it) as signed
32-bit numbers, packed. An instance always counts in the same shard, so that many can ingest at once without
waiting for one document, and none reads again what it wrote last; a reader adds the shards up, of which one
may have more taken away than added. Counts may drift by what an interrupted attempt did not get to count; a
weight is a logarithm of them, and takes no notice.
"""

import secrets
import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping
from itertools import chain

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_swaps import Swaps
from shared.gcp.firestore_wire import Wire
from shared.gcp.remembered import Remembered
from shared.search.interfaces import TermStatistics

_SHARDS = 16
_LARGEST = 900_000
"""Bytes of a shard's counts; above, terms that occur once are forgotten, as if they had not occurred yet."""
_RENEWED_AFTER, _USABLE_FOR = 300.0, 86_400.0
"""Seconds after which statistics are read again, beside the questions; and for which old ones will do."""


class FirestoreStatistics:
    """StatisticsStore."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout
        self._swaps = Swaps(db, "term_statistics", timeout, _read_shard, _written_shard)
        self._shard = secrets.randbelow(_SHARDS)
        self._remembered = Remembered(self._read, _RENEWED_AFTER, _USABLE_FOR)

    async def load(self) -> TermStatistics:
        """The statistics, at most some minutes old; asked of Firestore by one caller at a time."""
        return await self._remembered.value()

    async def add(self, change: TermStatistics) -> None:
        """Add counts, of which some may be negative."""

        def sum_up(known: TermStatistics | None) -> TermStatistics:
            counts = Counter(known.counts if known else {})
            counts.update(change.counts)
            return TermStatistics((known.chunks if known else 0) + change.chunks, counts)

        await self._swaps.change(f"{self._shard:02d}", sum_up)

    async def _read(self) -> TermStatistics:
        chunks, counts = 0, Counter[int]()
        paths = [self._wire.path("term_statistics", f"{number:02d}") for number in range(_SHARDS)]
        async with translated("Firestore"):
            found = await self._wire.read(paths, self._timeout)
        for seen in found.values():
            shard = _statistics(seen.document or {})
            chunks += shard.chunks
            counts.update(shard.counts)
        return TermStatistics(max(0, chunks), {term: count for term, count in counts.items() if count > 0})


def _read_shard(_name: str, document: Mapping[str, object]) -> TermStatistics:
    return _statistics(document)


def _written_shard(shard: TermStatistics) -> dict[str, object]:
    return {"chunks": shard.chunks, "counts": _packed(shard.counts)}


def _packed(counts: Mapping[int, int]) -> bytes:
    least = 1
    while True:
        kept = (pair for pair in counts.items() if abs(pair[1]) >= least)
        pairs = array("i", chain.from_iterable(kept))
        if sys.byteorder == "big":
            pairs.byteswap()
        packed = zlib.compress(pairs.tobytes(), 1)
        if len(packed) <= _LARGEST:
            return packed
        least += 1


def _statistics(document: Mapping[str, object]) -> TermStatistics:
    packed, chunks = document.get("counts"), document.get("chunks")
    if not isinstance(packed, bytes) or not isinstance(chunks, int):
        return TermStatistics()
    numbers = array("i", zlib.decompress(packed))
    if sys.byteorder == "big":
        numbers.byteswap()
    return TermStatistics(chunks, dict(zip(numbers[::2], numbers[1::2], strict=True)))
