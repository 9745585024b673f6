"""From a record's id, or an item as Drive shows it, to the file that Docent would index."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.ingestion.drive import FOLDER, SHORTCUT, Grant, Item, Items
from shared.ingestion.interfaces import Clock, Collection, CollectionStore, DriveFile
from shared.ingestion.rights import next_expiry, openers, principals
from shared.ingestion.runs import FolderStore
from shared.ingestion.tree import Place, Tree

TO_A_FOLDER = "It is a shortcut to a folder; connect that folder itself to read what is in it."
TO_NOTHING = "It is a shortcut to a file that is gone, or that Docent's account may not see."
TO_A_FILE_OF_OURS = "It is a shortcut to a file that is in the same collection itself."


@dataclass(frozen=True)
class Resolver:
    """Finds out what a file is, where it is and who may read it, as Drive says at this moment."""

    drive: Items
    folders: FolderStore
    collections: CollectionStore
    clock: Clock

    async def file(
        self, record_id: str, resource_key: str = "", folders: Sequence[str] = ()
    ) -> DriveFile | None:
        """The file of a record, or None when it is gone, in the trash, or in no collection any more.

        `folders` are those that it was last seen below, outermost first: they are looked up together.
        """
        own, _, target = record_id.partition("~")
        item = await self.drive.item(own, "" if target else resource_key)
        if item is None or item.trashed or item.is_folder or item.record_id != record_id:
            return None
        collections = await self.collections.all()
        tree = Tree(self.drive, self.folders)
        if item.parents and item.parents[0] in folders:
            await tree.fetch(folders)
        place = await tree.place(item, collections)
        if not place.collections:
            return None
        grants = await self._grants(item)
        file = replace(seen(item, place.collections, place.folders), grants=grants)
        if item.mime_type == SHORTCUT:
            file = await self._through(file, tree, collections, resource_key)
        now = self.clock.now()
        return replace(
            file,
            principals=principals(file.grants, file.via, now),
            around=around(place),
            expires_at=next_expiry(now, file.grants, file.via),
        )

    async def _grants(self, item: Item) -> tuple[Grant, ...] | None:
        return item.grants if item.grants is not None else await self.drive.grants(item)

    async def _through(
        self, file: DriveFile, tree: Tree, collections: Sequence[Collection], resource_key: str
    ) -> DriveFile:
        """What a shortcut leads to: the target's content, behind the rights to both."""
        shortcut = file.source
        if not shortcut.target or shortcut.target_type == FOLDER:
            return replace(file, obstacle=TO_A_FOLDER if shortcut.target else TO_NOTHING)
        target = await self.drive.item(shortcut.target, shortcut.resource_key or resource_key)
        if target is None or target.trashed or target.is_folder:
            return replace(file, obstacle=TO_NOTHING)
        twice = set((await tree.place(target, collections)).collections) & set(file.collections)
        return replace(
            file,
            mime_type=target.mime_type,
            content=target.content,
            size=target.size,
            modified=target.modified,
            link=target.link,
            source=target,
            sharing=f"{file.sharing}/{target.sharing}",
            grants=await self._grants(target),
            via=file.grants or (),
            obstacle=TO_A_FILE_OF_OURS if twice else "",
        )


def around(place: Place) -> tuple[str, ...] | None:
    """The principals to whom the folder around a file is shown, as far as that is known."""
    if place.parent is None:
        return None if place.folders else ()
    return None if place.parent.grants is None else openers(place.parent.grants)


def seen(item: Item, collections: tuple[str, ...], folders: tuple[str, ...]) -> DriveFile:
    """The file that an item is, as far as the item itself tells."""
    return DriveFile(
        id=item.record_id,
        name=item.name,
        mime_type=item.mime_type,
        content=item.content,
        size=item.size,
        modified=item.modified,
        link=item.link,
        source=item,
        collections=collections,
        folders=folders,
        sharing=item.sharing,
    )
