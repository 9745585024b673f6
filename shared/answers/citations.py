"""Citations in a stream: only numbers of sources that were given come through."""

import re

_COMPLETE = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_UNFINISHED = re.compile(r"\[[\d\s,]{0,20}$")


class CitationFilter:
    """Passes text on, removing citations of sources that do not exist; keeps what may be a half one.

    "[1, 3]" comes out as "[1][3]", so that a reader of the stream has one form to know.
    """

    def __init__(self, sources: int) -> None:
        self._sources = sources
        self._held = ""
        self.cited: set[int] = set()

    def feed(self, text: str) -> str:
        """What can be shown now of all the text so far."""
        text = self._held + text
        unfinished = _UNFINISHED.search(text)
        self._held = text[unfinished.start() :] if unfinished else ""
        ready = text[: unfinished.start()] if unfinished else text
        return _COMPLETE.sub(self._checked, ready)

    def finish(self) -> str:
        """What is left at the end: a bracket that never became a citation."""
        rest, self._held = self._held, ""
        return rest

    def _checked(self, match: re.Match[str]) -> str:
        numbers = [int(part) for part in match.group(1).split(",")]
        known = [number for number in numbers if 1 <= number <= self._sources]
        self.cited.update(known)
        return "".join(f"[{number}]" for number in known)
