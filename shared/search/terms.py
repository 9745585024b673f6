"""Words of a text as comparable terms, in every script: folded, split, stemmed.

A language that puts spaces between words gives its words, stemmed by Snowball in the language that the
text's function words show (https://snowballstem.org). Chinese, Japanese, Korean, Thai and their neighbours
give pairs of adjacent characters, which need no dictionary and find nearly as well as words do (Nie, Gao,
Zhang and Zhou, "On the use of words and n-grams for Chinese information retrieval", IRAL 2000).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

_LANGUAGES = {
    "en": "english",
    "de": "german",
    "es": "spanish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
}
"""Snowball's name of each language that has a list of function words in stopwords/."""
_SAMPLE = 200
"""Words that are looked at to tell a text's language."""
_SURE = 2
"""Function words of another language needed before a text is not read as English."""

_WORD = re.compile(r"[^\W_]+(?:[-.,:/'\u2019][^\W_]+)*")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_PARTS = re.compile(r"[^\W_]+")
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_HUMPED = re.compile(r"[a-z][A-Z]")
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
"""Thai, Lao, Myanmar, Khmer, the kana, Han characters and Hangul."""
_VOICED = "\u3099\u309a"
"""Marks that make another letter of a kana, where other marks are accents."""
_LAST_MARK = 0x1F000
"""No character from here on combines with another; to look at all of them takes a tenth of a second."""
_YEAR = re.compile(r"(?:fy|cy|gj)[-']?((?:19|20)\d\d)")
"""A fiscal or calendar year: "FY2023" asks for what stands under "2023"."""
_FILE_ENDING = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|csv|md|txt|html?)$")
_SHORT = 40
"""Words up to which a text may have most of its function words at the beginning of sentences."""
_MEMORY = 50_000
"""Words of one language whose spellings are remembered, at 300 bytes each."""
_DIGIT = re.compile(r"\d")


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeats included.

    Codes and numbers such as "SO-51101" and "5,522.40" stay whole; they are also given by the cells of a
    comma-separated line and by their parts, and names such as "ProjectPlan" by their humps, so that each
    spelling matches.
    """
    words = _WORD.findall(_plain(text))
    known = _known_spellings(_language(words))
    return list(chain.from_iterable([known[word] for word in words]))


def content_terms(text: str) -> list[str]:
    """The terms of a question that carry meaning, each once, in order of appearance."""
    words = _WORD.findall(_plain(text))
    language = _language(words)
    stop = _stopwords(language)
    kept: dict[str, None] = {}
    for word in words:
        lower = word.casefold()
        if _UNSPACED.search(lower):
            kept.update(dict.fromkeys(_spellings(word, language)))
        elif lower not in stop and (len(lower) > 1 or lower.isdigit()):
            year = _YEAR.fullmatch(lower)
            kept[year[1] if year else _stem(_bare(_FILE_ENDING.sub("", lower)), language)] = None
    return list(kept)


def specific_terms(text: str) -> frozenset[str]:
    """The content terms that name something: with a digit, or capitalised within the question."""
    plain = _plain(text)
    language = _language(_WORD.findall(plain))
    stop = _stopwords(language)
    return frozenset(
        _stem(_bare(word.group().casefold()), language)
        for word in _WORD.finditer(plain)
        if word.group().casefold() not in stop
        and (any(map(str.isdigit, word.group())) or (word.start() and word.group()[0].isupper()))
    )


def _plain(text: str) -> str:
    """Without accents, so that "Kjærgård" and a careless spelling of it come closer; case is kept."""
    return text if text.isascii() else _FOREIGN.sub(_folded_run, text)


def _folded_run(run: re.Match[str]) -> str:
    return _folded(run.group())


@lru_cache(maxsize=4_096)
def _folded(run: str) -> str:
    """Most runs are a quotation mark, a dash or one letter, so the slow part is done once for all texts."""
    return unicodedata.normalize("NFKC", _accents().sub("", unicodedata.normalize("NFKD", run)))


@cache
def _accents() -> re.Pattern[str]:
    """Every mark that combines with the letter before it and makes no other letter of it."""
    marks = "".join(filter(unicodedata.combining, map(chr, range(_LAST_MARK))))
    return re.compile(f"[{''.join(mark for mark in marks if mark not in _VOICED)}]+")


class _Spellings(dict[str, tuple[str, ...]]):
    """The spellings of words in one language, worked out when first asked for."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language

    def __missing__(self, word: str) -> tuple[str, ...]:
        found = _spellings(word, self._language)
        if not _DIGIT.search(word):  # numbers and codes hardly come again, and there is no end of them
            if len(self) >= _MEMORY:
                self.clear()
            self[word] = found
        return found


@cache
def _known_spellings(language: str) -> _Spellings:
    return _Spellings(language)


def _spellings(word: str, language: str) -> tuple[str, ...]:
    """The word whole, its cells, its parts, its humps; or its pairs of characters."""
    if word.isascii() and word.isdecimal():
        return (word,)
    lower = word.casefold()
    if _UNSPACED.search(lower):
        return tuple(_pairs(lower, language))
    found = dict.fromkeys([lower, *lower.split(","), *_PARTS.findall(lower)])
    if _HUMPED.search(word):
        found.update(dict.fromkeys(part.casefold() for part in _HUMPS.findall(word)))
    if year := _YEAR.fullmatch(lower):
        found[year[1]] = None
    return tuple(dict.fromkeys(_stem(_bare(spelling), language) for spelling in found if spelling))


def _pairs(word: str, language: str) -> Iterable[str]:
    """Adjacent pairs of characters of each run without spaces; what stands between the runs, as words."""
    at = 0
    for run in _UNSPACED.finditer(word):
        yield from (_stem(part, language) for part in _PARTS.findall(word[at : run.start()]))
        letters = run.group()
        yield from ("".join(pair) for pair in pairwise(letters)) if len(letters) > 1 else (letters,)
        at = run.end()
    yield from (_stem(part, language) for part in _PARTS.findall(word[at:]))


def _bare(word: str) -> str:
    """Without an English possessive."""
    return word[:-2] if word.endswith(("'s", "\u2019s")) else word


def _language(words: list[str]) -> str:
    """The language most of whose function words occur; English when in doubt."""
    sample = set(words[:_SAMPLE])
    if len(words) <= _SHORT:
        sample = set(map(str.casefold, sample))
    english = len(sample & _lists()["en"])
    best, most = "en", max(english, _SURE - 1)
    if len(sample & _others()) <= most:
        return best
    for language, listed in _lists().items():
        found = len(sample & listed)
        if found > most:
            best, most = language, found
    return best


@cache
def _lists() -> dict[str, frozenset[str]]:
    """The function words of each language, folded as words of a text are."""
    folder = Path(__file__).parent / "stopwords"
    return {
        language: frozenset(
            _plain((folder / f"{language}.txt").read_text(encoding="utf-8")).casefold().split()
        )
        for language in _LANGUAGES
    }


@cache
def _others() -> frozenset[str]:
    """The function words of all languages but English."""
    return frozenset[str]().union(*(listed for language, listed in _lists().items() if language != "en"))


@cache
def _stopwords(language: str) -> frozenset[str]:
    """Words that carry no meaning of their own; the English ones are foreign words in every language."""
    return _lists()[language] | _lists()["en"]


def _stem(word: str, language: str) -> str:
    if not word.isalpha():
        return word
    return str(_stemmer(language).stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    import Stemmer  # noqa: PLC0415 - a function that serves no question and no file never needs it

    return Stemmer.Stemmer(_LANGUAGES[language], 0)  # its own memory is off: ours is before it
