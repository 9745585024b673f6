"""How caches do, what clearing them takes, and warming them with questions that were really asked."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.limits.embeddings import CachedEmbedder
from shared.limits.interfaces import CacheStore, Layer, QuestionSource, UsageStore
from shared.limits.prices import Prices

STORED = ("answers", "embeddings")
_AT_ONCE = 8


@dataclass(frozen=True)
class LayerStatus:
    """One layer today: hits by where they were found, misses, and what is stored.

    `stale` are answers that were found and not used, because something they rest on had changed.
    """

    memory_hits: int
    store_hits: int
    misses: int
    stale: int
    stored: Layer | None = None


@dataclass(frozen=True)
class CacheStatus:
    """All layers; `saved` is nano-dollars that today's hits would have cost."""

    layers: Mapping[str, LayerStatus]
    saved: int
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CacheOffice:
    """What an administrator does with caches. `embedder` gives the vectors of questions, None for none."""

    store: CacheStore
    usage: UsageStore
    prices: Prices
    questions: QuestionSource
    embedder: Callable[[], Awaitable[CachedEmbedder]] | None = None
    clock: Callable[[], float] = time.time

    async def status(self) -> CacheStatus:
        """Raises Unavailable, Timeout."""
        today = datetime.fromtimestamp(self.clock(), UTC).date().isoformat()
        days, stored = await asyncio.gather(
            self.usage.days([today]), asyncio.gather(*(self.store.measure(layer) for layer in STORED))
        )
        counts = Counter(days[today].counts) if today in days else Counter[str]()
        layers = {name: _status(name, counts, one) for name, one in zip(STORED, stored, strict=True)}
        asked = counts["access_checks"]
        misses = min(asked, counts["access_misses"])
        layers["access"] = LayerStatus(asked - misses, 0, misses, 0)
        return CacheStatus(layers, days[today].saved if today in days else 0, counts)

    async def clear(self, layers: tuple[str, ...]) -> int:
        """Make all that these layers hold unreachable at once, on every instance; returns how much it was."""
        return await self.store.clear(layers or STORED)

    async def preload(self, limit: int) -> int:
        """Embed the newest `limit` questions that are not kept yet; returns how many were looked at.

        Answers are not preloaded: each belongs to a person, and would be found under their rights.
        """
        if self.embedder is None:
            return 0
        embedder = await self.embedder()
        _, generation = await self.store.get("embeddings", "")
        embedder.seen(generation)
        questions = await self.questions.recent(limit)
        slots = asyncio.Semaphore(_AT_ONCE)

        async def warm(question: str) -> None:
            async with slots:
                await embedder.fetch(question)
                await embedder.query(question)

        await asyncio.gather(*(warm(question) for question in questions))
        await embedder.settled()
        return len(questions)


def _status(layer: str, counts: Mapping[str, int], stored: Layer | None) -> LayerStatus:
    return LayerStatus(
        counts.get(f"{layer}_memory_hits", 0),
        counts.get(f"{layer}_store_hits", 0),
        counts.get(f"{layer}_misses", 0),
        counts.get(f"{layer}_stale", 0),
        stored,
    )
