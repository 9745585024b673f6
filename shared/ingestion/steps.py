"""One step of a run: a page of a feed, a folder that changed, or a page of a listing.

Each can be done again after a kill: asks have names, and what a step found is remembered before what it
changes is written. A step returns the run as it stands after it; the caller saves that.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.errors import NotFound
from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME, USER_FEED, Drive, FeedEntry, Item
from shared.ingestion.feed import View, asks_of_page, changed_folders, shortcuts, sort
from shared.ingestion.interfaces import Collection, CollectionStore, FileRecord, RecordStore
from shared.ingestion.queueing import Ask, Queueing
from shared.ingestion.runs import FolderStore, Run, RunStore, SyncState, Walk
from shared.ingestion.tree import Tree
from shared.ingestion.walk import Walker, fresh, placed, up_to_date, version

RUNS_BACK = 10
"""Runs among which the last finished one is looked for; without one, all files below are asked for."""
SLOWEST = timedelta(minutes=5)
"""A file's task is over so long after it asked Drive, and an entry in the feed so long after its change."""
Save = Callable[[Run], Awaitable[Run]]


@dataclass(frozen=True)
class Stores:
    """What the steps read and write."""

    drive: Drive
    folders: FolderStore
    collections: CollectionStore
    records: RecordStore
    runs: RunStore
    queueing: Queueing


class Steps:
    """The steps of one delivery of one run."""

    def __init__(self, stores: Stores, collection: Collection, save: Save) -> None:
        self._stores, self._collection, self._save = stores, collection, save
        self._tree = Tree(stores.drive, stores.folders)
        self._walker = Walker(stores.drive)
        self._view: View | None = None
        self._noted: tuple[int, set[str]] | None = None

    @property
    def _mine(self) -> str:
        return self._collection.id

    async def begin(self, run: Run, state: SyncState) -> Run:
        """Decide what the run is: from the saved tokens, or all anew when there are none."""
        try:
            feeds = await self._walker.feeds(self._collection)
        except NotFound:  # the collection's folder is gone: its files are to go too
            feeds = tuple(state.tokens) or (USER_FEED,)
        known = {feed: token for feed, token in state.tokens.items() if feed in feeds}
        tokens = {feed: known.get(feed) or await self._stores.drive.start_token(feed) for feed in feeds}
        frontier = await self._walker.tops(self._collection)
        unread = tuple(known) if run.kind == "reconcile" else ()
        kind = run.kind if run.kind == "reconcile" and known else "listing"
        run = replace(run, kind=kind, tokens=tokens, unread=unread, recheck=(), relist=False)
        return replace(run, walk=Walk(frontier=frontier), begun=True, since=run.steps)

    async def step(self, run: Run) -> Run | None:
        """Do the next step; None when there is none left. Raises TokenLost."""
        if run.unread:
            return await self._feed_page(run)
        if run.recheck:
            return await self._recheck(run)
        return None if run.walk.over else await self._listing_page(run)

    async def gone(self, run: Run) -> list[str]:
        """The records that a full listing did not meet."""
        noted = await self._noted_of(run)
        return [name for name in await self._stores.records.ids(self._mine) if name not in noted]

    async def _feed_page(self, run: Run) -> Run:
        feed = run.unread[0]
        token = run.tokens[feed]
        page = await self._stores.drive.changes(feed, token)
        found = await sort([one for one in page.entries if not _told_twice(feed, one, run)], self._tree)
        changed = await changed_folders(found, self._tree)
        if changed:
            run = await self._save(replace(run, recheck=tuple(dict.fromkeys((*run.recheck, *changed)))))
        await self._tree.note(found.folders)
        for folder in found.lost_folders:
            await self._tree.forget(folder)
        asks = await asks_of_page(found, f"{feed}:{token}", self._mine, self._tree, await self._viewed())
        quiet = [one.id for one in found.folders if one.id not in changed]
        asks += await self._read_between(quiet, run, f"{feed}:{token}")
        queued = await self._stores.queueing.ask_all(asks)
        return replace(
            run,
            tokens={**run.tokens, feed: page.token},
            unread=run.unread[1:] if page.last else run.unread,
            listed=run.listed + len(page.entries),
            queued=run.queued + queued,
            relist=run.relist or self._new_drive(found.drives, run),
        )

    async def _read_between(self, folders: Sequence[str], run: Run, mark: str) -> list[Ask]:
        """Files below folders that the feed tells of and that are as they were at the last sync.

        A folder that was opened and closed again since looks the same, and its files do not: those that
        were read in between, while it was open.
        """
        if not folders:
            return []
        runs = await self._stores.runs.recent(self._mine, RUNS_BACK)
        done = [one.started_at for one in runs if one.id != run.id and one.state == "done"]
        since = max(done, default=datetime.min.replace(tzinfo=UTC)) - (SLOWEST if done else timedelta())
        below = [name for folder in folders for name in await self._stores.records.below(folder, since)]
        return [Ask(name, f"between@{mark}") for name in dict.fromkeys(below)]

    def _new_drive(self, drives: list[str], run: Run) -> bool:
        """Whether the connector has become a member of a shared drive whose feed nobody reads yet."""
        return self._collection.folder_id == EVERYTHING and any(drive not in run.tokens for drive in drives)

    async def _recheck(self, run: Run) -> Run:
        """Ask for all that was below a changed folder, and list what is below it now."""
        folder = run.recheck[0]
        below = await self._stores.records.below(folder)
        links = (await self._viewed()).shortcuts
        names = dict.fromkeys([*below, *(link for name in below for link in links.touched_by(name))])
        queued = await self._stores.queueing.ask_all(Ask(name, f"{folder}@{run.id}") for name in names)
        walk = run.walk
        if await self._inside(folder):
            walk = replace(walk, frontier=tuple(dict.fromkeys((*walk.frontier, folder))))
        return replace(run, recheck=run.recheck[1:], queued=run.queued + queued, walk=walk)

    async def _inside(self, folder_id: str) -> bool:
        """Whether files directly in the folder would be in a collection.

        In any: of the collections whose feeds tell of a folder, only the first finds it changed.
        """
        child = Item("", "", "", parents=(folder_id,))
        place = await self._tree.place(child, await self._stores.collections.all())
        return bool(place.collections)

    async def _listing_page(self, run: Run) -> Run:
        noted = await self._noted_of(run)
        walk, items = await self._walker.step(run.walk, noted)
        await self._tree.note(items)
        files = await placed(items, self._tree, await self._stores.collections.all())
        if run.kind != "changes":
            files = [file for file in files if self._mine in file.collections]
        records = await self._stores.records.get_many([file.id for file in files])
        asks = [
            Ask(
                file.id,
                version(file) if not file.source.target else f"{version(file)}@{run.id}",
                fresh(file),
                file.size,
            )
            for file in files
            if self._wants(run, records.get(file.id)) and not up_to_date(file, records.get(file.id))
        ]
        asks += await self._pointing_to(run, items)
        missed = sum(not _under_way(records.get(ask.id)) and "~" not in ask.id for ask in asks)
        queued = await self._stores.queueing.ask_all(asks)
        await self._stores.runs.note(run.id, run.steps, [item.record_id for item in items])
        noted.update(item.record_id for item in items)
        return replace(
            run,
            walk=walk,
            listed=run.listed + len(files),
            queued=run.queued + queued,
            drift=run.drift + (missed if run.kind == "reconcile" else 0),
        )

    async def _pointing_to(self, run: Run, items: Sequence[Item]) -> list[Ask]:
        """Shortcuts to what has come into sight with a folder; a full listing meets them all anyway."""
        if run.kind != "changes":
            return []
        links = (await self._viewed()).shortcuts
        names = dict.fromkeys(name for item in items for name in links.by_target.get(item.id, ()))
        return [Ask(name, f"target@{run.id}:{run.steps}") for name in names]

    def _wants(self, run: Run, record: FileRecord | None) -> bool:
        """In a sync from the feed, what has a record below a changed folder was asked for already."""
        return run.kind != "changes" or record is None

    async def _viewed(self) -> View:
        if self._view is None:
            records = self._stores.records
            found = shortcuts(await records.shortcuts())
            self._view = View(records, await self._stores.collections.all(), found)
        return self._view

    async def _noted_of(self, run: Run) -> set[str]:
        if self._noted is None or self._noted[0] != run.since:
            found = await self._stores.runs.noted(run.id, run.since, run.steps)
            self._noted = run.since, set(found)
        return self._noted[1]


