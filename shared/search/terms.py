"""Words of a text as comparable terms: folded, stemmed, without those that carry no meaning."""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:[-.,:/'][^\W_]+)*")
_PARTS = re.compile(r"[^\W_]+")


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeats included.

    Codes and numbers such as "SO-51101" and "5,522.40" stay whole; they are also given by the cells of a
    comma-separated line, and by their parts, so that each spelling matches.
    """
    found: list[str] = []
    for word in _WORD.findall(_folded(text)):
        spellings = dict.fromkeys([word, *word.split(","), *_PARTS.findall(word)])
        found += [_stem(spelling) for spelling in spellings if spelling]
    return found


def content_terms(text: str) -> list[str]:
    """The terms that carry meaning, each once, in order of appearance."""
    stop = _stopwords()
    kept: dict[str, None] = {}
    for word in _WORD.findall(_folded(text)):
        if word not in stop and (len(word) > 1 or word.isdigit()):
            kept[_stem(word)] = None
    return list(kept)


def _folded(text: str) -> str:
    """Lower case without accents, so that "Kjærgård" and a careless spelling of it come closer."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _stopwords() -> frozenset[str]:
    """Words that carry no meaning of their own, of the languages in stopwords/."""
    files = sorted((Path(__file__).parent / "stopwords").glob("*.txt"))
    return frozenset(word for file in files for word in _folded(file.read_text(encoding="utf-8")).split())


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if any(letter.isdigit() for letter in word):
        return word
    return str(_ENGLISH.stemWord(word))


_ENGLISH = snowballstemmer.stemmer("english")
"""Snowball's English stemmer (Porter 2); words of other languages mostly pass through unharmed."""
