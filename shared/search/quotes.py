"""The stretch of a passage that speaks to a question best, word for word."""

import re
from collections.abc import Mapping

from shared.search.ranking import coverage
from shared.search.terms import terms

QUOTE_LENGTH = 300
"""Characters; about what a person reads at a glance."""
_BREAK = re.compile(r"(?<=[.!?:;])\s+|\n+")


def best_quote(text: str, weights: Mapping[str, float], length: int = QUOTE_LENGTH) -> str:
    """One to a few neighbouring sentences or rows of `text`, at most `length` characters, verbatim."""
    spans = pieces(text)
    if not spans:
        return text[:length].strip()
    scores = [coverage(weights, frozenset(terms(text[start:end]))) for start, end in spans]
    first = last = max(range(len(spans)), key=lambda number: (scores[number], -number))
    while last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= length:
        last += 1
    start, end = spans[first][0], spans[last][1]
    return text[start : min(end, start + length)].strip()


def pieces(text: str) -> list[tuple[int, int]]:
    """The spans of sentences and rows, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _BREAK.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return [span for span in spans if text[span[0] : span[1]].strip()]
