"""How the CPU of a question grows with what is indexed, apart from the index's own work.

Search and answering are the product's own, in this process; Firestore, Drive and Vector Search are objects
that answer at once, and the time of the exact index is measured apart. Chunks are the sample Drive's with
their sentences mixed and a term of their own each, their vectors the sample's with noise, so that the
candidates of a question come from everywhere. What Firestore and Drive are asked for does not grow: ids of
chunks that were found and of their files.
"""

import asyncio
import gc
import io
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.embedding import CachedEmbedder
from benchmarks.quality.product import SOMEBODY, ExactIndex, Shelf, embedded_text
from benchmarks.quality.sets import Document
from benchmarks.speed.cold import Measures
from benchmarks.speed.questions import known
from benchmarks.speed.standing import FOLDER
from functions.chat.evidence import SearchEvidence
from shared.answers.interfaces import Delta, Message, Prompt
from shared.answers.service import AnswerService
from shared.clock import SystemClock
from shared.documents.chunks import cut
from shared.models import Chunk, Passage, Person, Scope, Usage
from shared.search.answering import OneIndex, Space
from shared.search.interfaces import FileEntry, HybridQuery, Neighbor, TermStatistics
from shared.search.lexicon import dimension, text_vector
from shared.search.passages import Limits
from shared.search.service import Search
from shared.settings import SearchSettings

SIZES = {200: 10, 1_000: 50, 10_000: 500, 50_000: 2_500, 200_000: 10_000}
"""Chunks -> files."""
MIXED = 1_500
"""Texts that are mixed from the sample's; the chunks share them, but for a term each."""
NOISE = 0.6
ROUNDS = 7


@dataclass
class Timed:
    """The index, and the seconds of CPU that it took.

    It searches for each question once and then remembers what it found: it is another machine's, and must not
    sweep hundreds of MB through this one's caches between two questions.
    """

    index: ExactIndex
    seconds: float = 0.0
    known: dict[object, Sequence[Neighbor]] = field(default_factory=dict)

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """As NeighborFinder."""
        began = time.process_time()
        key = (tuple(query.vector), limit, per_file)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = await self.index.find(query, allow, limit, per_file)
        self.seconds += time.process_time() - began
        return found


@dataclass
class Vectors:
    """QueryEmbedder that knows the questions."""

    known: Mapping[str, list[float]]

    async def query(self, text: str) -> list[float]:
        """As QueryEmbedder."""
        return self.known[text]


class Quoting:
    """AnswerModel that says the line of the sources that shares most words with the question."""

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """As AnswerModel."""
        *sources, asked, _ = prompt.user.split("\n")
        wanted, number, best = set(asked.casefold().split()), 0, (0, "", 0)
        for line in sources:
            number += line.startswith("<source")
            best = max(best, (len(wanted & set(line.casefold().split())), line, number))
        yield Delta(f"{best[1].rstrip('.')}. [{best[2]}]", Usage(1, 1, 0, "quoting"))


@dataclass
class Conversations:
    """ConversationStore that keeps the number of messages."""

    messages: int = 0

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """As ConversationStore."""
        del conversation_id, person, message
        self.messages += 1


