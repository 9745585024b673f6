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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from shared.models import SparseVector
from shared.search.interfaces import StatisticsStore, TermStatistics
from shared.search.terms import terms

K1, B = 1.2, 0.75
USUAL_LENGTH = 110
"""Terms of a usual chunk, repeats and spellings included: the mean over nine corpora was 75 to 136."""


def rarity(term: str, statistics: TermStatistics) -> float:
    """The question's weight of a term, above 0."""
    held = min(statistics.counts.get(dimension(term), 0), statistics.chunks)
    return math.log(1 + (statistics.chunks - held + 0.5) / (held + 0.5))


@lru_cache(maxsize=100_000)
def dimension(term: str) -> int:
    """The term's place in sparse vectors: 31 bits of BLAKE2b, so that nobody has to keep a dictionary."""
    return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=4).digest(), "big") >> 1


def saturation(frequency: int, length: int) -> float:
    """The text's weight of a term, 0 to k1 + 1."""
    return frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / USUAL_LENGTH))


def text_vector(text: str) -> SparseVector:
    """A text's side of the product, dimensions ascending."""
    found = terms(text)
    weights: dict[int, float] = {}
    for term, frequency in Counter(found).items():
        place = dimension(term)
        weights[place] = max(weights.get(place, 0.0), saturation(frequency, len(found)))
    return _vector(weights)


def question_vector(weights: Mapping[str, float]) -> SparseVector:
    """The question's side, of its terms and their rarities."""
    return _vector({dimension(term): weight for term, weight in weights.items()})


def counted(texts: Iterable[str]) -> TermStatistics:
    """The statistics of some texts."""
    counts: Counter[int] = Counter()
    number = 0
    for number, text in enumerate(texts, 1):  # noqa: B007 - the last one is the number of texts
        counts.update({dimension(term) for term in terms(text)})
    return TermStatistics(number, counts)


@dataclass(frozen=True)
class Lexicon:
    """The lexical side of ingestion: weighs what goes into the index, and counts it."""

    store: StatisticsStore

    def sparse(self, text: str) -> SparseVector:
        """What the index keeps of a chunk's text beside its dense vector."""
        return text_vector(text)

    async def count(self, file_id: str, added: Sequence[str], removed: Sequence[str]) -> None:
        """Note that a file's chunks with these texts came and went. Raises Conflict, Timeout, Unavailable."""
        if added or removed:
            await self.store.add(file_id, counted(added), counted(removed))


def _vector(weights: Mapping[int, float]) -> SparseVector:
    ordered = sorted(weights)
    return SparseVector(tuple(ordered), tuple(weights[place] for place in ordered))
