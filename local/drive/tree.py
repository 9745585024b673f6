"""The items of a Drive and how they hang together: parents, children, paths, keys."""

from collections.abc import Iterator

from local.drive.items import FOLDER, Item, stable_id
from local.drive.sidecar import clean_path

MY_DRIVE = "My Drive"
MAX_DEPTH = 200


class Tree:
    """All items by id, with the children of each folder. Shared drives hang beside the root."""

    def __init__(self) -> None:
        self.root = Item(id="0A" + stable_id("root", "")[:15] + "PVA", key="", name=MY_DRIVE, mime=FOLDER)
        self._items: dict[str, Item] = {self.root.id: self.root}
        self._children: dict[str, dict[str, None]] = {}
        self._by_key: dict[str, str] = {}
        self._trashed: dict[str, bool] = {}
        self.drives: dict[str, str] = {}
        """The path at which each shared drive's root hangs, by drive id."""

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._items

    def __iter__(self) -> Iterator[Item]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def get(self, item_id: str) -> Item | None:
        """The item of this id; `root` is My Drive."""
        return self.root if item_id == "root" else self._items.get(item_id)

    def by_key(self, key: str) -> Item | None:
        """The item of this sidecar key."""
        return self._items.get(self._by_key.get(key, ""))

    def add(self, item: Item) -> None:
        """Put an item in its place, or move it to the parent that it names now."""
        old = self._items.get(item.id)
        if old is not None:
            self._children.get(old.parent, {}).pop(item.id, None)
        self._items[item.id] = item
        if item.id == self.root.id:
            self.root = item
        if item.key and not item.is_folder:
            self._by_key[item.key] = item.id
        if item.parent:
            self._children.setdefault(item.parent, {})[item.id] = None

    def move(self, item: Item, parent: str) -> None:
        """Hang an item, with all below it, under another folder."""
        self._children.get(item.parent, {}).pop(item.id, None)
        item.parent = parent
        self._children.setdefault(parent, {})[item.id] = None
        self._enter_drive(item, self._items[parent].drive_id)

    def _enter_drive(self, item: Item, drive_id: str) -> None:
        if item.drive_id != drive_id:
            for one in (item, *self.below(item)):
                one.drive_id = drive_id

    def rename_drive(self, root: Item, name: str) -> None:
        """Give a shared drive another name; the place at which it hangs follows."""
        above, _, last = self.drives[root.id].rpartition("/")
        if last == root.name:
            self.drives[root.id] = f"{above}/{name}".strip("/")
        root.name = name

    def settle_drives(self) -> None:
        """Make everything belong to the drive of the folder that it hangs in."""
        for top in (self.root.id, *self.drives):
            for one in self.below(self._items[top]):
                one.drive_id = self._items[top].drive_id

    def remove(self, item: Item) -> None:
        """Take out an item and all below it."""
        for one in (*self.below(item), item):
            self._children.get(one.parent, {}).pop(one.id, None)
            self._children.pop(one.id, None)
            self._items.pop(one.id, None)
            if self._by_key.get(one.key) == one.id:
                del self._by_key[one.key]

    def children(self, item_id: str) -> list[Item]:
        """What hangs directly in a folder."""
        return [self._items[one] for one in self._children.get(item_id, ())]

    def below(self, item: Item) -> Iterator[Item]:
        """Everything under an item, nearest first."""
        waiting = [item.id]
        while waiting:
            for child in self.children(waiting.pop(0)):
                yield child
                if child.is_folder:
                    waiting.append(child.id)

    def ancestors(self, item: Item) -> Iterator[Item]:
        """The folders above an item, nearest first."""
        current = self._items.get(item.parent)
        for _ in range(MAX_DEPTH):
            if current is None:
                return
            yield current
            current = self._items.get(current.parent)

    def in_trash(self, item: Item) -> bool:
        """Whether it, or a folder above it, is in the trash."""
        if item.trashed or not item.parent:
            return item.trashed
        if item.parent not in self._trashed:
            self._trashed[item.parent] = any(above.trashed for above in self.ancestors(item))
        return self._trashed[item.parent]

    def changed(self) -> None:
        """Forget which folders are in the trash; called after every change."""
        self._trashed.clear()

    def path(self, item: Item) -> str:
        """The path below My Drive, or below the place where the shared drive hangs."""
        names = [item.name]
        for above in self.ancestors(item):
            if above.id in self.drives:
                return "/".join([self.drives[above.id], *reversed(names)])
            if above.id != self.root.id:
                names.append(above.name)
        if item.id in self.drives:
            return self.drives[item.id]
        return "" if item.id == self.root.id else "/".join(reversed(names))

    def child_named(self, parent: Item, name: str, *, folder: bool = False) -> Item | None:
        """A child of this name, one outside the trash before one inside."""
        found = [
            one for one in self.children(parent.id) if one.name == name and (one.is_folder or not folder)
        ]
        return min(found, key=lambda one: one.trashed) if found else None

    def _walk(self, path: str) -> tuple[Item, list[str]]:
        """The deepest folder that exists on a path, and the names that are left to walk.

        A path may start at My Drive or at the place of a shared drive; the start that leads furthest counts.
        """
        best: tuple[Item, list[str]] | None = None
        places = [(place, drive) for drive, place in self.drives.items()]
        starts = [*sorted(places, key=lambda one: -len(one[0])), ("", self.root.id)]
        for place, start in starts:
            if place and path != place and not path.startswith(place + "/"):
                continue
            current, names = self._items[start], path[len(place) :].strip("/").split("/")
            names = [name for name in names if name]
            while names and (child := self.child_named(current, names[0], folder=True)):
                current, names = child, names[1:]
            if best is None or len(names) < len(best[1]):
                best = current, names
        return best or (self.root, path.split("/"))

    def find(self, path: str, *, folder: bool = False) -> Item | None:
        """The item at a path; with `folder`, only folders count."""
        current, names = self._walk(clean_path(path))
        if not names:
            return current
        if folder or len(names) > 1:
            return None
        return self.child_named(current, names[0])

    def folder_at(self, path: str, modified: str = "", made: list[Item] | None = None) -> Item:
        """The folder at a path; what is missing of it comes into being, and is added to `made`."""
        current, names = self._walk(clean_path(path))
        walked = self.path(current)
        for name in names:
            walked = f"{walked}/{name}".strip("/")
            child = Item(stable_id("folder", walked), walked, name, FOLDER, parent=current.id)
            while child.id in self._items:
                child.id = stable_id("folder", child.id)
            child.owner, child.drive_id = current.owner, current.drive_id
            child.created = child.modified = modified
            self.add(child)
            if made is not None:
                made.append(child)
            current = child
        return current
