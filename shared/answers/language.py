"""Words as the checks see them: fillers, negations, months and units of words.toml; stems; languages."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_STEM, _PREFIX, _SHORT = 7, 5, 4
_ENDINGS = (
    *("ations", "ation", "ings", "ing", "ies", "ied", "ers"),
    *("es", "ed", "en", "er", "ly", "s", "e", "y"),
)
_MIN_STEM = 3

_FILE = Path(__file__).with_name("words.toml")
_DATA = tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _listed(group: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _DATA[group].items()}


def _by_spelling(group: str) -> dict[str, str]:
    return {word: name for name, words in _DATA[group].items() for word in words.split()}


FILLERS = _listed("fillers")
ANY_FILLER = frozenset[str]().union(*FILLERS.values())
NEGATIONS = _listed("words")["negations"]
LEAD_INS = _listed("words")["lead_ins"]
OF_TABLES = _listed("words")["of_tables"]
MONTHS = {word: int(number) for word, number in _by_spelling("months").items()}
UNITS = _by_spelling("units")
SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
NUMBER_WORDS = {word: float(number) for word, number in _by_spelling("numbers").items()}


@lru_cache(maxsize=50_000)
def plain(word: str) -> str:
    """A word without case, accents and possessive."""
    folded = unicodedata.normalize("NFKD", word.casefold().replace("\u2019", "'"))
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return folded.removesuffix("'s")


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A plain word without a common ending, cut: equal stems are taken for one word."""
    folded = plain(word)
    if any(map(str.isdigit, folded)):
        return folded
    for ending in _ENDINGS:
        if folded.endswith(ending) and len(folded) - len(ending) >= _MIN_STEM:
            folded = folded[: -len(ending)]
            break
    if len(folded) > _MIN_STEM and folded[-1] == folded[-2]:
        folded = folded[:-1]
    return folded[:_STEM]


def akin(one: str, other: str) -> bool:
    """Whether two stems are taken for forms of one word."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    return shorter >= _SHORT and one[: min(shorter, _PREFIX)] == other[: min(shorter, _PREFIX)]


class Kin:
    """Stems that others may be akin to, looked up instead of compared one by one."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._same = frozenset(stems)
        long = [one for one in self._same if len(one) >= _SHORT]
        self._starts = frozenset(one[:length] for one in long for length in range(_SHORT, _PREFIX + 1))
        self._short = frozenset(one for one in long if len(one) < _PREFIX)

    def __contains__(self, term: str) -> bool:
        """Whether any of the stems is akin to this one."""
        if term in self._same:
            return True
        # of stems that are shorter than a prefix only those of just _SHORT letters are akin to others
        return len(term) >= _SHORT and (term[:_PREFIX] in self._starts or term[:_SHORT] in self._short)


@lru_cache(maxsize=16_384)
def kin(stems: tuple[str, ...]) -> Kin:
    """The kin of a text's stems."""
    return Kin(stems)


def content(text: str) -> list[str]:
    """The stems of a text's words that carry meaning, in order; numbers are left to facts.py."""
    return [
        stem(word)
        for word in WORD.findall(text)
        if len(word) > 1 and plain(word) not in ANY_FILLER and not word[0].isdecimal()
    ]


@lru_cache(maxsize=2_048)
def language(text: str) -> str:
    """The language whose fillers a text has most of; "" when it has too few to tell."""
    words = [word.casefold() for word in WORD.findall(text)]
    found = {name: sum(word in listed for word in words) for name, listed in FILLERS.items()}
    best = max(found, key=lambda name: found[name])
    ranked = sorted(found.values())
    return best if ranked[-1] >= 2 and ranked[-1] > ranked[-2] else ""  # noqa: PLR2004 - one may be chance
