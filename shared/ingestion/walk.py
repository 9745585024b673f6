"""Listing folders with all that is below them, a page at a time, so that it can go on anywhere."""

from collections.abc import Collection as Names
from collections.abc import Sequence
from dataclasses import dataclass

from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME, USER_FEED, Drive, Item
from shared.ingestion.identifiers import content_version, rights_version
from shared.ingestion.interfaces import Collection, DriveFile, FileRecord
from shared.ingestion.resolve import seen
from shared.ingestion.runs import Walk
from shared.ingestion.tree import Tree

FOLDERS_A_QUERY = 20
"""Calls grow with the pages of a tree, far less with its folders. More ids make the URL longer than 2,048
characters, at which Google's client sends a POST instead."""


@dataclass(frozen=True)
class Walker:
    """Lists what is below folders. The newest folder is listed first: what is left stays short."""

    drive: Drive

    async def tops(self, collection: Collection) -> tuple[str, ...]:
        """Where the listing of a collection begins."""
        if collection.folder_id == SHARED_WITH_ME:
            return (SHARED_WITH_ME,)
        if collection.folder_id == EVERYTHING:
            root = await self.drive.folder("root")
            return (*await self.drive.drives(), SHARED_WITH_ME, root.id)
        return (collection.folder_id,)

    async def feeds(self, collection: Collection) -> tuple[str, ...]:
        """The change feeds that tell of a collection. Raises NotFound when its folder is out of sight."""
        if collection.folder_id == SHARED_WITH_ME:
            return (USER_FEED,)
        if collection.folder_id == EVERYTHING:
            return (USER_FEED, *await self.drive.drives())
        return ((await self.drive.folder(collection.folder_id)).drive_id or USER_FEED,)

    async def step(self, walk: Walk, met: Names[str]) -> tuple[Walk, tuple[Item, ...]]:
        """List one page; returns how far the walk is then, and what was found and not met before."""
        if not walk.batch:
            walk = _next_batch(walk)
        if walk.batch == (SHARED_WITH_ME,):
            page = await self.drive.shared_with_me(walk.token)
        else:
            page = await self.drive.children(walk.batch, walk.token)
        below = tuple(item.id for item in page.items if item.is_folder and item.id not in met)
        batch = walk.batch if page.next_token else ()
        frontier = tuple(dict.fromkeys((*walk.frontier, *below)))
        new = {item.id: item for item in page.items if item.record_id not in met}
        return Walk(batch, page.next_token, frontier), tuple(new.values())


def _next_batch(walk: Walk) -> Walk:
    if walk.frontier[-1] == SHARED_WITH_ME:
        return Walk((SHARED_WITH_ME,), "", walk.frontier[:-1])
    take: list[str] = []
    rest = list(walk.frontier)
    while rest and rest[-1] != SHARED_WITH_ME and len(take) < FOLDERS_A_QUERY:
        take.append(rest.pop())
    return Walk(tuple(take), "", tuple(rest))


async def placed(items: Sequence[Item], tree: Tree, collections: Sequence[Collection]) -> list[DriveFile]:
    """The files among items, each with its place; those in no collection are left out."""
    files = []
    for item in items:
        if not item.is_folder and not item.trashed:
            place = await tree.place(item, collections)
            if place.collections:
                files.append(seen(item, place.collections, place.folders))
    return files


def version(file: DriveFile) -> str:
    """What the ledger should have of a file."""
    return f"{content_version(file)}/{rights_version(file)}"


def up_to_date(file: DriveFile, record: FileRecord | None) -> bool:
    """Whether the ledger has this version.

    Failed files are always worth another look, and shortcuts, whose item says nothing of what they
    point to.
    """
    if record is None or file.source.target or record.state in ("pending", "failed"):
        return False
    return version(file) == f"{record.content}/{record.rights}"


def fresh(file: DriveFile) -> FileRecord:
    """The first record of a file."""
    return FileRecord(
        file.id,
        file.collections,
        file.name,
        "pending",
        mime_type=file.mime_type,
        link=file.link,
        modified=file.modified,
        folders=file.folders,
        target=file.source.target,
        resource_key=file.source.resource_key,
    )
