"""RE2 patterns, as Python's re understands them.

Firestore's regular expressions are RE2's: https://github.com/google/re2/wiki/Syntax. Most of the syntax is
common to both. What is written differently is translated; what only Python has is refused.
"""

import re
from functools import lru_cache

from local.firestore.pipelines.values import EvaluationError

_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAMED = re.compile(r"\(\?P?<(\w+)>")
_CLASS = re.compile(r"\[:(\^?)(\w+):\]")
_LITERAL = re.compile(r"\\Q(.*?)(?:\\E|\Z)", re.DOTALL)
_REFUSED = re.compile(r"\(\?(?:[=!>(#]|<[=!]|P[=>])|[*+?}]\+")


@lru_cache(maxsize=500)
def compiled(pattern: str) -> re.Pattern[str]:
    """An RE2 pattern, ready to search with.

    Raises:
        EvaluationError: it is none.
    """
    try:
        return re.compile(_Translation(pattern).run())
    except (re.error, OverflowError, RecursionError) as error:
        raise EvaluationError(f"Invalid regular expression '{pattern}': {error}.") from None


class _Translation:
    """Reads a pattern from left to right; flags in the middle become groups that end where the flags end."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._position = pattern, 0
        self._out: list[str] = []
        self._open: list[list[str]] = [[]]
        """For each open group, the flag groups opened in it."""

    def run(self) -> str:
        while self._position < len(self._pattern):
            self._step(self._pattern[self._position])
        self._out.append(")" * len(self._open[0]))
        return "".join(self._out)

    def _step(self, char: str) -> None:
        if char == "\\":
            self._escape()
        elif char == "[":
            self._brackets()
        elif char == "(":
            self._group()
        elif char in ")|":
            self._boundary(char)
        else:
            self._refuse()
            self._take(1)

    def _take(self, length: int, text: str | None = None) -> None:
        end = self._position + length
        self._out.append(self._pattern[self._position : end] if text is None else text)
        self._position = end

    def _refuse(self) -> None:
        if _REFUSED.match(self._pattern, self._position):
            raise re.error("not in RE2's syntax", self._pattern, self._position)

    def _escape(self) -> None:
        literal = _LITERAL.match(self._pattern, self._position)
        following = self._pattern[self._position + 1 : self._position + 2]
        if literal:
            self._take(len(literal[0]), re.escape(literal[1]))
        elif following == "z":
            self._take(2, r"\Z")
        elif following in {"Z", "G"} or (following.isdecimal() and following != "0"):
            raise re.error("not in RE2's syntax", self._pattern, self._position)
        else:
            self._take(2)

    def _brackets(self) -> None:
        """A character class, up to its closing bracket."""
        self._take(2 if self._pattern.startswith("[^", self._position) else 1)
        if self._pattern.startswith("]", self._position):
            self._take(1, r"\]")
        while self._position < len(self._pattern):
            named = _CLASS.match(self._pattern, self._position)
            char = self._pattern[self._position]
            if named and named[2] in _CLASSES and not named[1]:
                self._take(len(named[0]), _CLASSES[named[2]])
            elif char == "\\":
                self._take(2)
            elif char == "[":
                self._take(1, r"\[")
            else:
                self._take(1)
                if char == "]":
                    return

    def _group(self) -> None:
        flags, named = (
            _FLAGS.match(self._pattern, self._position),
            _NAMED.match(self._pattern, self._position),
        )
        if flags and "U" not in flags[0]:
            group = f"(?{flags[1]}{'-' + flags[2] if flags[2] else ''}:"
            self._take(len(flags[0]), group)
            if flags[3] == ")":
                self._open[-1].append(group)
            else:
                self._open.append([])
            return
        if flags:
            raise re.error("the flag U is not understood by this stand-in", self._pattern, self._position)
        self._refuse()
        if named:
            self._take(len(named[0]), f"(?P<{named[1]}>")
        else:
            self._take(1)
        self._open.append([])

    def _boundary(self, char: str) -> None:
        """The end of a group or of an alternative: flags set in it are closed, and go on in the next one."""
        flags = self._open[-1]
        if char == "|":
            self._take(1, ")" * len(flags) + "|" + "".join(flags))
            return
        self._take(1, ")" * len(flags) + ")")
        if len(self._open) > 1:
            self._open.pop()
