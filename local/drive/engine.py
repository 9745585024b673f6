"""The Drive itself: the served folder, what people did to it since, the clock, and the change feed."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.clock import machine
from local.drive.build import Builder
from local.drive.groups import Groups
from local.drive.items import Item, seconds_of, timestamp
from local.drive.layout import BadSidecar, find_layout
from local.drive.rights import Rights
from local.drive.scan import Seen, compare, scan
from local.drive.sidecar import load_sidecar
from local.drive.store import DriveStore
from local.drive.tree import Tree
from local.signin.people import DEMO_PEOPLE

LOOK_SECONDS = 1.0
LOOK_SHARE = 20
"""A look at the folder takes at most a twentieth of the time, however many files there are."""


class Drive:
    """One Drive. `spread` also reports a folder's change for everything below it, which Google may not do."""

    def __init__(self, folder: Path, store: DriveStore, *, spread: bool = False) -> None:
        layout = find_layout(folder)
        self.root, self._sidecar_path = layout.root, layout.sidecar
        self.store, self._spread = store, spread
        self.generation = 0
        """Moves with every change of items, lists, groups or the clock."""
        self.listeners: list[Callable[[], None]] = []
        self._clock = 0.0
        self._looking, self._next_look = asyncio.Lock(), 0.0
        self._read()
        self._recall()

    def _read(self) -> None:
        """Build the tree from folder and sidecar, then lay over it what people did. Raises BadSidecar."""
        sidecar = load_sidecar(self._sidecar_path) if self._sidecar_path else None
        users = (sidecar.users if sidecar else ()) or DEMO_PEOPLE
        self._reference = sidecar.reference_time if sidecar else ""
        self._stamp = self._sidecar_stamp()
        self.people = set(users)
        self.groups = Groups(sidecar.groups if sidecar else {})
        self.tree = Tree()
        self.rights = Rights(self.tree, self.groups, self.now)
        self.builder = Builder(self.tree, self.rights, sidecar, users)
        self._files: dict[str, str] = {}
        self._overlaid: set[str] = set()
        reference = seconds_of(self._reference) if self._reference else 0.0
        self._clock = max(self._clock, reference, float(self.store.fact("clock") or 0))
        self._build()

    def _sidecar_stamp(self) -> str:
        """What tells one state of the sidecar from another."""
        if not self._sidecar_path:
            return ""
        try:
            return hashlib.sha256(self._sidecar_path.read_bytes()).hexdigest()
        except FileNotFoundError:
            return "gone"

    def restored(self) -> None:
        """The store holds another state: build the Drive anew from it and from the folder as it is now."""
        self._clock = 0.0
        self._read()
        self._recall()
        self.generation += 1

    def now(self) -> float:
        """The Drive's time, in seconds since the epoch.

        With a reference time in the sidecar it stands still until an event moves it; else it is the real one.
        """
        return self._clock if self._reference else max(machine.time(), self._clock)

    def set_clock(self, moment: str) -> None:
        """Move the clock forward to a time; it never goes back. Raises ValueError."""
        self._clock = max(self._clock, seconds_of(moment))
        self.store.set_fact("clock", repr(self._clock))
        self.generation += 1

    def _build(self) -> None:
        if self.store.fact("folder") not in {"", str(self.root)}:
            self.store.forget_all()
        versions = self.store.seen()[1]
        self._seen: Seen = scan(self.root, self._sidecar_path)
        self.builder.build()
        for path, (size, mtime_ns) in sorted(self._seen.items()):
            item = self.builder.add_file(path, size, mtime_ns)
            item.version = versions.get(path, 1)
            self._files[path] = item.id
        self.builder.add_shortcuts()
        self._overlay()
        for name, members in self.store.groups().items():
            self.groups.replace(name, members)
        self.rights.changed()

    def _recall(self) -> None:
        """Compare with the folder as it was when this state was last used, and report what is different."""
        self.store.begin()
        if self.store.fact("folder"):
            now, self._seen = self._seen, self.store.seen()[0]
            self._follow(now)
            if self.store.fact("sidecar") != self._stamp:
                for item in self.tree:
                    self.record(item, set())
        else:
            self.store.save_seen((path, *seen, 1) for path, seen in self._seen.items())
        self.store.set_fact("folder", str(self.root))
        self.store.set_fact("sidecar", self._stamp)
        self.store.commit()

    def _overlay(self) -> None:
        """Lay what people did over what the folder says."""
        saved = self.store.items()
        for item_id, body in saved.items():
            known = self.tree.get(item_id)
            self._overlaid.add(item_id)
            if body.get("deleted"):
                if known:
                    self._drop(known)
                continue
            item = Item.from_json(body)
            if known and item_id in self.tree.drives and known.name != item.name:
                self.tree.rename_drive(known, item.name)
            if item.path and not item.content and known:
                item.size, item.mtime_ns = known.size, known.mtime_ns
            if known is None and item.path and item.path not in self._seen:
                self.store.forget_item(item_id)
                continue
            self.tree.add(item)
        if saved:
            self.tree.settle_drives()

    def _drop(self, item: Item) -> None:
        for one in (*self.tree.below(item), item):
            self._files.pop(one.path, None)
        self.tree.remove(item)

    # -- the folder on disk ------------------------------------------------------------------------------

    async def look(self) -> None:
        """Notice what changed in the folder, unless that was done a moment ago."""
        if time.monotonic() < self._next_look:
            return
        async with self._looking:
            if time.monotonic() < self._next_look:
                return
            began = time.monotonic()
            if self._sidecar_path and self._sidecar_stamp() != self._stamp:
                self._reread()
            found = await asyncio.to_thread(scan, self.root, self._sidecar_path)
            took = time.monotonic() - began
            self._next_look = time.monotonic() + max(LOOK_SECONDS, took * LOOK_SHARE)
            if found != self._seen:
                with self.writing():
                    self._follow(found)

    def _reread(self) -> None:
        """Take over a sidecar that was edited; one that cannot be read changes nothing."""
        old_tree, before = self.tree, {item.id: (self._shown(item), self.readers(item)) for item in self.tree}
        try:
            self._read()
        except BadSidecar:
            self._stamp = self._sidecar_stamp()
            return
        with self.writing():
            for item in self.tree:
                shown, readers = before.pop(item.id, (None, set[str]()))
                if shown != self._shown(item):
                    self.record(item, readers - self.readers(item))
            for gone, (_, readers) in before.items():
                item_gone = old_tree.get(gone)
                of = item_gone.drive_id if item_gone else ""
                self.store.add_change("file", gone, of, timestamp(self.now()), readers)
            self.store.set_fact("sidecar", self._stamp)

    def _shown(self, item: Item) -> object:
        """All that people may notice of an item, its version apart."""
        body = item.to_json() | {"version": 0}
        return body, [(one.permission, one.source) for one in self.rights.grants(item)]

    def _follow(self, found: Seen) -> None:
        """Bring the tree and the feed to what a look at the folder found."""
        differences = compare(self._seen, found)
        for path in differences.gone:
            self._gone(path)
        for path in differences.added:
            self._appeared(path, *found[path])
        for path in differences.changed:
            self._rewritten(path, *found[path])
        self._seen = found

    def _gone(self, path: str) -> None:
        self.store.forget_seen(path)
        item = self.tree.get(self._files.get(path, ""))
        if item is None and path not in self._seen:
            return
        if item is None:
            item = self.builder.add_file(path, 0, 0)
            if self.store.items().get(item.id, {}).get("deleted"):
                self.tree.remove(item)
                return
        lost = self.readers(item)
        self._drop(item)
        self.store.forget_item(item.id)
        self.store.add_change("file", item.id, item.drive_id, timestamp(self.now()), lost)

    def _appeared(self, path: str, size: int, mtime_ns: int) -> None:
        item = self.tree.get(self._files.get(path, "")) or self.builder.add_file(path, size, mtime_ns)
        self._files[path] = item.id
        self.rights.changed()
        self.record(item, set())
        self.store.save_seen([(path, size, mtime_ns, item.version)])

    def _rewritten(self, path: str, size: int, mtime_ns: int) -> None:
        item = self.tree.get(self._files.get(path, ""))
        if item is None:
            self.store.save_seen([(path, size, mtime_ns, 1)])
            return
        item.size, item.mtime_ns, item.content = size, mtime_ns, ""
        item.modified = max(item.modified, timestamp(mtime_ns / 1e9))
        self.record(item, set())
        self.store.save_seen([(path, size, mtime_ns, item.version)])

    # -- changing things ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; those who listen for changes are told after it."""
        self.store.begin()
        try:
            yield
        except BaseException:
            self.store.rollback()
            raise
        self.store.commit()
        self.generation += 1
        for listener in self.listeners:
            listener()

    def readers(self, item: Item) -> set[str]:
        """Which of the known people have a right to the item now."""
        return {email for email in self.people if self.rights.standing(item, email).role}

    @contextmanager
    def changing(self, item: Item) -> Iterator[None]:
        """What is done to the item inside becomes an entry of the feed, with those who lost sight of it."""
        targets = [item, *self.tree.below(item)] if self._spread else [item]
        before = {one.id: self.readers(one) for one in targets}
        yield
        self._overlaid.add(item.id)
        self.rights.changed()
        for one in targets:
            self.record(one, before[one.id] - self.readers(one))

    def record(self, item: Item, lost: set[str]) -> None:
        """A new version of the item, and an entry of the feed: of its drive, where it is a drive's root."""
        item.version += 1
        if item.id in self._overlaid:
            self.store.save_item(item.id, item.to_json())
        else:
            self.store.set_version(item.path, item.version)
        kind = "drive" if item.id in self.tree.drives else "file"
        self.store.add_change(kind, item.id, item.drive_id, timestamp(self.now()), lost)

    def add(self, item: Item) -> None:
        """An item that people made: remembered whole, and reported."""
        self._overlaid.add(item.id)
        self.rights.changed()
        self.record(item, set())

    def folder(self, path: str) -> Item:
        """The folder at a path; those that are missing are made, and reported."""
        made: list[Item] = []
        folder = self.tree.folder_at(path, timestamp(self.now()), made)
        for one in made:
            self.add(one)
        return folder

    def delete(self, item: Item) -> None:
        """Take an item out for ever, with what is below it."""
        gone = [*self.tree.below(item), item]
        lost = {one.id: self.readers(one) for one in gone}
        self._drop(item)
        self.rights.changed()
        for one in gone:
            self._overlaid.add(one.id)
            self.store.save_item(one.id, {"deleted": True})
            self.store.add_change("file", one.id, one.drive_id, timestamp(self.now()), lost[one.id])

    # -- bytes ---------------------------------------------------------------------------------------------

    async def read(self, item: Item) -> bytes:
        """The item's bytes. Raises FileNotFoundError when the file went away under us."""
        if item.content:
            return self.store.content(item.content)[1]
        if not item.path:
            return b""
        return await asyncio.to_thread((self.root / item.path).read_bytes)

    def write(self, item: Item, content: bytes) -> None:
        """Give the item new bytes, kept in the state: the served folder is never written to."""
        sha256 = hashlib.sha256(content).hexdigest()
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.store.save_content(sha256, md5, content)
        item.content, item.size = sha256, len(content)

    async def checksums(self, item: Item) -> tuple[str, str]:
        """(MD5, SHA-256) of the item's bytes, computed once for each state of the file."""
        if item.content:
            return self.store.content(item.content)[0], item.content
        known = self.store.checksums(item.path, item.size, item.mtime_ns)
        if known is None:
            known = await asyncio.to_thread(_hash, self.root / item.path)
            self.store.save_checksums(item.path, *known)
        return known


def _hash(path: Path) -> tuple[str, str]:
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except FileNotFoundError:
        return hashlib.md5(b"", usedforsecurity=False).hexdigest(), hashlib.sha256(b"").hexdigest()
    return md5, sha256
