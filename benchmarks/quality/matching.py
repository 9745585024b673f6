"""When a retrieved passage holds a piece of evidence: one rule for every system.

With a quote: the passages of the evidence's document that were retrieved hold, between them, at least
`SHARE` of the quote's runs of three words (all of its words where it has fewer than four). So a quote that
the cutting parted counts when both parts were found, and a few words lost to a page break do not matter.
Without a quote, but with a page: a passage from that page of the document. With neither, the evidence
names a document, and only the measures about documents use it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from benchmarks.quality.sets import Evidence

SHARE = 0.8
_RUN = 3
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage as a system returns it: document, text, the pages it lies on (none when it knows none)."""

    document: str
    text: str
    pages: frozenset[int]


def placed(evidence: Evidence) -> bool:
    """Whether the evidence names more than a document."""
    return bool(evidence.quote) or evidence.page is not None


def holds(passages: Sequence[Retrieved], evidence: Evidence) -> bool:
    """Whether the passages hold the evidence."""
    own = [passage for passage in passages if passage.document == evidence.document]
    if not evidence.quote:
        return any(evidence.page in passage.pages for passage in own)
    wanted = _runs(evidence.quote)
    if not wanted:
        return any(evidence.quote in passage.text for passage in own)
    found: set[tuple[str, ...]] = set()
    for passage in own:
        found |= wanted & _runs_of(passage.text, min(_RUN, len(next(iter(wanted)))))
    return len(found) >= SHARE * len(wanted)


def _runs(quote: str) -> frozenset[tuple[str, ...]]:
    count = len(_words(quote))
    return _runs_of(quote, min(_RUN, count)) if count else frozenset()


@lru_cache(maxsize=50_000)
def _runs_of(text: str, length: int) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("_", " "))
