"""Vectors of questions, kept so that a question that was asked before need not be embedded again."""

import asyncio
import hmac
import time
from array import array
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.errors import AppError
from shared.limits import meter
from shared.limits.interfaces import CacheStore, Entry, Generation
from shared.limits.memory import Memory
from shared.limits.questions import normalised
from shared.log import get_logger

LAYER = "embeddings"
_log = get_logger("limits.embeddings")


class Embedder(Protocol):
    """A question to a vector."""

    async def query(self, text: str) -> list[float]:
        """Unit length. Raises Unavailable, Timeout, TooMany, Upstream."""
        ...


@dataclass
class CachedEmbedder:
    """QueryEmbedder. `space` names the model and the length of its vectors: others' vectors are not ours.

    Vectors are of nobody in particular: they are kept under an HMAC of the question with a key of `pepper`,
    so that a copy of the database does not tell whether something was asked. They are 32-bit floats.
    """

    inner: Embedder
    memory: Memory
    store: CacheStore
    space: str
    pepper: Callable[[], Awaitable[str]]
    days: float = 30.0
    clock: Callable[[], float] = time.time
    cleared: int = 0
    """How often the layer was cleared, as last seen: part of every key."""
    _under_way: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def query(self, text: str) -> list[float]:
        """As the model, or as it said before; asks no store, so a new question loses no time here."""
        key = self._memory_key(text)
        known = self.memory.get(LAYER, key)
        if known is not None:
            meter.happened("embeddings_memory_hits")
            meter.spared(self.space.partition(" ")[0], token=max(1, len(text) // 4))
            return _vector(known)
        meter.happened("embeddings_misses")
        vector = await self.inner.query(text)
        self._remember(key, _packed(vector))
        task = asyncio.create_task(self._keep(text, _packed(vector)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return vector

    async def fetch(self, text: str) -> None:
        """Bring what the store knows into memory, beside something else that takes as long. Never raises."""
        key = self._memory_key(text)
        if self.memory.get(LAYER, key) is not None:
            return
        try:
            entry, generation = await self.store.get(LAYER, await self._store_key(text))
        except AppError as error:
            _log.warning("embedding.not_read", code=error.code)
            return
        self.seen(generation)
        if entry is not None:
            meter.happened("embeddings_store_hits")
            self._remember(self._memory_key(text), entry.value)

    def seen(self, generation: Generation) -> None:
        """Note how often the layer was cleared; what was kept before is unreachable from now on."""
        self.cleared = generation.cleared.get(LAYER, 0)

    async def settled(self) -> None:
        """Wait until all that is being written is."""
        await asyncio.gather(*self._under_way)

    async def _keep(self, text: str, packed: bytes) -> None:
        now = datetime.fromtimestamp(self.clock(), UTC)
        try:
            entry = Entry(await self._store_key(text), packed, now, now + timedelta(days=self.days))
            await self.store.put(LAYER, entry)
        except AppError as error:
            _log.warning("embedding.not_kept", code=error.code)

    def _remember(self, key: str, packed: bytes) -> None:
        self.memory.put(LAYER, key, packed, self.clock() + self.days * 86_400)

    def _memory_key(self, text: str) -> str:
        return f"{self.cleared}\0{self.space}\0{normalised(text)}"

    async def _store_key(self, text: str) -> str:
        keyed = (await self.pepper()).encode()
        named = f"{self.cleared}\0{self.space}\0{normalised(text)}".encode()
        return hmac.new(b"question\0" + keyed, named, "sha256").hexdigest()[:40]


def _packed(vector: list[float]) -> bytes:
    return array("f", vector).tobytes()


def _vector(packed: bytes) -> list[float]:
    return array("f", packed).tolist()
