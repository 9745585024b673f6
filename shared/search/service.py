"""Search: embed, find, read, check rights, rank, trim."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.errors import NotFound
from shared.models import Passage, Person, Scope
from shared.search.evidence import coverage, question_terms, rarity, strength, term_set
from shared.search.interfaces import (
    FileEntry,
    Found,
    Library,
    Memberships,
    Neighbor,
    NeighborFinder,
    QueryEmbedder,
    Rights,
)
from shared.search.places import link_at
from shared.search.quotes import best_quote

_TERMS_WEIGHT = 0.35
"""What full coverage of the question's terms adds to a cosine."""
_NEAREST = 3
_FEWEST_FILES = 4
"""Candidates come from at least so many files; more of one file are looked at than are kept, because a
cosine alone does not find the one row that has the code asked for."""


@dataclass(frozen=True)
class Limits:
    """How much to look for: candidates from the index, passages to keep, passages of one file."""

    candidates: int
    passages: int
    per_file: int


@dataclass(frozen=True)
class Search:
    """Finds the passages for a question among what the asker may read."""

    embedder: QueryEmbedder
    finder: NeighborFinder
    library: Library
    rights: Rights
    memberships: Memberships
    limits: Limits

    async def find(self, person: Person, question: str, scope: Scope) -> Found:
        """Passages the asker may read at this moment, best first.

        Raises NotFound for a file in the scope that the asker may not read or that is not indexed.
        """
        if scope.file_id:
            await self._require(person, scope.file_id)
        vector, groups = await asyncio.gather(
            self.embedder.query(question), self.memberships.groups_of(person.email)
        )
        allow = _restricts(person, groups, scope)
        candidates = self.limits.candidates
        crowd = candidates if scope.file_id else candidates // _FEWEST_FILES
        neighbors = await self.finder.find(vector, allow, candidates, crowd)
        passages, files = await self._read(person, neighbors)
        return self._ranked(question, passages, files)

    async def in_place(self, person: Person, file_id: str, around: str, span: int) -> Sequence[Passage]:
        """A file's passages in reading order: `span` on each side of `around`, or the first ones.

        Raises NotFound when the person may not read the file, or there is no such passage.
        """
        entry = await self._require(person, file_id)
        position = entry.chunks.index(around) if around in entry.chunks else -1 if around else 0
        if position < 0:
            raise NotFound("There is no such passage.")
        wanted = entry.chunks[max(0, position - span) : position + span + 1]
        found, _ = await self.library.read(wanted, ())
        return [_placed(found[name], entry) for name in wanted if name in found]

    async def _require(self, person: Person, file_id: str) -> FileEntry:
        """The file's record, if the person may read it; else the same NotFound as for no file at all."""
        (_, files), readable = await asyncio.gather(
            self.library.read((), (file_id,)), self.rights.readable(person, (file_id,))
        )
        if file_id not in readable or file_id not in files:
            raise NotFound("There is no such file among your documents.")
        return files[file_id]

    async def _read(
        self, person: Person, neighbors: Sequence[Neighbor]
    ) -> tuple[list[Passage], Mapping[str, FileEntry]]:
        """Texts and rights at once; what may not be read, or is not current, is dropped unseen."""
        similarity = {found.chunk_id: found.similarity for found in neighbors}
        ids = {chunk.rpartition(".")[0] for chunk in similarity}
        (texts, files), readable = await asyncio.gather(
            self.library.read(tuple(similarity), ids), self.rights.readable(person, ids)
        )
        files = {name: entry for name, entry in files.items() if name in readable}
        current = {name: frozenset(entry.chunks) for name, entry in files.items()}
        passages = [
            replace(_placed(passage, files[passage.file_id]), score=similarity[name])
            for name, passage in texts.items()
            if passage.file_id in files and name in current[passage.file_id]
        ]
        return passages, files

    def _ranked(self, question: str, passages: Sequence[Passage], files: Mapping[str, FileEntry]) -> Found:
        """Order by cosine and terms, keep the best, and say how strong the evidence is."""
        holdings = [term_set(f"{passage.context}\n{passage.text}") for passage in passages]
        weights = rarity(question_terms(question), holdings)
        scored = sorted(
            (
                (passage.score + _TERMS_WEIGHT * coverage(weights, held), passage, held)
                for passage, held in zip(passages, holdings, strict=True)
            ),
            key=lambda entry: (-entry[0], entry[1].chunk_id),
        )
        kept = self._trimmed([(score, passage) for score, passage, _ in scored])
        closest = max((passage.score for passage in passages), default=0.0)
        fullest = max((coverage(weights, held) for held in holdings), default=0.0)
        together = frozenset().union(*(held for _, _, held in scored[:_NEAREST]))
        nearest = dict.fromkeys(passage.file_id for passage in kept)
        return Found(
            tuple(replace(passage, quote=best_quote(passage.text, weights)) for passage in kept),
            strength(closest, fullest, coverage(weights, together)) if kept else 0.0,
            tuple(files[name] for name in list(nearest)[:_NEAREST]),
        )

    def _trimmed(self, scored: Sequence[tuple[float, Passage]]) -> list[Passage]:
        kept: list[Passage] = []
        of_file: dict[str, int] = {}
        for score, passage in scored:
            if of_file.get(passage.file_id, 0) < self.limits.per_file:
                of_file[passage.file_id] = of_file.get(passage.file_id, 0) + 1
                kept.append(replace(passage, score=score))
            if len(kept) == self.limits.passages:
                break
        return kept


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


def _placed(passage: Passage, entry: FileEntry) -> Passage:
    return replace(
        passage, file_name=entry.name, link=link_at(entry.link, passage.locator), modified=entry.modified
    )
