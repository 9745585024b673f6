"""Which collections a person can find anything in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared.models import Person, SparseVector
from shared.search.answering import SearchedIndex, Space
from shared.search.interfaces import HybridQuery, Memberships, Rights
from shared.search.service import principals_of

_SAMPLE = 20
"""Files of a collection whose rights are asked for: one that may be read is enough."""


@dataclass(frozen=True)
class Reach:
    """Looks through both sieves, as search does, without a question."""

    index: SearchedIndex
    rights: Rights
    memberships: Memberships

    async def collections(self, person: Person, ids: Sequence[str]) -> frozenset[str]:
        """Those of the collections with at least one file that the person may find, and read now.

        Raises Unavailable, Timeout.
        """
        groups, space = await asyncio.gather(self.memberships.groups_of(person.email), self.index.now())
        principals = principals_of(person, groups)
        found = await asyncio.gather(*(self._files(space, principals, one) for one in ids))
        every = {name for files in found for name in files}
        readable = await self.rights.readable(person, every) if every else frozenset[str]()
        return frozenset(one for one, files in zip(ids, found, strict=True) if files & readable)

    async def _files(self, space: Space, principals: Sequence[str], collection: str) -> frozenset[str]:
        vector = [1.0, *[0.0] * (space.dimensions - 1)]
        allow = {"principal": principals, "collection": (collection,)}
        near = await space.finder.find(HybridQuery(vector, SparseVector()), allow, _SAMPLE, 1)
        return frozenset(one.chunk_id.rpartition(".")[0] for one in near)
