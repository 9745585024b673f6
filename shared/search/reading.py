"""A chunk's text taken apart once, for all questions that this instance is asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from shared.models import Passage
from shared.search.sentences import pieces
from shared.search.terms import terms

_KEPT = 4_096
"""Chunks. They are cut to size, so this is about 30 MB; the words themselves are kept once for all."""
_LOOKED_INTO = 2_048
"""Chunks of which the sentences are kept too: about 20 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The terms of a chunk: how often each occurs in its text and in the headings above it."""

    text: str
    headings: frozenset[str]
    counts: Mapping[str, int]
    length: int
    """Terms, repeats included."""

    @property
    def sentences(self) -> tuple[frozenset[str], ...]:
        """The terms of each sentence or row."""
        return sentence_terms(self.text)


def reading(passage: Passage) -> Reading:
    """The terms of a passage."""
    return _reading(passage.text, passage.context)


@lru_cache(maxsize=_LOOKED_INTO)
def sentence_terms(text: str) -> tuple[frozenset[str], ...]:
    """The terms of each sentence or row of a text."""
    return tuple(frozenset(terms(text[start:end])) for start, end in pieces(text))


@lru_cache(maxsize=_KEPT)
def _reading(text: str, context: str) -> Reading:
    above, below = _heading_terms(context), terms(text)
    counts = Counter(chain(above, below))
    return Reading(text, frozenset(above), dict(counts), len(above) + len(below))


@lru_cache(maxsize=4_096)
def _heading_terms(context: str) -> tuple[str, ...]:
    return tuple(terms(context))
