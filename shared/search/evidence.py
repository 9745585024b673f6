"""How far passages speak to a question: enough to answer, or better to say that nothing was found.

A cosine alone cannot tell: a question about something the documents never mention is often close to
documents about similar things. So the terms of the question are looked for as well, the rarer ones
counting more.
"""

import math
from collections.abc import Mapping, Sequence

from shared.search.terms import content_terms, terms


def rarity(question: Sequence[str], texts: Sequence[frozenset[str]]) -> dict[str, float]:
    """The weight of each question term: BM25's inverse document frequency over the candidates.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), with the usual +1 that keeps it
    positive.
    """
    count = len(texts)
    weights: dict[str, float] = {}
    for term in question:
        holding = sum(term in text for text in texts)
        weights[term] = math.log(1 + (count - holding + 0.5) / (holding + 0.5))
    return weights


def coverage(weights: Mapping[str, float], text: frozenset[str]) -> float:
    """The share of the question's weight that a text holds, 0 to 1; 1 when nothing was asked for."""
    total = math.fsum(weights.values())
    if not total:
        return 1.0
    return math.fsum(weight for term, weight in weights.items() if term in text) / total


def term_set(text: str) -> frozenset[str]:
    """The distinct terms of a text."""
    return frozenset(terms(text))


def question_terms(question: str) -> list[str]:
    """The distinct terms of a question that carry meaning."""
    return content_terms(question)


def strength(similarity: float, best: float, together: float) -> float:
    """Evidence, 0 to 1: the square root of closeness, times coverage.

    `similarity` is the best cosine; `best` is the largest share of the question's terms that one passage
    holds, `together` what the first passages hold between them, for questions answered from two places.
    Closeness alone would take any document about similar things for an answer, coverage alone any list of
    the same words; so it is a product.
    """
    closeness = min(1.0, max(0.0, (similarity - _UNRELATED) / (_RELATED - _UNRELATED)))
    return math.sqrt(closeness) * (best + together) / 2


_UNRELATED, _RELATED = 0.15, 0.5
"""Cosines at or below which two texts have nothing in common, and from which on they surely do; seen
with all-MiniLM-L6-v2 and to be fitted again for another embedding model."""
