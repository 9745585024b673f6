"""files.list: which items a query finds for a viewer, in which order, page by page."""

import base64
import binascii
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local.drive.errors import ApiError, invalid
from local.drive.items import FOLDER, Item
from local.drive.query import Query, parse_query, starts_words, words_of
from local.drive.resources import Sight

MAX_PAGE = 1000
DEFAULT_PAGE = 100
KEPT_LISTS = 64
SEARCHED_BYTES = 1_000_000
TOKEN_MARK = "~!!~"  # noqa: S105  (what Google's page tokens begin with)

ORDERS: dict[str, Callable[[Item], Any]] = {
    "createdTime": lambda item: item.created,
    "modifiedTime": lambda item: item.modified,
    "recency": lambda item: max(item.modified, item.created),
    "modifiedByMeTime": lambda item: item.modified,
    "viewedByMeTime": lambda item: item.modified,
    "sharedWithMeTime": lambda item: item.created,
    "name": lambda item: item.name.casefold(),
    "name_natural": lambda item: [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in re.findall(r"\d+|\D+", item.name.casefold())
    ],
    "folder": lambda item: item.mime != FOLDER,
    "quotaBytesUsed": lambda item: item.size,
    "starred": lambda item: not item.starred,
}


STORED = {
    "name": "name",
    "mimeType": "mime",
    "modifiedTime": "modified",
    "createdTime": "created",
    "shortcutDetails.targetId": "target_id",
}


@dataclass(frozen=True)
class Wanted:
    """What a list request asks for."""

    q: str = ""
    corpora: str = "user"
    drive_id: str = ""
    with_drives: bool = False
    """includeItemsFromAllDrives, or a corpus that implies it."""
    order: str = ""


class _Seen:
    """An item as a query sees it (query.Subject)."""

    def __init__(self, sight: Sight, item: Item) -> None:
        self._sight, self._item = sight, item

    def value(self, field: str) -> Any:
        if field in STORED:
            return getattr(self._item, STORED[field])
        return DERIVED[field](self) if field in DERIVED else ""

    def in_trash(self) -> bool:
        return self._sight.drive.tree.in_trash(self._item)

    def is_starred(self) -> bool:
        return self._sight.viewer.email in self._item.starred

    def shared_time(self) -> str:
        return self._item.created if self.shared_with_me() else ""

    def shared_with_me(self) -> bool:
        """Named by a user or group entry that was given on the item itself, and not its owner's.

        With the connector the topmost folders and files are shared.
        """
        if self._sight.viewer.connector:
            return self._item.parent == self._sight.drive.tree.root.id
        item, email = self._item, self._sight.viewer.email
        groups = self._sight.drive.groups.of(email)
        return item.owner != email and any(
            (one.type == "user" and one.address == email) or (one.type == "group" and one.address in groups)
            for one in item.permissions
        )

    def visibility(self) -> str:
        found = {grant.permission for grant in self._sight.drive.rights.grants(self._item)}
        for kind in ("anyone", "domain"):
            for discoverable, suffix in ((True, "CanFind"), (False, "WithLink")):
                if any(one.type == kind and one.discoverable is discoverable for one in found):
                    return kind + suffix
        return "limited"

    def has(self, collection: str, value: str) -> bool:
        item = self._item
        if collection == "parents":
            return item.parent == (self._sight.drive.tree.root.id if value == "root" else value)
        email = self._sight.viewer.email if value == "me" else value.lower()
        if collection == "owners":
            return item.owner == email
        standing = self._sight.drive.rights.standing(item, email)
        named = any(grant.permission.address == email for grant in self._sight.drive.rights.grants(item))
        return (named or standing.listed) and standing.at_least(
            "writer" if collection == "writers" else "reader"
        )

    def contains_words(self, words: str) -> bool:
        item = self._item
        if starts_words(item.name, words.strip('"')):
            return True
        text = self._text()
        if words.startswith('"') and words.endswith('"') and len(words) > 1:
            return " ".join(words_of(words)) in " ".join(words_of(text))
        have = set(words_of(text)) | set(words_of(item.name))
        return bool(words_of(words)) and all(word in have for word in words_of(words))

    def _text(self) -> str:
        """The text of a text file; what is inside office files is not searched here."""
        item, drive = self._item, self._sight.drive
        kind = item.stored_mime or item.mime
        if item.size > SEARCHED_BYTES or not (kind.startswith("text/") or kind == "message/rfc822"):
            return item.description
        try:
            content = drive.store.content(item.content)[1] if item.content else None
            raw = content if content is not None else (drive.root / item.path).read_bytes()
        except OSError:
            return item.description
        return f"{raw.decode('utf-8', 'replace')} {item.description}"