@dataclass
class Corpus:
    """The sample's chunks, mixed ones, and the vectors of both and of the questions."""

    chunks: list[Chunk]
    sparse: list[Any]
    vectors: NDArray[np.float32]
    questions: dict[str, list[float]]
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))

    @classmethod
    def made(cls, documents: Sequence[Document]) -> "Corpus":
        """From the sample's files."""
        own = [chunk for document in documents for chunk in cut(document.extraction, document.name)]
        embedder, questions = CachedEmbedder(FOLDER / "embeddings"), known()
        vectors = embedder.embed([embedded_text(one) for one in own])
        asked = embedder.embed(questions)
        drawn = random.Random(1)  # noqa: S311 - texts, no secret
        lines = [line for one in own for line in one.text.splitlines() if line.strip()]
        mixed = [
            replace(
                own[n % len(own)], text="\n".join([own[n % len(own)].text[:400], *drawn.sample(lines, 4)])
            )
            for n in range(MIXED)
        ]
        chunks = [*own, *mixed]
        return cls(
            chunks,
            [text_vector(embedded_text(one)) for one in chunks],
            np.concatenate([vectors, vectors[np.arange(MIXED) % len(own)]]),
            {text: vector.tolist() for text, vector in zip(questions, asked, strict=True)},
        )

    def index(self, count: int, files: int) -> tuple[ExactIndex, Shelf]:
        """So many chunks in so many files: the sample's first, then mixed ones."""
        rows = np.arange(count) % len(self.chunks)
        vectors = self.vectors[rows]
        rest = slice(min(count, len(self.chunks)), None)
        noise = self.random.standard_normal(vectors[rest].shape, np.float32)
        vectors[rest] += NOISE * noise / np.sqrt(np.float32(vectors.shape[1]))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        each = count // files
        ids = [f"g{n // each}.{n}" for n in range(count)]
        passages = {name: self._passage(name, int(row)) for name, row in zip(ids, rows, strict=True)}
        entries = {
            f"g{n}": FileEntry(f"g{n}", f"File {n}", "", "", "main", tuple(ids[n * each : (n + 1) * each]))
            for n in range(files)
        }
        postings, counts = self._postings(rows)
        return ExactIndex(vectors, ids, postings), Shelf(passages, entries, TermStatistics(count, counts))

    def _passage(self, name: str, row: int) -> Passage:
        chunk = self.chunks[row]
        file_id = name.partition(".")[0]
        return Passage(name, file_id, "", chunk.text, chunk.context, chunk.locator, "", chunk.ordinal, 0.0)

    def _postings(
        self, rows: NDArray[np.intp]
    ) -> tuple[dict[int, tuple[NDArray[np.intp], NDArray[np.float32]]], Counter[int]]:
        """Rows and weights by term, and in how many chunks each occurs; a chunk's own term only counts."""
        holders: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        for base, vector in enumerate(self.sparse):
            for place, value in zip(vector.dimensions, vector.values, strict=True):
                holders[place].append((base, value))
        at = [np.flatnonzero(rows == base) for base in range(len(self.sparse))]
        postings = {
            place: (
                np.concatenate([at[base] for base, _ in held]),
                np.concatenate([np.full(len(at[base]), value, np.float32) for base, value in held]),
            )
            for place, held in holders.items()
        }
        counts = Counter({place: len(found) for place, (found, _) in postings.items()})
        counts.update(dimension(f"item{n}") for n in range(len(rows)))
        return postings, counts


def growth(documents: Sequence[Document]) -> Measures:
    """Milliseconds of CPU a question, by size."""
    corpus, found = Corpus.made(documents), cast("Measures", {})
    for count, files in SIZES.items():
        gc.unfreeze()
        index, shelf = corpus.index(count, files)
        gc.collect()
        gc.freeze()  # an instance holds none of this
        size = f"{count:,} chunks, {files:,} files"
        with redirect_stdout(io.StringIO()):  # what it logs
            measured = asyncio.run(_asked(index, shelf, corpus.questions))
        for name, value in measured.items():
            found.setdefault(f"growth: {name}", {})[size] = round(value, 2)
    return found


async def _asked(index: ExactIndex, shelf: Shelf, questions: Mapping[str, list[float]]) -> dict[str, float]:
    settings, timed, kept = SearchSettings(), Timed(index), Conversations()
    limits = Limits(settings.candidates, settings.passages, settings.per_file)
    finder = OneIndex(Space(Vectors(questions), timed, 384))
    search = Search(finder, shelf, shelf, shelf, shelf, limits)
    service = AnswerService(
        searcher=SearchEvidence(search),
        model=Quoting(),
        conversations=cast("Any", kept),
        clock=SystemClock(),
        threshold=0.0,
    )
    for text in questions:
        await _answer(service, text)
    own, spent = timed.seconds, []
    for _ in range(ROUNDS):
        before, inside = time.process_time(), timed.seconds
        for text in questions:
            await _answer(service, text)
        spent.append((time.process_time() - before - timed.seconds + inside) * 1000 / len(questions))
    return {
        "CPU ms a question, apart from the index": min(spent),
        "CPU ms of the exact index itself": own * 1000 / len(questions),
    }


async def _answer(service: AnswerService, text: str) -> None:
    async with aclosing(cast("Any", service.ask(SOMEBODY, text, Scope()))) as events:
        async for _ in events:
            pass
