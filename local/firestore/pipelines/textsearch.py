"""Matching text for the search stage.

A simple stand-in for Firestore's text index: every string in a document is searched, words are compared
without case, and the score only counts occurrences. Queries are words, which must all occur, "phrases", OR
between two of them, and -words or -"phrases" that must not occur.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from local.firestore.pipelines.items import Item
from local.firestore.protos import Message

SATURATION = 1.2
"""The k of BM25: so many occurrences of a word score half of what more could."""

_WORD = re.compile(r"\w+")
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True)
class TextQuery:
    """Alternatives that must each occur, and phrases that must not; a phrase is a run of words."""

    wanted: tuple[tuple[str, ...], ...]
    unwanted: tuple[str, ...]


@lru_cache(maxsize=500)
def parse_text_query(query: str) -> TextQuery:
    """Read a query."""
    wanted: list[tuple[str, ...]] = []
    unwanted: list[str] = []
    alternative = False
    for term in _TERM.finditer(query):
        if term[0] == "OR":
            alternative = bool(wanted)
            continue
        phrase = " ".join(_words(term[2] if term[2] is not None else term[3]))
        if not phrase:
            continue
        if term[1]:
            unwanted.append(phrase)
        elif alternative:
            wanted[-1] += (phrase,)
        else:
            wanted.append((phrase,))
        alternative = False
    return TextQuery(tuple(wanted), tuple(unwanted))


def match(query: TextQuery, item: Item) -> float | None:
    """How well an item matches, at least 0; None when it does not."""
    text = " ".join(
        f" {' '.join(_words(one))} \n" for value in item.fields.values() for one in _strings(value)
    )
    if any(f" {phrase} " in text for phrase in query.unwanted):
        return None
    score = 0.0
    for alternatives in query.wanted:
        count = sum(len(re.findall(f" {phrase}(?= )", text)) for phrase in alternatives)
        if not count:
            return None
        score += count / (count + SATURATION)
    return score


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _strings(value: Message) -> Iterator[str]:
    kind = value.WhichOneof("value_type")
    if kind == "string_value":
        yield value.string_value
    elif kind == "array_value":
        for element in value.array_value.values:
            yield from _strings(element)
    elif kind == "map_value":
        for inner in value.map_value.fields.values():
            yield from _strings(inner)
