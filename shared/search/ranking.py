"""The order of candidates: meaning and words in one score, then what the best passages themselves name.

score = cosine + 0.6 BM25 + 0.45 coverage + 0.1 coverage by the headings

BM25 is divided by the most that the question's terms could give, so that it lies between 0 and 1 as
coverage does; such a weighted sum of bounded scores finds more than a fusion of ranks does (Bruch, Gai and
Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023). The four weights are the only
numbers that were fitted; decision 013 says on what.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from shared.models import Passage
from shared.search.interfaces import Reranker, TermStatistics
from shared.search.lexicon import K1, rarity, saturation
from shared.search.reading import Reading, reading
from shared.search.terms import content_terms, terms

_BM25, _COVERAGE, _HEADINGS = 0.6, 0.45, 0.1
_NAMING = 3
"""The first passages, whose text is looked through for the names of other files."""
_NAMED = 0.3
"""What being named by the first passage adds; by a weaker one, in proportion."""
_SHORTEST_NAME = 4
"""Letters of a file's name below which it may be any word."""
_FLOOR = 50
"""The rank whose score counts as none when passages that name others are compared."""

_RERANKED = 100
"""Candidates shown to a reranking model: what one request is priced for."""

_WORDS = re.compile(r"\w+")
_IN_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's terms that carry meaning, each with its weight, and its words as a name is compared."""

    text: str
    weights: Mapping[str, float]
    words: str

    @property
    def total(self) -> float:
        """What a text that holds every term covers."""
        return sum(self.weights.values())


class Candidate(NamedTuple):
    """A passage with its terms and its score; `cosine` is its similarity to the question."""

    passage: Passage
    cosine: float
    reading: Reading
    score: float


def asked(question: str, statistics: TermStatistics) -> Asked:
    """Weigh the terms of a question; one that consists of function words alone keeps them all."""
    found = content_terms(question) or list(dict.fromkeys(terms(question)))
    weights = {term: rarity(term, statistics) for term in found}
    return Asked(question, weights, name_words(question))


def coverage(weights: Mapping[str, float], held: frozenset[str]) -> float:
    """The share of the question's weight that a text holds, 0 to 1; 1 when nothing was asked for."""
    total = sum(weights.values())
    if not total:
        return 1.0
    return sum([weight for term, weight in weights.items() if term in held]) / total


def ranked(question: Asked, passages: Iterable[tuple[Passage, float]]) -> list[Candidate]:
    """The passages with their cosines, best first."""
    weights, total = tuple(question.weights.items()), question.total
    scored = [_scored(weights, total, passage, cosine) for passage, cosine in passages]
    scored.sort(key=_order)
    return _with_named(question, scored)


async def reordered(
    reranker: Reranker, question: str, candidates: Sequence[Candidate]
) -> Sequence[Candidate]:
    """In the order of a model that reads question and passage together; as they are when it cannot."""
    first = candidates[:_RERANKED]
    scores = await reranker.scores(question, [one.passage for one in first])
    if scores is None:
        return candidates
    pairs = sorted(zip(scores, range(len(first)), strict=True), key=lambda pair: (-pair[0], pair[1]))
    return [*(first[number] for _, number in pairs), *candidates[_RERANKED:]]


def _order(candidate: Candidate) -> tuple[float, str]:
    return -candidate.score, candidate.passage.chunk_id


def _scored(weights: Sequence[tuple[str, float]], total: float, passage: Passage, cosine: float) -> Candidate:
    found = reading(passage)
    counts, headings, length = found.counts, found.headings, found.length
    bm25 = covered = above = 0.0
    for term, weight in weights:
        count = counts.get(term)
        if count is not None:
            bm25 += weight * saturation(count, length)
            covered += weight
            if term in headings:
                above += weight
    score = cosine
    if total:
        score += (_BM25 * bm25 / (K1 + 1) + _COVERAGE * covered + _HEADINGS * above) / total
    return Candidate(passage, cosine, found, score)


def _with_named(question: Asked, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Lift the best passage of each file whose name the first passages mention.

    A question that needs two documents ("the birthplace of the director of X") has words of the first only;
    the first says which the second is.
    """
    if not candidates:
        return []
    best = candidates[0].score
    floor = candidates[min(len(candidates), _FLOOR) - 1].score
    texts = [
        (one.passage.file_id, name_words(one.passage.text), (one.score - floor) / ((best - floor) or 1.0))
        for one in candidates[:_NAMING]
    ]
    seen: set[str] = set()
    lifted: list[Candidate] = []
    for one in candidates:
        gain = 0.0
        if one.passage.file_id not in seen:
            seen.add(one.passage.file_id)
            gain = _NAMED * _mention(question, one.passage, texts)
        lifted.append(one._replace(score=one.score + gain) if gain else one)
    return sorted(lifted, key=_order)


def _mention(question: Asked, passage: Passage, texts: Sequence[tuple[str, str, float]]) -> float:
    """How strongly other files' passages name this one's file, 0 to 1."""
    name = _title_words(passage.context)
    if len(name.strip()) < _SHORTEST_NAME or name in question.words:
        return 0.0
    naming = (share for file_id, text, share in texts if file_id != passage.file_id and name in text)
    return max(0.0, max(naming, default=0.0))


@lru_cache(maxsize=4_096)
def _title_words(context: str) -> str:
    """The words of a file's name, with which every context begins, without what stands in brackets behind."""
    return name_words(_IN_BRACKETS.sub("", context.split(" > ", 1)[0]))


def name_words(text: str) -> str:
    """A text's words in lower case, a space around each, so that whole words are found in it."""
    return f" {' '.join(_WORDS.findall(text.casefold()))} "
