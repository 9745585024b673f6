"""Where sentences and rows begin and end."""

import re

_BREAK = re.compile(r"(?<=[.!?:;])\s+|\n+")


def pieces(text: str) -> list[tuple[int, int]]:
    """The spans of sentences and rows, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _BREAK.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return [span for span in spans if text[span[0] : span[1]].strip()]
