"""Links that open a file at a passage, as far as Drive's addresses can say where."""

from urllib.parse import quote, urldefrag

from shared.models import Locator


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
