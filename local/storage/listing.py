"""objects.list: https://cloud.google.com/storage/docs/json_api/v1/objects/list."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.storage.errors import invalid, not_emulated
from local.storage.resources import Object
from local.storage.store import Store

PAGE = 1000
_LAST = "\U0010ffff"
_REFUSED = ("matchGlob", "softDeleted", "filter", "includeFoldersAsPrefixes")


@dataclass(frozen=True)
class Wanted:
    """The parameters of a listing."""

    prefix: str
    delimiter: str
    start: str
    end: str
    trailing: bool
    versions: bool
    limit: int

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Wanted":
        """From a query. Raises ApiError 400 for a bad page size, 501 for what is not emulated."""
        for name in _REFUSED:
            if query.get(name, "false").lower() != "false":
                raise not_emulated(f"The parameter {name} of objects.list")
        return cls(
            query.get("prefix", ""),
            query.get("delimiter", ""),
            query.get("startOffset", ""),
            query.get("endOffset", ""),
            _flag(query, "includeTrailingDelimiter"),
            _flag(query, "versions"),
            page_size(query),
        )


@dataclass
class Page:
    """What one request lists, and where the next one begins."""

    objects: list[Object] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    token: str = ""


def _flag(query: Mapping[str, str], name: str) -> bool:
    """Google's client sends True, others true."""
    return query.get(name, "").lower() == "true"


def page_size(query: Mapping[str, str]) -> int:
    """maxResults, at most 1,000. Raises ApiError 400."""
    text = query.get("maxResults", str(PAGE))
    if not text.isascii() or not text.isdecimal():
        raise invalid(f"Invalid value for parameter maxResults: {text}")
    return min(int(text), PAGE) or PAGE


def page(store: Store, bucket: str, wanted: Wanted, token: str | None) -> Page:
    """One page, names in the order of their UTF-8 bytes. Raises ApiError 400 for a foreign token."""
    found = Page()
    place: tuple[str, int] | None = _place(token) if token else (max(wanted.prefix, wanted.start), 0)
    while place is not None:
        place = _gather(store, bucket, wanted, place, found)
    return found


def _gather(
    store: Store, bucket: str, wanted: Wanted, place: tuple[str, int], found: Page
) -> tuple[str, int] | None:
    """Add to the page from a place on; returns where to go on behind a common prefix, or None."""
    for each in store.scan(bucket, *place, versions=wanted.versions):
        if not each.name.startswith(wanted.prefix) or (wanted.end and each.name >= wanted.end):
            return None
        if len(found.objects) + len(found.prefixes) == wanted.limit:
            found.token = _token(each.name, each.generation)
            return None
        common = _common(each.name, wanted)
        if not common or (wanted.trailing and each.name == common):
            found.objects.append(each)
        if common:
            if common not in found.prefixes:
                found.prefixes.append(common)
            if not (wanted.trailing and each.name == common):
                return common + _LAST, 0
    return None


def _common(name: str, wanted: Wanted) -> str:
    """The prefix that the name is rolled up to; empty when it is shown itself."""
    if not wanted.delimiter:
        return ""
    at = name.find(wanted.delimiter, len(wanted.prefix))
    return name[: at + len(wanted.delimiter)] if at >= 0 else ""


def _token(name: str, generation: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([name, generation]).encode()).decode()


def _place(token: str) -> tuple[str, int]:
    try:
        name, generation = json.loads(base64.urlsafe_b64decode(token))
        return str(name), int(generation)
    except (ValueError, TypeError):
        raise invalid("Invalid page token.") from None


def shown(found: Page, base: str) -> dict[str, Any]:
    """The answer of objects.list."""
    answer: dict[str, Any] = {"kind": "storage#objects"}
    if found.token:
        answer["nextPageToken"] = found.token
    if found.prefixes:
        answer["prefixes"] = found.prefixes
    if found.objects:
        answer["items"] = [each.shown(base) for each in found.objects]
    return answer
