"""Search: embed, find, read, check rights, rank, trim."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.errors import AppError, NotFound
from shared.log import get_logger
from shared.models import Passage, Person, Scope, SparseVector
from shared.search.answering import SearchedIndex
from shared.search.evidence import strength
from shared.search.interfaces import (
    FileEntry,
    Found,
    HybridQuery,
    Library,
    Memberships,
    Neighbor,
    NeighborFinder,
    Reranker,
    Rights,
    StatisticsStore,
    TermStatistics,
)
from shared.search.lexicon import question_vector
from shared.search.passages import Limits, selected
from shared.search.places import link_at
from shared.search.quotes import best_quote
from shared.search.ranking import Asked, Candidate, asked, ranked, reordered
from shared.search.versions import newest_first

_NEAREST = 3
_FEWEST_FILES = 4
"""Candidates come from at least so many files; more of one file are looked at than are kept, because the
index alone does not find the one row that has the code asked for."""
_WIDER = 4
_MOST = 1_000
"""When the second sieve leaves too little, so many times as many are asked for; and never more than that."""
_SAMPLE = 40
"""Passages looked at where nothing is asked."""

_log = get_logger("search")


@dataclass(frozen=True)
class Search:
    """Finds the passages for a question among what the asker may read."""

    index: SearchedIndex
    library: Library
    rights: Rights
    memberships: Memberships
    statistics: StatisticsStore
    limits: Limits
    reranker: Reranker | None = None

    def as_of(self, state: str) -> None:
        """As Library's."""
        self.library.as_of(state)

    async def find(self, person: Person, question: str, scope: Scope) -> Found:
        """Passages the asker may read at this moment, best first.

        Raises NotFound for a file in the scope that the asker may not read or that is not indexed.
        """
        if scope.file_id:
            await self.entry(person, scope.file_id)
        (vector, finder), groups, statistics = await asyncio.gather(
            self.index.embedded(question), self.memberships.groups_of(person.email), self._statistics()
        )
        terms = asked(question, statistics)
        query = HybridQuery(vector, question_vector(terms.weights))
        allow = _restricts(person, groups, scope)
        passages, files = await self._candidates(person, finder, query, allow, scope)
        candidates = ranked(terms, passages)
        if self.reranker is not None:
            candidates = list(await reordered(self.reranker, question, candidates))
        return self._found(terms, candidates, files)

    async def _statistics(self) -> TermStatistics:
        """Without them every term counts the same, which is worse but works."""
        try:
            return await self.statistics.load()
        except AppError:
            _log.warning("statistics.not_loaded")
            return TermStatistics()

    async def _candidates(
        self,
        person: Person,
        finder: NeighborFinder,
        query: HybridQuery,
        allow: Mapping[str, Sequence[str]],
        scope: Scope,
    ) -> tuple[list[tuple[Passage, float]], Mapping[str, FileEntry]]:
        """What the index finds and both sieves let through; asked for more, once, when that is little."""
        limit = self.limits.candidates
        while True:
            crowd = limit if scope.file_id else max(1, limit // _FEWEST_FILES)
            neighbors = await finder.find(query, allow, limit, crowd)
            passages, files = await self._read(person, neighbors)
            enough = len(passages) >= min(len(neighbors), 2 * self.limits.passages)
            if enough or len(neighbors) < limit or limit > self.limits.candidates:
                return passages, files
            limit = min(_MOST, limit * _WIDER)
            _log.info("search.widened", candidates=limit)

    async def in_place(self, person: Person, file_id: str, around: str, span: int) -> Sequence[Passage]:
        """A file's passages in reading order: `span` on each side of `around`, or the first ones.

        Raises NotFound when the person may not read the file, or there is no such passage.
        """
        entry = await self.entry(person, file_id)
        position = entry.chunks.index(around) if around in entry.chunks else -1 if around else 0
        if position < 0:
            raise NotFound("There is no such passage.")
        wanted = entry.chunks[max(0, position - span) : position + span + 1]
        found, _ = await self.library.read(wanted, ())
        return [_placed(found[name], entry) for name in wanted if name in found]

    async def sample(self, person: Person, scope: Scope) -> Sequence[Passage]:
        """Some passages of several files, without a question; the same as long as nothing changes.

        Raises NotFound for a file in the scope that is not the asker's.
        """
        if scope.file_id:
            entry = await self.entry(person, scope.file_id)
            texts, _ = await self.library.read(entry.chunks[:_SAMPLE], ())
            return [_placed(texts[name], entry) for name in entry.chunks[:_SAMPLE] if name in texts]
        groups, space = await asyncio.gather(self.memberships.groups_of(person.email), self.index.now())
        query = HybridQuery([1.0, *[0.0] * (space.dimensions - 1)], SparseVector())
        neighbors = await space.finder.find(query, _restricts(person, groups, scope), _SAMPLE, 2)
        passages, files = await self._read(person, neighbors)
        found = {one.chunk_id: _placed(one, files[one.file_id]) for one, _ in passages}
        return [found[near.chunk_id] for near in neighbors if near.chunk_id in found]

    async def entry(self, person: Person, file_id: str) -> FileEntry:
        """The file's record, if the person may read it; else the same NotFound as for no file at all."""
        (_, files), readable = await asyncio.gather(
            self.library.read((), (file_id,)), self.rights.readable(person, (file_id,))
        )
        if file_id not in readable or file_id not in files:
            raise NotFound("There is no such file among your documents.")
        return files[file_id]

    async def _read(
        self, person: Person, neighbors: Sequence[Neighbor]
    ) -> tuple[list[tuple[Passage, float]], Mapping[str, FileEntry]]:
        """Texts and rights at once; what may not be read, or is not current, is dropped unseen."""
        known = [found.similarity for found in neighbors if found.similarity is not None]
        farthest = min(known, default=0.0)
        cosines = {
            found.chunk_id: farthest if found.similarity is None else found.similarity for found in neighbors
        }
        ids = {chunk.rpartition(".")[0] for chunk in cosines}
        (texts, files), readable = await asyncio.gather(
            self.library.read(tuple(cosines), ids), self.rights.readable(person, ids)
        )
        files = {name: entry for name, entry in files.items() if name in readable}
        passages = [
            (passage, cosines[name])
            for name, passage in texts.items()
            if passage.file_id in files and name in files[passage.file_id].holds
        ]
        return passages, files

    def _found(self, terms: Asked, candidates: Sequence[Candidate], files: Mapping[str, FileEntry]) -> Found:
        """What is shown, in its final order, and how strong the evidence is."""
        texts = {one.passage.chunk_id: one.passage.text for one in candidates}
        kept = [
            _placed(passage, files[passage.file_id], best_quote(texts[passage.chunk_id], terms.weights))
            for passage in selected(candidates, self.limits)
        ]
        kept = newest_first(terms, kept)
        nearest = list(dict.fromkeys(passage.file_id for passage in kept))[:_NEAREST]
        evidence = strength(terms, candidates) if kept else 0.0
        looked_at = {
            one.passage.chunk_id: one.passage for one in candidates if one.passage.file_id in nearest
        }
        return Found(
            tuple(kept), evidence, tuple(files[name] for name in nearest), _LookedAt(looked_at, files)
        )


@dataclass(frozen=True)
class _LookedAt(Mapping[str, Passage]):
    """Passages by chunk; each with its file's name and link when it is asked for, as few are."""

    passages: Mapping[str, Passage]
    files: Mapping[str, FileEntry]

    def __getitem__(self, name: str) -> Passage:
        """Raises KeyError."""
        passage = self.passages[name]
        return _placed(passage, self.files[passage.file_id])

    def __contains__(self, name: object) -> bool:
        """Whether it was looked at."""
        return name in self.passages

    def __iter__(self) -> Iterator[str]:
        """The chunks."""
        return iter(self.passages)

    def __len__(self) -> int:
        """How many."""
        return len(self.passages)


def principals_of(person: Person, groups: Collection[str]) -> tuple[str, ...]:
    """The restrict tokens under which a person finds files: themselves, their groups, domain, anyone."""
    own = {"anyone", f"user:{person.email.lower()}", *(f"group:{group.lower()}" for group in groups)}
    if person.domain:
        own.add(f"domain:{person.domain.lower()}")
    return tuple(sorted(own))


def _restricts(person: Person, groups: Collection[str], scope: Scope) -> dict[str, tuple[str, ...]]:
    """The first sieve. A file named by its id was checked for this person and needs no sieve."""
    allow: dict[str, tuple[str, ...]] = {}
    if scope.file_id:
        allow["file"] = (scope.file_id,)
    else:
        allow["principal"] = principals_of(person, groups)
    if scope.collection:
        allow["collection"] = (scope.collection,)
    if scope.folder_id:
        allow["folder"] = (scope.folder_id,)
    return allow


def _placed(passage: Passage, entry: FileEntry, quote: str = "") -> Passage:
    link = link_at(entry.link, passage.locator)
    return replace(passage, file_name=entry.name, link=link, modified=entry.modified, quote=quote)
