"""Which documents a question names, and with which of its words.

"What was the cash flow of Grand Adventures Tourism Ltd. in 2021?" names a report by its title. Those words
say where to look and not what is asked, and every passage of the report has them in the headings above it.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from shared.models import Passage
from shared.search.ranking import Asked
from shared.search.terms import content_terms

_TITLES = 2
"""Levels that may name a document: the file's name and its outermost heading."""
_ENOUGH = 0.6
"""Share of a title's terms that a question must have, one after the other."""
_WORD = re.compile(r"[^\W_]+")


def documents_named(question: Asked, passages: Iterable[Passage]) -> Mapping[frozenset[str], frozenset[str]]:
    """For each name in the question its terms, and the ids of the files that it may mean.

    A name has a capital letter or a digit within the question. Of two, one within the other, the longer
    counts.
    """
    words = f" {' '.join(_WORD.findall(question.text.casefold()))} "
    marked = frozenset(
        found.group().casefold()
        for found in _WORD.finditer(question.text)
        if any(map(str.isdigit, found.group())) or (found.start() and found.group()[0].isupper())
    )
    if not marked:
        return {}
    contexts = {passage.file_id: passage.context for passage in passages}
    named: dict[frozenset[str], set[str]] = {}
    for file_id, context in contexts.items():
        found = frozenset[str]().union(
            *(_matched(title, words, marked) for title in context.split(" > ")[:_TITLES])
        )
        held = found.intersection(question.weights)
        if held:
            named.setdefault(held, set()).add(file_id)
    longest = [name for name in named if not any(name < other for other in named)]
    return {name: frozenset(named[name]) for name in longest}


def _matched(title: str, words: str, marked: frozenset[str]) -> frozenset[str]:
    """The terms of the longest part of a title that stands in the question, if it is enough to mean it."""
    parts, whole = _title(title)
    if marked.isdisjoint(parts):
        return frozenset()
    longest: tuple[str, ...] = ()
    for start in range(len(parts)):
        end = start + len(longest) + 1
        while end <= len(parts) and f" {' '.join(parts[start:end])} " in words:
            longest = parts[start:end]
            end += 1
    if not marked.intersection(longest):
        return frozenset()
    found = whole.intersection(content_terms(" ".join(longest)))
    return found if len(found) >= _ENOUGH * len(whole) else frozenset()


@lru_cache(maxsize=4_096)
def _title(title: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """The words of a title in order, and its terms but for numbers, which are rarely part of a name."""
    parts = tuple(_WORD.findall(title.casefold()))
    return parts, frozenset(term for term in content_terms(" ".join(parts)) if not term.isdecimal())
