"""The Searcher of answers, played by search."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.answers.interfaces import Evidence, NearFile
from shared.errors import NotFound
from shared.models import Passage, Person, Scope
from shared.search.interfaces import FileEntry
from shared.search.places import link_at
from shared.search.service import Search

_WHOLE = 100_000
"""Passages of one file; more than any file has."""


@dataclass(frozen=True)
class SearchEvidence:
    """Search, in the words of answers. Whatever returns text has asked for the right to its file."""

    search: Search

    async def sample(self, person: Person, scope: Scope) -> Sequence[Passage]:
        """As Sampler."""
        return await self.search.sample(person, scope)

    async def evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        """As Searcher."""
        found = await self.search.find(person, question, scope)
        nearest = tuple(NearFile(entry.id, entry.name, entry.link) for entry in found.nearest)
        chunks = {entry.id: entry.chunks for entry in found.nearest}
        return Evidence(found.passages, found.evidence, nearest, chunks, found.looked_at)

    async def whole(self, person: Person, file_id: str, chunks: Sequence[str] = ()) -> Sequence[Passage]:
        """As Searcher; the right is asked for beside the reading."""
        if not chunks:
            return await self.search.in_place(person, file_id, "", _WHOLE)
        (texts, files), readable = await asyncio.gather(
            self.search.library.read(chunks, (file_id,)), self.search.rights.readable(person, (file_id,))
        )
        if file_id not in readable or file_id not in files:
            raise NotFound("There is no such file among your documents.")
        entry = files[file_id]
        return [_placed(texts[name], entry) for name in entry.chunks if name in texts]

    async def current(self, person: Person, chunk_ids: Sequence[str]) -> Mapping[str, Passage]:
        """As Searcher."""
        if not chunk_ids:
            return {}
        names = tuple(dict.fromkeys(chunk_ids))
        ids = tuple({name.rpartition(".")[0] for name in names})
        (texts, files), readable = await asyncio.gather(
            self.search.library.read(names, ids), self.search.rights.readable(person, ids)
        )
        return {
            name: _placed(passage, files[passage.file_id])
            for name, passage in texts.items()
            if passage.file_id in readable
            and passage.file_id in files
            and name in files[passage.file_id].holds
        }


def _placed(passage: Passage, entry: FileEntry) -> Passage:
    return replace(
        passage, file_name=entry.name, link=link_at(entry.link, passage.locator), modified=entry.modified
    )
