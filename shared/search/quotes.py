"""The stretch of a passage that speaks to a question best, word for word."""

from collections.abc import Mapping

from shared.search.ranking import coverage
from shared.search.reading import sentence_terms
from shared.search.sentences import pieces

QUOTE_LENGTH = 300
"""Characters; about what a person reads at a glance."""


def best_quote(text: str, weights: Mapping[str, float], length: int = QUOTE_LENGTH) -> str:
    """One to a few neighbouring sentences or rows of `text`, at most `length` characters, verbatim."""
    spans = pieces(text)
    if not spans:
        return text[:length].strip()
    scores = [coverage(weights, held) for held in sentence_terms(text)]
    first = last = scores.index(max(scores))
    while last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= length:
        last += 1
    start, end = spans[first][0], spans[last][1]
    return text[start : min(end, start + length)].strip()
