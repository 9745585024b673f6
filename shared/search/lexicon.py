"""Which words are rare, and what a text's words weigh: the lexical half of the index.

The score of a text for a question is BM25 in the form of Robertson and Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond" (2009), split so that a dot product of two sparse vectors gives it:

    text      w(t) = f (k1 + 1) / (f + k1 (1 - b + b n / N))       f: t's frequency, n: terms of the text
    question  w(t) = ln(1 + (C - c + 0.5) / (c + 0.5))             C: chunks, c: those that hold t

with k1 = 1.2, b = 0.75. N, the length of a usual chunk, is a constant and not the mean of the corpus: chunks
are cut to size, so it hardly moves, and what is written to the index never has to be written again because
other files came or went. Only the question's side knows the corpus, by statistics that ingestion keeps.
"""

import math
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from shared.errors import AppError
from shared.log import get_logger
from shared.models import SparseVector
from shared.search.interfaces import StatisticsStore, TermStatistics
from shared.search.terms import terms

K1, B = 1.2, 0.75
USUAL_LENGTH = 110
"""Terms of a usual chunk, repeats and spellings included: the mean over nine corpora was 75 to 136."""
TOGETHER = 64
"""Files whose counts are written together, at most."""

_log = get_logger("search.lexicon")


def rarity(term: str, statistics: TermStatistics) -> float:
    """The question's weight of a term, above 0."""
    held = min(statistics.counts.get(dimension(term), 0), statistics.chunks)
    return math.log(1 + (statistics.chunks - held + 0.5) / (held + 0.5))


@lru_cache(maxsize=50_000)
def dimension(term: str) -> int:
    """The term's place in sparse vectors: 31 bits of BLAKE2b, so that nobody has to keep a dictionary."""
    return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=4).digest(), "big") >> 1


def saturation(frequency: int, length: int) -> float:
    """The text's weight of a term, 0 to k1 + 1."""
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / USUAL_LENGTH))


def text_vector(text: str) -> SparseVector:
    """A text's side of the product, dimensions ascending."""
    found = terms(text)
    counts = Counter(found)
    weighs = {frequency: saturation(frequency, len(found)) for frequency in set(counts.values())}
    # of two terms with one place, the more frequent one comes last and stays
    return _vector({dimension(term): weighs[often] for term, often in reversed(counts.most_common())})


def question_vector(weights: Mapping[str, float]) -> SparseVector:
    """The question's side, of its terms and their rarities."""
    return _vector({dimension(term): weight for term, weight in weights.items()})


def counted(texts: Iterable[str]) -> TermStatistics:
    """The statistics of some texts."""
    counts: Counter[int] = Counter()
    number = 0
    for number, text in enumerate(texts, 1):  # noqa: B007 - the last one is the number of texts
        counts.update(_known_vector(text).dimensions)
    return TermStatistics(number, counts)


@dataclass
class _Waiting:
    """What was counted and is not written yet."""

    files: int = 0
    chunks: int = 0
    counts: Counter[int] = field(default_factory=Counter)
    under_way: int = 0
    """Files that are being worked on."""


@dataclass(frozen=True)
class Lexicon:
    """The lexical side of ingestion: weighs what goes into the index, and counts it.

    While other files are worked on, counts wait, so that a busy instance writes them once for many files; the
    last one to finish writes what there is. An instance that is killed loses at most those of TOGETHER
    files, which changes weights by less than anybody would notice.
    """

    store: StatisticsStore
    _waiting: _Waiting = field(default_factory=_Waiting)

    def sparse(self, text: str) -> SparseVector:
        """What the index keeps of a chunk's text beside its dense vector."""
        return _known_vector(text)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """The work on one file; at its end counts are written, if nobody else is there to do it later."""
        self._waiting.under_way += 1
        try:
            yield
        finally:
            self._waiting.under_way -= 1
        try:
            await self._write()
        except AppError:
            _log.warning("terms.not_counted")

    async def count(self, added: Sequence[str], removed: Sequence[str]) -> None:
        """Note that chunks with these texts came and went. Raises Conflict, Timeout, Unavailable."""
        if not added and not removed:
            return
        came, went = counted(added), counted(removed)
        self._waiting.files += 1
        self._waiting.chunks += came.chunks - went.chunks
        self._waiting.counts.update(came.counts)
        self._waiting.counts.subtract(went.counts)
        await self._write()

    async def _write(self) -> None:
        waiting = self._waiting
        if not waiting.files or (waiting.under_way and waiting.files < TOGETHER):
            return
        change, files = TermStatistics(waiting.chunks, waiting.counts), waiting.files
        waiting.files, waiting.chunks, waiting.counts = 0, 0, Counter()
        try:
            await self.store.add(change)
        except AppError:
            waiting.files += files
            waiting.chunks += change.chunks
            waiting.counts.update(change.counts)
            raise


@lru_cache(maxsize=512)
def _known_vector(text: str) -> SparseVector:
    """A text's vector, which is asked for twice: by the index, and to count its terms."""
    return text_vector(text)


def _vector(weights: Mapping[int, float]) -> SparseVector:
    ordered = sorted(weights)
    return SparseVector(tuple(ordered), tuple(map(weights.__getitem__, ordered)))
