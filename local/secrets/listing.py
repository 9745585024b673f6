"""Filters and pages of the two lists."""

import re
from collections.abc import Sequence
from typing import Any

from local.secrets import errors
from local.secrets.messages import SecretVersion

MAX_PAGE = 25_000
_TERM = re.compile(r'(name|state|labels\.[a-z0-9_-]+)\s*([:=])\s*"?([\w./-]*)"?')


def matching(items: Sequence[Any], expression: str) -> list[Any]:
    """The items that a filter lets through.

    Understands terms on name, state and labels.KEY with `:` (contains) or `=` (is), joined by AND; the
    rest of the filter language is refused with UNIMPLEMENTED.
    """
    kept = list(items)
    for term in re.split(r"\s+AND\s+", expression.strip()) if expression.strip() else []:
        match = _TERM.fullmatch(term)
        if not match:
            raise errors.not_emulated(f"The filter term [{term}]")
        kept = [item for item in kept if _passes(item, *match.groups())]
    return kept


def _passes(item: Any, field: str, operator: str, wanted: str) -> bool:
    if field == "name":
        value = item.name
    elif field == "state":
        value = SecretVersion.State.Name(item.state)
    else:
        value = item.labels.get(field.removeprefix("labels."), "")
    return bool(wanted in value if operator == ":" else wanted == value)


def page(items: Sequence[Any], size: int, token: str) -> tuple[Sequence[Any], str]:
    """One page and the token of the next, "" after the last. A token is the last name of its page."""
    if size < 0:
        raise errors.invalid("The page size must not be negative.")
    size = min(size or MAX_PAGE, MAX_PAGE)
    start = 0
    if token:
        position = [index for index, item in enumerate(items) if item.name == token]
        if not position:
            raise errors.invalid("The page token is invalid.")
        start = position[0] + 1
    shown = items[start : start + size]
    return shown, shown[-1].name if start + size < len(items) else ""
