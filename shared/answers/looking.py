"""Finding one's own conversations again: by the beginnings of words of what was asked."""

from collections.abc import Iterable

from shared.answers.language import WORD, plain

_LONGEST = 40
"""Characters of a word that are kept."""


def words_of(text: str) -> list[str]:
    """The words of a text, folded, each once."""
    return list(dict.fromkeys(plain(word)[:_LONGEST] for word in WORD.findall(text)))


def speaks_of(known: Iterable[str], looked_for: str) -> bool:
    """Whether every word looked for begins one of those; in scripts without spaces, stands in one."""
    held = tuple(known)
    return all(
        any(word.startswith(one) or (not one.isascii() and one in word) for word in held)
        for one in words_of(looked_for)
    )
