"""Which index a question is put to: the one that answers at this moment, with the model of its vectors.

The question is embedded for the index that answered the last one, while it is read which one answers now;
only after a switch it is embedded again. So no instance asks an index that answers no more, and nobody waits.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from shared.errors import Unavailable
from shared.search.interfaces import NeighborFinder, QueryEmbedder


@dataclass(frozen=True)
class Space:
    """An index, and the model that makes vectors for it, of so many numbers."""

    embedder: QueryEmbedder
    finder: NeighborFinder
    dimensions: int


class AnsweringStore(Protocol):
    """Says which index answers, the same to all instances."""

    async def answering(self) -> str:
        """The name of its space; "" for the first of the settings. Raises Unavailable, Timeout."""
        ...


class SearchedIndex(Protocol):
    """The index that answers."""

    async def embedded(self, question: str) -> tuple[list[float], NeighborFinder]:
        """A question's vector, and the index to put it to. Raises what the model and the store raise."""
        ...

    async def now(self) -> Space:
        """The index that answers at this moment. Raises Unavailable, Timeout."""
        ...


@dataclass
class AnsweringIndex:
    """SearchedIndex among the `spaces` of the settings, the first of which answers until another is built."""

    spaces: Mapping[str, Space]
    store: AnsweringStore
    last: str = field(default="")
    """The one that answered the last question."""

    def __post_init__(self) -> None:
        """Before the first question it is the first of the settings."""
        self.last = self.last or next(iter(self.spaces))

    async def embedded(self, question: str) -> tuple[list[float], NeighborFinder]:
        """As SearchedIndex."""
        guess = self.last
        vector, name = await asyncio.gather(self.spaces[guess].embedder.query(question), self._name())
        if name != guess:
            vector = await self.spaces[name].embedder.query(question)
        return vector, self.spaces[name].finder

    async def now(self) -> Space:
        """As SearchedIndex."""
        return self.spaces[await self._name()]

    async def _name(self) -> str:
        name = await self.store.answering() or next(iter(self.spaces))
        if name not in self.spaces:
            raise Unavailable("The index that answers questions is not among the settings of this function.")
        self.last = name
        return name


@dataclass(frozen=True)
class OneIndex:
    """SearchedIndex that is always the same."""

    space: Space

    async def embedded(self, question: str) -> tuple[list[float], NeighborFinder]:
        """As SearchedIndex."""
        return await self.space.embedder.query(question), self.space.finder

    async def now(self) -> Space:
        """As SearchedIndex."""
        return self.space
