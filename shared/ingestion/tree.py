"""Where an item is: the folders above it, from what is stored and, where that ends, from Drive."""

from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME, Item, Items
from shared.ingestion.identifiers import folder_rights
from shared.ingestion.interfaces import Collection
from shared.ingestion.rights import openers
from shared.ingestion.runs import Folder, FolderStore

DEEPEST = 100
"""Folders above an item; Drive allows 100 levels in a shared drive."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is: the collections it belongs to, and the folders above it, outermost first.

    `parent` is the folder that it lies in, unless a collection begins there.
    """

    collections: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    parent: Folder | None = None


@dataclass
class Tree:
    """The folders above, remembered for one piece of work."""

    drive: Items
    folders: FolderStore
    known: dict[str, Folder | None] = field(default_factory=dict)

    async def note(self, items: Iterable[Item]) -> None:
        """Store folders as a listing or a feed has just shown them."""
        found = [folder_of(item) for item in items if item.is_folder]
        if found:
            await self._put(found)

    async def forget(self, folder_id: str) -> None:
        """A folder is gone or out of sight."""
        self.known[folder_id] = None
        await self.folders.delete([folder_id])

    async def fetch(self, ids: Sequence[str]) -> None:
        """Look stored folders up at once, which one after the other would take a call each."""
        self.known |= await self.folders.get(ids)

    async def above(self, item: Item) -> list[Folder]:
        """The folders above an item, outermost first, as far as the connector may see."""
        path: list[Folder] = []
        parents = item.parents
        while parents and len(path) < DEEPEST:
            folder = await self._folder(parents[0])
            if folder is None or folder in path:
                break
            path.append(folder)
            parents = folder.parents
        return path[::-1]

    async def place(self, item: Item, collections: Sequence[Collection]) -> Place:
        """The collections that an item is in, and the folders above it from the outermost of them."""
        path = await self.above(item)
        ids = [folder.id for folder in path]
        shared = item.shared or any(folder.shared for folder in path)
        inside = {one.id for one in collections if _holds(one, ids, item, shared=shared)}
        tops = {one.folder_id for one in collections if one.id in inside}
        whole = tops & {EVERYTHING, SHARED_WITH_ME}
        first = 0 if whole else next((at for at, name in enumerate(ids) if name in tops), len(ids))
        parent = path[-1] if path and path[-1].id not in tops else None
        return Place(tuple(sorted(inside)), tuple(ids[first:]), parent)

    async def _folder(self, folder_id: str) -> Folder | None:
        if folder_id not in self.known:
            stored = await self.folders.get([folder_id])
            self.known[folder_id] = stored.get(folder_id) or await self._from_drive(folder_id)
        return self.known[folder_id]

    async def _from_drive(self, folder_id: str) -> Folder | None:
        item = await self.drive.item(folder_id)
        if item is None or not item.is_folder:
            return None
        # without its rights: nobody has looked at what is in it, so the feed's word of it will be news
        folder = replace(folder_of(item), rights="")
        await self._put([folder])
        return self.known[folder_id]

    async def _put(self, found: Sequence[Folder]) -> None:
        """Store folders, each with the principals to whom the folder around it is shown."""
        self.known |= {folder.id: folder for folder in found}
        parents = {parent for folder in found for parent in folder.parents[:1]} - self.known.keys()
        known = {**(await self.folders.get(parents) if parents else {}), **self.known}
        found = [replace(one, around=_around(one, known)) for one in found]
        self.known |= {folder.id: folder for folder in found}
        await self.folders.put(found)


def folder_of(item: Item) -> Folder:
    """What is stored of a folder."""
    return Folder(item.id, item.name, item.parents, item.shared, folder_rights(item), item.grants)


def _around(folder: Folder, known: Mapping[str, Folder | None]) -> tuple[str, ...] | None:
    """The principals to whom the folder around another is shown."""
    parent = known.get(folder.parents[0]) if folder.parents else None
    if parent is None:
        return ()
    return None if parent.grants is None else openers(parent.grants)


def _holds(collection: Collection, path: Names[str], item: Item, *, shared: bool) -> bool:
    if collection.folder_id == EVERYTHING:
        return True
    if collection.folder_id == SHARED_WITH_ME:
        return shared and not item.drive_id
    return collection.folder_id in path
