"""How far passages speak to a question: enough to answer, or better to say that nothing was found.

A cosine alone cannot tell: a question about something the documents never mention is often close to
documents about similar things. So the terms of the question are looked for as well, the rarer ones
counting more, and near each other: words of a question that stand a page apart answer it by chance.
"""

import math
from collections.abc import Iterator, Sequence

from shared.search.quotes import pieces
from shared.search.ranking import Asked, Candidate, coverage
from shared.search.terms import terms

_LOOKED_INTO = 8
"""The first candidates: what the model would be given."""
_TOGETHER = 4
"""Sentences or rows that are read together: a label, its value, and what they are about."""
_UNRELATED, _RELATED = 0.15, 0.5
"""Cosines at or below which two texts have nothing in common, and from which on they surely do; seen
with all-MiniLM-L6-v2 and to be fitted again for another embedding model."""


def strength(question: Asked, candidates: Sequence[Candidate]) -> float:
    """Evidence, 0 to 1: the square root of closeness, times coverage.

    Closeness is the best cosine, stretched. Coverage is the largest share of the question's weight that four
    neighbouring sentences or rows hold together with their headings. Closeness alone would take any document
    about similar things for an answer, coverage alone any list of the same words; so it is a product.
    """
    if not candidates:
        return 0.0
    similarity = max(one.cosine for one in candidates)
    closeness = min(1.0, max(0.0, (similarity - _UNRELATED) / (_RELATED - _UNRELATED)))
    covered = max(
        coverage(question.weights, held) for one in candidates[:_LOOKED_INTO] for held in _windows(one)
    )
    return math.sqrt(closeness) * covered


def _windows(candidate: Candidate) -> Iterator[frozenset[str]]:
    """The terms of each run of neighbouring sentences or rows, with those of the headings above them."""
    text = candidate.passage.text
    headings = frozenset(terms(candidate.passage.context))
    held = [frozenset(terms(text[start:end])) for start, end in pieces(text)]
    yield headings
    for at in range(len(held)):
        yield headings.union(*held[at : at + _TOGETHER])
