"""What a question pins down, and whether the documents speak of it: a date, and names.

"What policy did Retail Emporium revise in September 2020?" is not answered by a report of what happened in
nine other months, though it has all the other words. And who asks about Cornell University is not answered
by a text in which no sentence has both words.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache

from shared.search.dates import Date, dates, month_names
from shared.search.ranking import Candidate
from shared.search.sentences import pieces
from shared.search.terms import terms

_BEFORE, _AFTER = 1, 2
"""Sentences beside the one with the date in which something that is asked must stand."""
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")
_FIRST = re.compile(r"^\W*\w+")
_GAP = re.compile(r"['\u2019]s?(?!\w)|[^\w\s&'\u2019-]")
_WORD = re.compile(r"[\w&'\u2019-]+")


def dated(asked: Collection[Date], terms_asked: Collection[str], candidates: Iterable[Candidate]) -> bool:
    """Whether something that is asked stands beside the date that is asked for.

    Where the candidates have no date with a month, it is not known how these documents write dates.
    """
    wanted = frozenset(terms_asked)
    others = False
    for one in candidates:
        above = dates(one.passage.context.replace("_", " "))
        own = _dates_of_sentences(one.passage.text)
        others = others or bool(above) or any(own)
        for at, found in enumerate(own):
            beside = one.reading.sentences[max(0, at - _BEFORE) : at + 1 + _AFTER]
            if any(day.may_be(other) for day in asked for other in (*above, *found)) and any(
                not wanted.isdisjoint(sentence) for sentence in beside
            ):
                return True
    return not others


@lru_cache(maxsize=4_096)
def _dates_of_sentences(text: str) -> tuple[tuple[Date, ...], ...]:
    return tuple(dates(text[start:end]) for start, end in pieces(text))


@cache
def months() -> frozenset[str]:
    """The terms of months' names, which are looked for as dates."""
    return frozenset(term for name in month_names() for term in terms(name))


def names(question: str) -> list[list[frozenset[str]]]:
    """The names of several words in a question: each word's terms.

    A name is words with a capital letter, one after the other; the first word of a sentence has one anyway.
    A question that writes most of its words so has none.
    """
    words = _WORD.findall(question)
    if 2 * sum(word[0].isupper() for word in words) > len(words):
        return []
    runs: list[list[str]] = []
    for sentence in _SENTENCE.split(question):
        for part in _GAP.split(_FIRST.sub("", sentence)):
            runs.append([])
            for word in _WORD.findall(part):
                if word[0].isupper():
                    runs[-1].append(word)
                else:
                    runs.append([])
    return [[frozenset(terms(word)) for word in run] for run in runs if len(run) > 1]


def said(name: Sequence[frozenset[str]], candidates: Iterable[Candidate]) -> bool:
    """Whether a sentence, with the headings above it, has every word of a name.

    In a language that writes nouns with a capital letter, words that are no name stand together like one;
    so they need not be neighbours.
    """
    for one in candidates:
        if any(word.isdisjoint(one.reading.counts) for word in name):
            continue
        below = [word for word in name if word.isdisjoint(one.reading.headings)]
        if any(all(not word.isdisjoint(sentence) for word in below) for sentence in one.reading.sentences):
            return True
    return False
