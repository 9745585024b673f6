"""Docent itself, in this process: its cutting, weighing, ranking and evidence, over an exact index.

Ingestion's and search's own code runs; only what would be a call to Google is an object of this module
that keeps the same interface. Everybody may read everything.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.embedding import CachedEmbedder
from benchmarks.quality.matching import Retrieved
from benchmarks.quality.sets import DataSet, Document
from shared.documents.chunks import cut
from shared.models import Chunk, Passage, Person, Scope
from shared.search.answering import OneIndex, Space
from shared.search.interfaces import FileEntry, Found, HybridQuery, Neighbor, TermStatistics
from shared.search.lexicon import counted, text_vector
from shared.search.passages import Limits
from shared.search.service import Search

SOMEBODY = Person("1", "somebody@example.com", "example.com")
_RRF = 60


@dataclass
class ExactIndex:
    """Dense and sparse vectors, searched whole and fused as Vector Search does."""

    vectors: NDArray[np.float32]
    ids: Sequence[str]
    postings: Mapping[int, tuple[NDArray[np.intp], NDArray[np.float32]]]

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """As NeighborFinder; `allow` may name a file."""
        dense = self.vectors @ np.asarray(query.vector, np.float32)
        sparse = np.zeros(len(dense), np.float32)
        for place, weight in zip(query.sparse.dimensions, query.sparse.values, strict=True):
            if place in self.postings:
                rows, values = self.postings[place]
                sparse[rows] += np.float32(weight) * values
        fused = np.zeros(len(dense))
        for scores, share in ((dense, query.dense_share), (sparse, 1 - query.dense_share)):
            rows = np.argsort(-scores, kind="stable")[:limit]
            rows = rows[scores[rows] > 0]
            fused[rows] += share / (_RRF + 1 + np.arange(len(rows)))
        return self._uncrowded(fused, dense, limit, per_file, frozenset(allow.get("file", ())))

    def _uncrowded(
        self,
        fused: NDArray[np.float64],
        dense: NDArray[np.float32],
        limit: int,
        per_file: int,
        files: frozenset[str],
    ) -> list[Neighbor]:
        found: list[Neighbor] = []
        of_file: Counter[str] = Counter()
        for row in np.argsort(-fused, kind="stable"):
            if fused[row] <= 0 or len(found) == limit:
                break
            name = self.ids[row].rpartition(".")[0]
            if of_file[name] < per_file and (not files or name in files):
                of_file[name] += 1
                found.append(Neighbor(self.ids[row], float(dense[row])))
        return found


@dataclass
class Shelf:
    """Library, Rights and Memberships over what was indexed, for somebody who may read all of it."""

    passages: Mapping[str, Passage]
    files: Mapping[str, FileEntry]
    statistics: TermStatistics

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """As Library."""
        return (
            {name: self.passages[name] for name in chunk_ids if name in self.passages},
            {name: self.files[name] for name in file_ids if name in self.files},
        )

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """As Rights."""
        del person
        return frozenset(file_ids)

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """As Memberships."""
        del email
        return ()

    async def load(self) -> TermStatistics:
        """As StatisticsStore."""
        return self.statistics

    async def add(self, change: TermStatistics) -> None:
        """As StatisticsStore; nothing changes here."""


@dataclass
class QueryVectors:
    """QueryEmbedder on the benchmark's embedder."""

    embedder: CachedEmbedder

    async def query(self, text: str) -> list[float]:
        """As QueryEmbedder."""
        vector: list[float] = self.embedder.embed([text])[0].tolist()
        return vector


@dataclass
class Product:
    """An indexed set."""

    search: Search
    documents: Mapping[str, str]
    """Document of each file id."""
    passages: Mapping[str, Passage]
    files: Mapping[str, FileEntry]

    async def find(self, question: str) -> Found:
        """What the product finds."""
        return await self.search.find(SOMEBODY, question, Scope())

    def retrieved(self, found: Found) -> list[Retrieved]:
        """Found passages as measures take them."""
        return [
            Retrieved(
                self.documents[one.file_id],
                one.text,
                frozenset() if one.locator.page is None else frozenset((one.locator.page,)),
            )
            for one in found.passages
        ]


def embedded_text(chunk: Chunk) -> str:
    """What ingestion embeds and weighs of a chunk."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


def build(data: DataSet, embedder: CachedEmbedder, limits: Limits) -> Product:
    """Index a set."""
    passages: dict[str, Passage] = {}
    files: dict[str, FileEntry] = {}
    texts: list[str] = []
    for number, document in enumerate(data.documents):
        entry, chunks = _filed(f"f{number}", document)
        files[entry.id] = entry
        for name, chunk in zip(entry.chunks, chunks, strict=True):
            passages[name] = _passage(name, entry.id, chunk)
            texts.append(embedded_text(chunk))
    vectors = embedder.embed(texts, data.name)
    index = ExactIndex(vectors, list(passages), _postings(texts))
    shelf = Shelf(passages, files, counted(texts))
    search = Search(OneIndex(Space(QueryVectors(embedder), index, 384)), shelf, shelf, shelf, shelf, limits)
    documents = {f"f{number}": document.id for number, document in enumerate(data.documents)}
    return Product(search, documents, passages, files)


def _filed(file_id: str, document: Document) -> tuple[FileEntry, Sequence[Chunk]]:
    chunks = cut(document.extraction, document.name)
    names = tuple(f"{file_id}.{chunk.key}" for chunk in chunks)
    return FileEntry(file_id, document.name, "", "", "main", names), chunks


def _passage(name: str, file_id: str, chunk: Chunk) -> Passage:
    return Passage(name, file_id, "", chunk.text, chunk.context, chunk.locator, "", chunk.ordinal, 0.0)


def _postings(texts: Sequence[str]) -> dict[int, tuple[NDArray[np.intp], NDArray[np.float32]]]:
    rows: defaultdict[int, list[int]] = defaultdict(list)
    values: defaultdict[int, list[float]] = defaultdict(list)
    for row, text in enumerate(texts):
        vector = text_vector(text)
        for place, value in zip(vector.dimensions, vector.values, strict=True):
            rows[place].append(row)
            values[place].append(value)
    return {place: (np.array(rows[place]), np.array(values[place], np.float32)) for place in rows}