DERIVED: dict[str, Callable[[_Seen], Any]] = {
    "trashed": _Seen.in_trash,
    "starred": _Seen.is_starred,
    "sharedWithMe": _Seen.shared_with_me,
    "sharedWithMeTime": _Seen.shared_time,
    "visibility": _Seen.visibility,
}


class Listings:
    """Finds and pages. A list is worked out once and then read page by page, as long as nothing changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, list[str]]] = OrderedDict()

    def page(self, sight: Sight, wanted: Wanted, token: str, size: int) -> tuple[list[Item], str]:
        """The items of one page, and the token of the next ("" on the last). Raises ApiError (400)."""
        mark = hashlib.sha256(json.dumps([sight.viewer.email, *vars(wanted).values()]).encode()).hexdigest()[
            :24
        ]
        start, after = _opened(token, mark)
        ids = self._ids(sight, wanted, mark)
        if after and (start == 0 or start > len(ids) or ids[start - 1] != after):
            start = ids.index(after) + 1 if after in ids else min(start, len(ids))
        chosen = ids[start : start + size]
        items = [item for item in map(sight.drive.tree.get, chosen) if item and sight.finds(item)]
        if start + size >= len(ids):
            return items, ""
        raw = json.dumps([mark, start + size, chosen[-1]], separators=(",", ":"))
        return items, TOKEN_MARK + base64.urlsafe_b64encode(raw.encode()).decode()

    def _ids(self, sight: Sight, wanted: Wanted, mark: str) -> list[str]:
        kept = self._kept.get(mark)
        if kept and kept[0] == sight.drive.generation:
            return kept[1]
        query = parse_query(wanted.q)
        found = [item for item in _candidates(sight, query) if _in_corpus(sight, item, wanted)]
        found = [item for item in found if sight.finds(item) and query.matches(_Seen(sight, item))]
        ids = [item.id for item in _ordered(found, wanted.order)]
        self._kept[mark] = sight.drive.generation, ids
        while len(self._kept) > KEPT_LISTS:
            self._kept.popitem(last=False)
        return ids


def _opened(token: str, mark: str) -> tuple[int, str]:
    """Where a page token points to. Raises ApiError when it is not one of ours, or of another query."""
    if not token:
        return 0, ""
    try:
        of, start, after = json.loads(base64.urlsafe_b64decode(token.removeprefix(TOKEN_MARK)))
    except (ValueError, binascii.Error):
        raise invalid("pageToken") from None
    if of != mark:
        raise invalid("pageToken")
    return int(start), str(after)


def _candidates(sight: Sight, query: Query) -> Iterable[Item]:
    tree = sight.drive.tree
    if query.parent is None:
        return tree
    parent = tree.get(query.parent)
    if parent is None or not sight.sees(parent):
        raise ApiError(404, "notFound", f"File not found: {query.parent}.", location="fileId")
    return tree.children(parent.id)


def _in_corpus(sight: Sight, item: Item, wanted: Wanted) -> bool:
    if item.id == sight.drive.tree.root.id or item.id in sight.drive.tree.drives:
        return False
    if wanted.corpora == "drive":
        return item.drive_id == wanted.drive_id
    if item.drive_id and not wanted.with_drives:
        return False
    if wanted.corpora == "domain":
        return any(grant.permission.type == "domain" for grant in sight.drive.rights.grants(item))
    return True


def _ordered(items: list[Item], order: str) -> list[Item]:
    """Sorted by `orderBy`; without one, the last modified first. Raises ApiError (400)."""
    items.sort(key=lambda item: item.id)
    for part in reversed((order or "modifiedTime desc").split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in ORDERS or direction not in {"", "desc"}:
            raise invalid("orderBy")
        items.sort(key=ORDERS[name], reverse=direction == "desc")
    return items
