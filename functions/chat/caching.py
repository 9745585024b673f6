"""What caches ask of search: the sources of answers, and how often rights were asked about."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from functions.chat.begun import Begun
from functions.chat.evidence import SearchEvidence
from shared.limits.embeddings import CachedEmbedder
from shared.limits.interfaces import Generation
from shared.limits.meter import happened
from shared.models import Person
from shared.search.answering import AnsweringIndex
from shared.search.interfaces import Rights
from shared.search.service import principals_of


@dataclass(frozen=True)
class SearchSources:
    """The Sources of the answer cache, played by search: both of its sieves, asked anew."""

    evidence: SearchEvidence
    groups: Begun[tuple[str, ...]]

    async def unchanged(self, person: Person, chunk_ids: Sequence[str]) -> bool:
        """Whether each is still a part of a file that the person may read now."""
        return set(chunk_ids) <= set(await self.evidence.current(person, chunk_ids))

    async def rights(self, person: Person) -> Sequence[str]:
        """The principals under which the person finds files."""
        return principals_of(person, await self.groups.afresh(person.email))

    def as_of(self, state: str) -> None:
        """As Sources."""
        self.evidence.search.as_of(state)


@dataclass(frozen=True)
class QuestionVectors:
    """The kept vectors of questions, of the index that answered last: it likely answers the next one too."""

    index: AnsweringIndex
    by_space: Mapping[str, CachedEmbedder]
    answering: Begun[str]

    async def fetch(self, text: str) -> None:
        """Bring what the store knows into memory, and begin to read which index answers. Never raises."""
        reading = asyncio.ensure_future(self.answering.afresh())
        reading.add_done_callback(lambda done: done.cancelled() or done.exception())  # who needs it hears it
        await self.by_space[self.index.last].fetch(text)

    def seen(self, generation: Generation) -> None:
        """Note how often they were cleared."""
        for one in self.by_space.values():
            one.seen(generation)


@dataclass(frozen=True)
class CountedRights:
    """Rights, with a count of how many files were asked about: what Drive was not asked was remembered."""

    inner: Rights

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """As Rights."""
        happened("access_checks", len(file_ids))
        return await self.inner.readable(person, file_ids)
