"""The tree of folders and files as one person may see it: both sieves, as for answers.

A folder or file is listed when it is shared with the asker, as recorded, and when the check of rights says
at this moment that they may open it. A folder that only the connector may see has no name here, although
files in it may be the asker's: those are listed at the top of their collection.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from shared.errors import NotFound
from shared.models import Person
from shared.search.interfaces import Memberships, Rights
from shared.search.service import principals_of

Kind = Literal["folder", "file"]
Where = Literal["in", "beside", "named"]
NOWHERE = "-"
"""A folder's id that no folder has."""


@dataclass(frozen=True, slots=True)
class Node:
    """A folder or a file. `parent` is the folder it lies in; the other fields are a file's."""

    kind: Kind
    id: str
    name: str
    title: str
    parent: str = ""
    mime_type: str = ""
    modified: str = ""
    link: str = ""
    state: str = ""
    reason: str = ""
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of what is listed: `in` a folder, `beside` the folders of a collection, or `named` so."""

    kind: Kind
    where: Where
    what: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the section, and the last title and id in it."""

    section: int
    title: str = ""
    id: str = ""

    def node(self, kind: Kind) -> Node:
        """What stood there, as far as its place goes."""
        return Node(kind, self.id, "", self.title)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of what a folder holds; `folder` is None at the top of a collection."""

    folder: Node | None
    nodes: tuple[Node, ...]
    following: Place | None


class Shelf(Protocol):
    """Folders and files by whom they are shared with."""

    async def page(
        self, section: Section, principals: Sequence[str], after: Node | None, limit: int
    ) -> tuple[Sequence[Node], Node | None]:
        """At most `limit` of what one of the principals is recorded for, by title and id.

        Also the last one that was looked at, where there may be more behind it. Raises Unavailable, Timeout.
        """
        ...

    async def folder(self, folder_id: str) -> Node | None:
        """One folder, whoever's it is."""
        ...


@dataclass(frozen=True, slots=True)
class Root:
    """A collection as browsing sees it: its id, and the folder it begins at.

    Where it has none of its own, `beside` says of what kind the topmost folders are: "" or "shared".
    """

    collection: str
    folder: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Browser:
    """Lists what a person may see. `folders` are the rights to folders, `files` those to files."""

    shelf: Shelf
    files: Rights
    folders: Rights
    memberships: Memberships

    async def inside(self, person: Person, folder_id: str, after: Place | None, limit: int) -> Listing:
        """A page of a folder. Raises NotFound for one that the person may not open, as for none at all."""
        folder, readable, principals = await asyncio.gather(
            self.shelf.folder(folder_id),
            self.folders.readable(person, (folder_id,)),
            self._principals(person),
        )
        if folder is None or folder_id not in readable:
            raise NotFound("There is no such folder among your documents.")
        sections = [Section("folder", "in", folder_id), Section("file", "in", folder_id)]
        return replace(await self._listing(person, principals, sections, after, limit), folder=folder)

    async def top(self, person: Person, root: Root | None, after: Place | None, limit: int) -> Listing:
        """A page of a collection's top. Raises NotFound where the person would see nothing, or for None."""
        root = root or Root(NOWHERE, NOWHERE)
        sections = [Section("folder", "in", root.folder), Section("file", "in", root.folder)]
        if not root.folder:
            sections = [Section("folder", "beside", root.beside)]
        sections.append(Section("file", "beside", root.collection))
        found = await self._listing(person, await self._principals(person), sections, after, limit)
        if not found.nodes and after is None:
            raise NotFound("There is no such collection among yours.")
        return found

    async def named(self, person: Person, text: str, after: Place | None, limit: int) -> Listing:
        """A page of the folders and files whose names have words that begin so."""
        sections = [Section("folder", "named", text), Section("file", "named", text)]
        return await self._listing(person, await self._principals(person), sections, after, limit)

    async def several(self, person: Person, ids: Sequence[str], limit: int) -> dict[str, Listing]:
        """The first page of each of the folders that the person may open."""
        found = await asyncio.gather(*(self._if_open(person, one, limit) for one in ids))
        return {name: one for name, one in zip(ids, found, strict=True) if one is not None}

    async def _if_open(self, person: Person, folder_id: str, limit: int) -> Listing | None:
        try:
            return await self.inside(person, folder_id, None, limit)
        except NotFound:
            return None

    async def _principals(self, person: Person) -> Sequence[str]:
        return principals_of(person, await self.memberships.groups_of(person.email))

    async def _listing(
        self,
        person: Person,
        principals: Sequence[str],
        sections: Sequence[Section],
        after: Place | None,
        limit: int,
    ) -> Listing:
        """Section by section until the page is full; one more is looked for, to know whether it goes on."""
        kept: list[tuple[int, Node]] = []
        begun = after.section if after else 0
        for number, section in list(enumerate(sections))[begun:]:
            last = after.node(section.kind) if after and number == begun and after.id else None
            while len(kept) <= limit:
                nodes, last = await self.shelf.page(section, principals, last, limit + 1)
                seen = await self._seen(person, section, nodes)
                kept += [(number, one) for one in nodes if one.id in seen]
                if last is None:
                    break
        following = None
        if len(kept) > limit:
            number, node = kept[limit - 1]
            following = Place(number, node.title, node.id)
        return Listing(None, tuple(one for _, one in kept[:limit]), following)

    async def _seen(self, person: Person, section: Section, nodes: Sequence[Node]) -> frozenset[str]:
        """Those that the person may open now."""
        if not nodes:
            return frozenset()
        ids = [one.id for one in nodes]
        rights = self.folders if section.kind == "folder" else self.files
        return await rights.readable(person, ids)
