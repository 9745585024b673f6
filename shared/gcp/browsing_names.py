"""Names of folders and files as people look for them: by the beginnings of their words."""

import re
import unicodedata

_LONGEST = 12
_MOST = 80
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


def title(name: str) -> str:
    """A name as lists are ordered by."""
    return unicodedata.normalize("NFKC", name).casefold()[:200]


def words(text: str) -> list[str]:
    """The words of a name or of what is looked for, folded."""
    return _WORD.findall(title(text))


def beginnings(name: str) -> list[str]:
    """Every beginning of every word; where words are not spaced, every character and pair."""
    found: dict[str, None] = {}
    for word in words(name):
        if _UNSPACED.search(word):
            pairs = (word[at : at + length] for at in range(len(word)) for length in (1, 2))
            found |= dict.fromkeys(pairs)
        else:
            found |= dict.fromkeys(word[:length] for length in range(1, min(len(word), _LONGEST) + 1))
    return list(found)[:_MOST]


def beginning(looked_for: str) -> str:
    """The key for what is looked for: its longest word, as far as keys go."""
    longest = max(words(looked_for), key=len, default="")
    return longest[: 2 if _UNSPACED.search(longest) else _LONGEST]


def matches(name: str, looked_for: str) -> bool:
    """Whether every word looked for begins a word of the name, or stands in one that is not spaced."""
    held, sought = words(name), words(looked_for)
    return bool(sought) and all(
        any(word.startswith(one) or (_UNSPACED.search(word) is not None and one in word) for word in held)
        for one in sought
    )
