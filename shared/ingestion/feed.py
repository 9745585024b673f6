"""What a page of a change feed means for the collections: files to look at, folders to look into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.ingestion.drive import FeedEntry, Item
from shared.ingestion.interfaces import Collection, RecordStore
from shared.ingestion.queueing import Ask
from shared.ingestion.runs import Folder
from shared.ingestion.tree import Tree, folder_of
from shared.ingestion.walk import fresh, placed, up_to_date, version


@dataclass(frozen=True)
class Shortcuts:
    """The records of shortcuts, by the shortcut and by what it points to."""

    by_id: Mapping[str, tuple[str, ...]]
    by_target: Mapping[str, tuple[str, ...]]

    def touched_by(self, item_id: str) -> tuple[str, ...]:
        """The records that a change of this item is about, apart from its own."""
        return (*self.by_id.get(item_id, ()), *self.by_target.get(item_id, ()))


def shortcuts(record_ids: Sequence[str]) -> Shortcuts:
    """The records of shortcuts among ids, arranged."""
    by_id: dict[str, tuple[str, ...]] = {}
    by_target: dict[str, tuple[str, ...]] = {}
    for name in record_ids:
        own, _, target = name.partition("~")
        by_id[own] = (*by_id.get(own, ()), name)
        by_target[target] = (*by_target.get(target, ()), name)
    return Shortcuts(by_id, by_target)


@dataclass
class Sorted:
    """The entries of a page by what has to be done about them."""

    gone: list[str] = field(default_factory=list)
    files: list[Item] = field(default_factory=list)
    folders: list[Item] = field(default_factory=list)
    lost_folders: list[str] = field(default_factory=list)
    drives: list[str] = field(default_factory=list)


async def sort(entries: Sequence[FeedEntry], tree: Tree) -> Sorted:
    """Tell files, folders and shared drives apart; of what is gone, the stored folders tell."""
    found = Sorted()
    gone = [entry.target for entry in entries if entry.item is None and not entry.drive]
    stored = await tree.folders.get(gone) if gone else {}
    for entry in entries:
        if entry.drive:
            found.drives.append(entry.target)
        elif entry.item is None:
            (found.lost_folders if entry.target in stored else found.gone).append(entry.target)
        elif entry.item.is_folder:
            found.folders.append(entry.item)
        else:
            found.files.append(entry.item)
    return found


async def changed_folders(found: Sorted, tree: Tree) -> tuple[str, ...]:
    """The folders whose files may be elsewhere or open to others; one that was only renamed is not.

    Where the connector sees no permissions, every change may be one of permissions.
    """
    before: Mapping[str, Folder] = await tree.folders.get([one.id for one in found.folders])
    changed = [
        item.id
        for item in found.folders
        if item.grants is None or item.id not in before or before[item.id].rights != folder_of(item).rights
    ]
    return (*changed, *found.lost_folders, *found.drives)


async def asks_of_page(found: Sorted, mark: str, collection: str, tree: Tree, view: "View") -> list[Ask]:
    """What to queue: the files of one collection, and whatever else has a record.

    A file that has left a collection may be told of by the feed of another alone. `mark` names the page:
    a file seen on two pages is asked for twice, since the worker of the first may have looked too early.
    """
    files = await placed(found.files, tree, view.collections)
    names = [*(file.id for file in files), *(item.record_id for item in found.files), *found.gone]
    records = await view.records.get_many(list(dict.fromkeys(names)))
    asks = [
        Ask(file.id, f"{version(file)}@{mark}", fresh(file), file.size)
        for file in files
        if (collection in file.collections or file.id in records)
        and (file.source.grants is None or not up_to_date(file, records.get(file.id)))
    ]
    inside = {file.id for file in files}
    left = [name for name in names if name not in inside and name in records]
    touched = [
        name
        for item_id in (*found.gone, *(item.id for item in found.files))
        for name in view.shortcuts.touched_by(item_id)
    ]
    asked = {ask.id for ask in asks}
    later = dict.fromkeys(name for name in (*left, *touched) if name not in asked)
    return [*asks, *(Ask(name, f"changed@{mark}") for name in later)]


@dataclass(frozen=True)
class View:
    """What the reading of a page looks things up in."""

    records: RecordStore
    collections: Sequence[Collection]
    shortcuts: Shortcuts
