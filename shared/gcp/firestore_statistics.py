"""How often terms occur in the indexed chunks: StatisticsStore on Firestore.

`term_statistics/{00..15}`: `chunks`, and `counts`, the pairs (place of a term, chunks that hold it) as 32-bit
numbers, packed. A file always counts in the same shard, so that many files can be ingested at once without
waiting for one document; a reader adds the shards up. Counts may drift by what an interrupted attempt did not
get to count; a weight is a logarithm of them, and takes no notice.
"""

import sys
import zlib
from array import array
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from shared.gcp.failures import translated
from shared.gcp.firestore_transactions import run_transaction
from shared.gcp.patience import patience
from shared.gcp.remembered import Remembered
from shared.search.interfaces import TermStatistics

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncTransaction

_SHARDS = 16
_LARGEST = 900_000
"""Bytes of a shard's counts; above, terms that occur once are forgotten, as if they had not occurred yet."""
_RENEWED_AFTER, _USABLE_FOR = 300.0, 86_400.0
"""Seconds after which statistics are read again, beside the questions; and for which old ones will do."""


class FirestoreStatistics:
    """StatisticsStore."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout
        self._remembered = Remembered(self._read, _RENEWED_AFTER, _USABLE_FOR)

    async def load(self) -> TermStatistics:
        """The statistics, at most some minutes old; asked of Firestore by one caller at a time."""
        return await self._remembered.value()

    async def add(self, file_id: str, added: TermStatistics, removed: TermStatistics) -> None:
        """Add and subtract a file's counts, in one transaction."""
        shard = blake2b(file_id.encode(), digest_size=1).digest()[0] % _SHARDS
        reference = self._shard(shard)

        async def change(transaction: "AsyncTransaction") -> None:
            snapshot = await reference.get(transaction=transaction, timeout=self._timeout)
            known = _statistics(snapshot.to_dict() or {})
            counts = Counter(known.counts)
            counts.update(added.counts)
            counts.subtract(removed.counts)
            chunks = max(0, known.chunks + added.chunks - removed.chunks)
            transaction.set(reference, {"chunks": chunks, "counts": _packed(counts)})

        await run_transaction(self._client, change)

    async def _read(self) -> TermStatistics:
        chunks, counts = 0, Counter[int]()
        references = [self._shard(number) for number in range(_SHARDS)]
        async with translated("Firestore"):
            async for snapshot in self._client.get_all(references, **patience(self._timeout)):
                shard = _statistics(snapshot.to_dict() or {})
                chunks += shard.chunks
                counts.update(shard.counts)
        return TermStatistics(chunks, counts)

    def _shard(self, number: int) -> "AsyncDocumentReference":
        return self._client.collection("term_statistics").document(f"{number:02d}")


def _packed(counts: Mapping[int, int]) -> bytes:
    least = 1
    while True:
        pairs = array("I", [number for pair in sorted(counts.items()) if pair[1] >= least for number in pair])
        if sys.byteorder == "big":
            pairs.byteswap()
        packed = zlib.compress(pairs.tobytes(), 6)
        if len(packed) <= _LARGEST:
            return packed
        least += 1


def _statistics(document: Mapping[str, object]) -> TermStatistics:
    packed, chunks = document.get("counts"), document.get("chunks")
    if not isinstance(packed, bytes) or not isinstance(chunks, int):
        return TermStatistics()
    numbers = array("I", zlib.decompress(packed))
    if sys.byteorder == "big":
        numbers.byteswap()
    return TermStatistics(chunks, dict(zip(numbers[::2], numbers[1::2], strict=True)))
