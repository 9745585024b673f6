"""Where a passage stands, and links that open a file there, as far as Drive's addresses can say."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, urldefrag

from shared.models import Locator


@lru_cache(maxsize=4_096)
def link_at(link: str, locator: Locator) -> str:
    """`link` with a fragment for the page, slide or range; unchanged where Drive knows none."""
    if not link:
        return ""
    base = urldefrag(link).url
    if locator.page is not None:
        return f"{base}#page={locator.page}"
    if locator.slide is not None:
        return f"{base}#slide={locator.slide}"
    if locator.range is not None:
        cells = f"{locator.sheet}!{locator.range}" if locator.sheet else locator.range
        return f"{base}#range={quote(cells, safe='!:')}"
    return link


_RANGE = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")


def spanning(locators: Sequence[Locator]) -> Locator:
    """The place of neighbouring chunks together: the first's, its range widened over all that have one."""
    first = locators[0]
    found = [match for locator in locators if (match := _RANGE.fullmatch(locator.range or ""))]
    if not found:
        return first
    left = min((match[1] for match in found), key=_column)
    right = max((match[3] or match[1] for match in found), key=_column)
    top = min(int(match[2]) for match in found)
    bottom = max(int(match[4] or match[2]) for match in found)
    start, end = f"{left}{top}", f"{right}{bottom}"
    return replace(first, range=start if start == end else f"{start}:{end}")


def _column(letters: str) -> tuple[int, str]:
    return len(letters), letters
