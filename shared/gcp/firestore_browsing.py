"""Folders and files in Firestore, as people browse them (browsing_keys.py says by what they are found)."""

import asyncio
from collections.abc import Sequence
from typing import Any

from shared.gcp.browsing_keys import ANYBODY, AROUND, FIELD, TITLE
from shared.gcp.browsing_names import beginning, matches
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.search.browsing import Kind, Node, Section

_ALTERNATIVES = 30
"""Values of one array_contains_any."""
_FOLDER = ["name", TITLE, "parents", AROUND]
_FILE = [
    *("name", TITLE, "folders", "mime_type", "modified", "link", "state", "reason", "collections"),
    *("principals", AROUND),
]


class FirestoreShelf:
    """Shelf on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    async def page(
        self, section: Section, principals: Sequence[str], after: Node | None, limit: int
    ) -> tuple[Sequence[Node], Node | None]:
        """By title; each thirty principals are a query, all at the same time."""
        suffix = _suffix(section)
        if not suffix:
            return [], None
        owners = [*principals, ANYBODY]
        groups = [owners[at : at + _ALTERNATIVES] for at in range(0, len(owners), _ALTERNATIVES)]
        async with translated("Firestore"):
            pages = await asyncio.gather(
                *(
                    self._query(section, [f"{one} {suffix}" for one in group], after, limit)
                    for group in groups
                )
            )
        found = {node.id: (node, document) for page in pages for node, document in page}
        ordered = sorted(found.values(), key=lambda one: (one[0].title, one[0].id))[:limit]
        more = any(len(page) == limit for page in pages)
        mine = frozenset(principals)
        nodes = [node for node, document in ordered if _wanted(section, document, mine)]
        return nodes, ordered[-1][0] if more else None

    async def folder(self, folder_id: str) -> Node | None:
        """One folder."""
        document = self._db.client.collection("folders").document(folder_id)
        async with translated("Firestore"):
            snapshot = await document.get(_FOLDER, **patience(self._timeout))
        return _node("folder", snapshot.id, snapshot.to_dict() or {}) if snapshot.exists else None

    async def _query(
        self, section: Section, keys: list[str], after: Node | None, limit: int
    ) -> list[tuple[Node, dict[str, Any]]]:
        """What has one of the keys, each with its document."""
        from google.cloud.firestore import FieldFilter

        found = self._db.client.collection("folders" if section.kind == "folder" else "files")
        query = found.where(filter=FieldFilter(FIELD, "array_contains_any", keys))
        query = query.select(_FOLDER if section.kind == "folder" else _FILE)
        query = query.order_by(TITLE).order_by("__name__").limit(limit)
        if after is not None:
            query = query.start_after({TITLE: after.title, "__name__": found.document(after.id)})
        documents = [(one.id, one.to_dict() or {}) async for one in query.stream(**patience(self._timeout))]
        return [(_node(section.kind, name, each), each) for name, each in documents]


def _suffix(section: Section) -> str:
    """What a key of the section ends with; "" where nothing can be looked for."""
    match section.where:
        case "in":
            return f"/{section.what}"
        case "beside":
            return f"~{section.what}"
        case _:
            return beginning(section.what)


def _wanted(section: Section, document: dict[str, Any], mine: frozenset[str]) -> bool:
    """What the key alone cannot say: every word of a name, long lists, folders that are shown after all."""
    if section.where == "named" and not matches(str(document.get("name", "")), section.what):
        return False
    if section.where == "beside" and not mine.isdisjoint(document.get(AROUND) or ()):
        return False
    shared = document.get("principals")
    return shared is None or not mine.isdisjoint(shared)


def _node(kind: Kind, name: str, document: dict[str, Any]) -> Node:
    above = document.get("parents" if kind == "folder" else "folders") or [""]
    return Node(
        kind,
        name,
        str(document.get("name", "")),
        str(document.get(TITLE, "")),
        parent=str(above[-1]),
        mime_type=str(document.get("mime_type", "")),
        modified=str(document.get("modified", "")),
        link=str(document.get("link", "")),
        state=str(document.get("state", "")),
        reason=str(document.get("reason", "")),
        collections=tuple(document.get("collections", ())),
    )
