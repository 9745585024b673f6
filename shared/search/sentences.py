"""Where sentences and rows begin and end."""

import re
from functools import lru_cache

_BREAK = re.compile(r"(?<=[.!?:;])\s+|\n+")


@lru_cache(maxsize=4_096)
def pieces(text: str) -> tuple[tuple[int, int], ...]:
    """The spans of sentences and rows, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _BREAK.finditer(text):
        spans.append((start, gap.start()))
        start = gap.end()
    spans.append((start, len(text)))
    return tuple([span for span in spans if text[span[0] : span[1]].strip()])
