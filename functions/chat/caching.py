"""What caches ask of search: the sources of answers, and how often rights were asked about."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from functions.chat.evidence import SearchEvidence
from shared.limits.meter import happened
from shared.models import Person
from shared.search.interfaces import Memberships, Rights
from shared.search.service import principals_of


@dataclass(frozen=True)
class SearchSources:
    """The Sources of the answer cache, played by search: both of its sieves, asked anew."""

    evidence: SearchEvidence
    memberships: Memberships

    async def unchanged(self, person: Person, chunk_ids: Sequence[str]) -> bool:
        """Whether each is still a part of a file that the person may read now."""
        return set(chunk_ids) <= set(await self.evidence.current(person, chunk_ids))

    async def rights(self, person: Person) -> Sequence[str]:
        """The principals under which the person finds files."""
        return principals_of(person, await self.memberships.groups_of(person.email))


@dataclass(frozen=True)
class CountedRights:
    """Rights, with a count of how many files were asked about: what Drive was not asked was remembered."""

    inner: Rights

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """As Rights."""
        happened("access_checks", len(file_ids))
        return await self.inner.readable(person, file_ids)