def _under_way(record: FileRecord | None) -> bool:
    return record is not None and record.state in ("pending", "failed")


def _told_twice(feed: str, entry: FeedEntry, run: Run) -> bool:
    """The user's feed tells of shared drives too, whose own feeds are read and tell more."""
    return feed == USER_FEED and entry.item is not None and entry.item.drive_id in run.tokens


async def count(stores: Stores, collection: Collection, scratch: FolderStore) -> tuple[int, int, int]:
    """What a full listing would find: files, files to queue, records to remove. Nothing is written."""
    tree, walker = Tree(stores.drive, scratch), Walker(stores.drive)
    collections = await stores.collections.all()
    if collection.folder_id not in (EVERYTHING, SHARED_WITH_ME):
        await tree.note([await stores.drive.folder(collection.folder_id)])
    walk = Walk(frontier=await walker.tops(collection))
    met: set[str] = set()
    found: set[str] = set()
    wanted = 0
    while not walk.over:
        walk, items = await walker.step(walk, met)
        await tree.note(items)
        met.update(item.record_id for item in items)
        files = [one for one in await placed(items, tree, collections) if collection.id in one.collections]
        records = await stores.records.get_many([file.id for file in files])
        wanted += sum(not up_to_date(file, records.get(file.id)) for file in files)
        found.update(file.id for file in files)
    known = await stores.records.ids(collection.id)
    return len(found), wanted, sum(name not in found for name in known)
