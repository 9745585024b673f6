"""Cuts a stream of text into sentences that can be checked one by one."""

import re

_END = re.compile(
    r"""(?:
        [.!?\u2026]+["'\u201d\u2019\u00bb)\]]*  # a stop, and the citations behind it
        (?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])*(?=\s+[^\s\[]|[ \t]*\n)
      | [\u3002\uff01\uff1f]+(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])*(?=[^\[\s\u3002\uff01\uff1f])
      | (?=\n)
    )\s*""",
    re.VERBOSE,
)
_NO_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|bzw|ca|vs|approx|No|Nr|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Co|Corp|Fig|Art|Abs|Sec|"
    r"pp|p|al)|\b[A-Z]|^\s*\d{1,2})\.$"
)
_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")


class SentenceStream:
    """Takes text in any pieces and gives whole sentences, each with the white space behind it."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> list[str]:
        """The sentences that are complete now. The last one may always go on, so it is kept."""
        self._held += text
        found, start, at = [], 0, 0
        while end := _END.search(self._held, at):
            if end.end() == len(self._held):
                break
            at = max(end.end(), at + 1)
            written = _CITATION.sub("", self._held[start : end.end()]).rstrip()
            if not written or ("\n" not in end.group() and _NO_END.search(written)):
                continue
            found.append(self._held[start : end.end()])
            start = end.end()
        self._held = self._held[start:]
        return found

    def finish(self) -> list[str]:
        """What is left at the end of the stream."""
        rest, self._held = self._held, ""
        return [rest] if rest else []


def sentences(text: str) -> list[str]:
    """A whole text's sentences; joined they are the text."""
    stream = SentenceStream()
    return stream.feed(text) + stream.finish()


def cited(sentence: str) -> tuple[int, ...]:
    """The numbers in a sentence's brackets, each once."""
    numbers = (int(one) for found in _CITATION.finditer(sentence) for one in found[1].split(","))
    return tuple(dict.fromkeys(numbers))


def bare(sentence: str) -> str:
    """A sentence without its citations and the white space around it."""
    return _CITATION.sub("", sentence).strip()
