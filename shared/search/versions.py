"""Two versions of one document: the newer one is shown first, and the older one says so.

Nothing in Drive says that one file replaces another. Two passages are taken for versions of each other when
they stand in different files whose names differ in nothing but dates, numbers and words such as "draft" or
"old", under the same headings, and share most of their terms. A question that names what only the older
file's name has ("in 2017") is about that one, and the order stays.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from shared.models import Passage
from shared.search.ranking import Asked
from shared.search.terms import terms

_ALIKE, _ALIKE_MARKED = 0.5, 0.2
"""Shared share of two passages' terms (Jaccard) from which on they are versions of each other; less is enough
where the older one's name says that it is outdated."""
_OUTDATED = frozenset(("old", "outdated", "obsolete", "superseded", "alt", "veraltet"))
_MARKS = _OUTDATED | frozenset(
    (
        *("copy", "draft", "final", "new", "rev", "revised", "revision", "signed", "updated", "version"),
        *("neu", "entwurf", "endfassung", "fassung", "kopie", "and", "und"),
    )
)
_MARK = re.compile(r"v?\d+[a-z]?|q[1-4]|h[12]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_VERSION = re.compile(r"v(\d+)")
_TOKEN = re.compile(r"[^\W_]+")


def newest_first(question: Asked, passages: Sequence[Passage]) -> list[Passage]:
    """The passages, a newer version in the place of an older one before it; `superseded_by` is filled in."""
    ordered = list(passages)
    for at in range(len(ordered)):
        for later in range(at + 1, len(ordered)):
            if _replaces(question, ordered[later], ordered[at]):
                ordered[at], ordered[later] = ordered[later], ordered[at]
    newer = [_successor(question, one, ordered) for one in ordered]
    return [
        replace(one, superseded_by=name) if name != one.superseded_by else one
        for one, name in zip(ordered, newer, strict=True)
    ]


def _successor(question: Asked, one: Passage, others: Sequence[Passage]) -> str:
    """The name of the first file among the others that replaces this passage's file; "" when none does."""
    return next((other.file_name for other in others if _replaces(question, other, one)), "")


def _replaces(question: Asked, newer: Passage, older: Passage) -> bool:
    """Whether one is a newer version of the other, and the question does not ask for the other."""
    if newer.file_id == older.file_id or not _same_family(newer.file_name, older.file_name):
        return False
    first, second = _tokens(newer.file_name), _tokens(older.file_name)
    if not _newer(newer, older) or any(f" {token} " in question.words for token in second - first):
        return False
    one, other = _terms(newer.text), _terms(older.text)
    enough = _ALIKE_MARKED if second & _OUTDATED else _ALIKE
    return len(one & other) >= enough * len(one | other)


@lru_cache(maxsize=2_048)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _same_family(newer: str, older: str) -> bool:
    """Whether two names differ in nothing but marks; a name marked as outdated may have lost a word since."""
    first, second = _unmarked(newer), _unmarked(older)
    return bool(second) and (first == second or (second < first and bool(_tokens(older) & _OUTDATED)))


@lru_cache(maxsize=4_096)
def _unmarked(name: str) -> frozenset[str]:
    return frozenset(token for token in _tokens(name) if token not in _MARKS and not _MARK.fullmatch(token))


def _newer(one: Passage, other: Passage) -> bool:
    """By the mark of being outdated, else by version, year, or the date of the last change."""
    names = _tokens(one.file_name), _tokens(other.file_name)
    outdated = [bool(name & _OUTDATED) for name in names]
    if outdated[0] != outdated[1]:
        return outdated[1]
    for pattern in (_VERSION, _YEAR):
        numbers = [
            [int(found[found.lastindex or 0]) for token in name if (found := pattern.fullmatch(token))]
            for name in names
        ]
        if all(numbers) and max(numbers[0]) != max(numbers[1]):
            return max(numbers[0]) > max(numbers[1])
    return one.modified > other.modified


@lru_cache(maxsize=4_096)
def _tokens(name: str) -> frozenset[str]:
    stem = name.rpartition(".")[0] or name
    return frozenset(token.casefold() for token in _TOKEN.findall(stem))
