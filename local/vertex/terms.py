"""Words that can be compared: without case, accents, endings and filler, numbers as digits."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from local.vertex.passages import Unit

_WORD = re.compile(r"\w+(?:[.,:-]\w+)*")
_RANGE = re.compile(r"\b(\d{1,4}) ?(?:to|bis|-|–) ?(\d{1,4})\b")  # noqa: RUF001 - the dash of typeset ranges
_WIDEST_RANGE = 50
_STEM_LETTERS, _SHORTEST_STEM = 7, 3
_ENDINGS = ("ings", "ing", "ies", "ied", "es", "ed", "ly", "s", "e", "y")
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), 1
    )
}
_FILLER_WORDS = """
a about an and any are as at be been but by can could did do does for from get had has have how i if in into
is it its many may me much my of on or our please s should so t tell than that the their them then there
these they this to under us was we were what when where which who whom whose why will with would you your
"""
_FILLER = frozenset(_FILLER_WORDS.split())


@lru_cache(maxsize=4096)
def terms(text: str) -> frozenset[str]:
    """The words that carry meaning. A range such as `3 to 5` stands for each of its numbers."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    found = set()
    for word in _WORD.findall(plain):
        for part in {word, *re.split(r"[-:]", word)} - _FILLER:
            if part:
                found.add(_NUMBERS.get(part) or stem(part))
    for low, high in _RANGE.findall(plain):
        if 0 < int(high) - int(low) <= _WIDEST_RANGE:
            found.update(str(number) for number in range(int(low), int(high) + 1))
    return frozenset(found)


def stem(word: str) -> str:
    """A word without its English ending, cut at seven letters; what has digits stays whole."""
    if any(c.isdecimal() for c in word):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word.removesuffix(ending)
            break
    return word[:_STEM_LETTERS]


class Rarity:
    """Inverse document frequency over units: ln(1 + N / (n + 1/2)); what occurs nowhere is rarest."""

    def __init__(self, pool: Sequence[Unit]) -> None:
        self._size = len(pool)
        self._counts = Counter(term for unit in pool for term in terms(f"{unit.context} {unit.text}"))

    def weight(self, words: Iterable[str]) -> float:
        """The sum over the words."""
        return sum(math.log(1 + self._size / (0.5 + self._counts[word])) for word in words)
