"""How long a withdrawn right still shows: a Drive, its readers, and Docent, on one clock.

Real: sync, file tasks, search, and the check of rights. Simulated: Drive, the stores, and time. A change is
in Drive's feed up to FEED_DELAY seconds later; Cloud Scheduler starts a sync every PERIOD seconds and no push
hurries it; workers do RATE tasks a second; every reader asks a question every TICK seconds.
"""

import heapq
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from shared.errors import NotFound
from shared.gcp.firestore_folders import TRUSTED_FOR
from shared.identity.access import Access
from shared.identity.recorded import RecordedAccess, RecordedFile, RecordedGrant
from shared.ingestion.drive import Grant
from shared.models import Passage, Person, Scope, SparseVector
from shared.search.answering import OneIndex, Space
from shared.search.interfaces import FileEntry, HybridQuery
from shared.search.passages import Limits
from shared.search.service import Search, principals_of
from tests.fakes.drive import FakeDrive, Fuse, Node
from tests.fakes.ingestion import World
from tests.fakes.search import FakeFinder, FakeQueryEmbedder, FakeStatistics

PERIOD, FEED_DELAY, TICK, RATE = 120.0, 10.0, 4.0, 8
SPACING, WATCHED, UNDO = 20.0, 240.0, 260.0
"""Seconds between two changes, for which each is watched, and after which it is undone."""
STAFF = "staff@example.com"
PEOPLE = tuple(
    Person(str(number), f"{name}@example.com", "example.com", name)
    for number, name in enumerate(("alice", "bob", "carol"))
)
ASKED = HybridQuery((1.0, 0.0), SparseVector())
Pair = tuple[str, str]


@dataclass
class Lost:
    """A right that was withdrawn: when, how, and for how many seconds the file was still shown."""

    since: float
    kind: str
    counts: bool
    shown: float = 0.0


@dataclass
class LateDrive(FakeDrive):
    """A Drive whose feed tells of a change some seconds after it."""

    later: Callable[[str], None] | None = None

    def report(self, item_id: str) -> None:
        """One more entry of the feed, in a while."""
        if self.later is None:
            super().report(item_id)
        else:
            self.later(item_id)

    def tell(self, item_id: str) -> None:
        """The entry is there now."""
        super().report(item_id)


@dataclass
class Stores:
    """The world's stores as search and the check of rights see them."""

    world: World

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """Texts and records."""
        stored = await self.world.chunks.get(list(chunk_ids))
        texts = {
            name: Passage(
                name, one.file_id, "", one.chunk.text, "", one.chunk.locator, "", one.chunk.ordinal, 0.0
            )
            for name, one in stored.items()
        }
        records = await self.world.records.get_many(list(file_ids))
        files = {
            name: FileEntry(name, one.name, one.link, one.modified, one.collection, one.chunks)
            for name, one in records.items()
        }
        return texts, files

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """The groups that list an address."""
        saved = self.world.memberships.saved
        return tuple(name for name, members in saved.items() if members is None or email in members)

    async def certain_groups_of(self, email: str) -> frozenset[str]:
        """Those of them that were read a short while ago."""
        memberships, oldest = self.world.memberships, self.world.clock.now() - TRUSTED_FOR
        return frozenset(
            name
            for name, members in memberships.saved.items()
            if members and email in members and memberships.times[name] > oldest
        )

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """The permissions as recorded."""
        records = await self.world.records.get_many(list(file_ids))
        return {name: RecordedFile(name, one.name, _grants(one.grants)) for name, one in records.items()}

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """Nobody asks."""
        return {}


@dataclass
class DriveSays:
    """Drive's answer to a person, at this moment; the access token is the subject."""

    readers: "Readers"

    async def access_token(self, subject: str) -> str:
        """A token."""
        return subject

    async def readable(self, access_token: str, file_id: str) -> bool:
        """Whether Drive would show the file."""
        return self.readers.entitled(PEOPLE[int(access_token)], file_id)


@dataclass
class Readers:
    """The world, who may read what in it, and what each reader can still get at.

    `waits` are, for each right withdrawn, the seconds after which the file was seen for the last time.
    """

    recorded: bool
    seed: int = 1
    folders: int = 12
    files: int = 4
    waits: list[float] = field(default_factory=list)
    by_kind: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Folders of files: a top that grants, a folder in it, files in that; some files grant more."""
        self.random = random.Random(self.seed)  # noqa: S311 - a test's dice
        self.drive = LateDrive(Fuse())
        self.world = World(drive=self.drive)
        self.world.directory.groups = {STAFF: [PEOPLE[0].email, PEOPLE[1].email]}
        for number in range(self.folders):
            direct = [f"user:{person.email}" for person in PEOPLE[:2]]
            rights = [f"group:{STAFF}"] if number % 2 else direct
            self.drive.folder_at(f"top{number}", principals=rights)
            self.drive.folder_at(f"in{number}", parent=f"top{number}")
            for at in range(self.files):
                own = (f"user:{PEOPLE[2].email}",) if at % 3 == 0 else ()
                name = f"f{number}x{at}"
                self.drive.put(name, f"Rule {name}.".encode(), principals=own, parent=f"in{number}")
        self.drive.later = self._later
        stores = Stores(self.world)
        self.rights = (
            RecordedAccess(stores, stores, self.world.clock.now)
            if self.recorded
            else Access(DriveSays(self), DriveSays(self), 60.0, self._seconds)
        )
        self.finder = FakeFinder()
        self.search = Search(
            OneIndex(Space(FakeQueryEmbedder(), self.finder, 2)),
            stores,
            self.rights,
            stores,
            FakeStatistics(),
            Limits(10_000, 1_000, 10),
        )
        self._feed: list[tuple[float, str]] = []
        self._undo: list[tuple[float, int, Callable[[], None]]] = []
        self._made = 0
        self.pending: dict[Pair, Lost] = {}

    def entitled(self, person: Person, file_id: str) -> bool:
        """Whether Drive lets somebody read a file at this moment."""
        node = self.drive.nodes.get(file_id)
        if node is None or self.drive.in_trash(node):
            return False
        groups = {name for name, members in self.world.directory.groups.items() if person.email in members}
        return any(
            (one.kind == "user" and one.address == person.email)
            or (one.kind == "group" and one.address in groups)
            for one in self.drive.effective(node)
        )

    async def run(self, changes: int) -> None:
        """Inject so many changes and wait until each is effective."""
        await self.world.settle()
        next_sync, next_change = self._seconds(), self._seconds() + SPACING
        while self._made < changes or self.pending:
            now = self._seconds()
            while self._feed and self._feed[0][0] <= now:
                self.drive.tell(heapq.heappop(self._feed)[1])
            while self._undo and self._undo[0][0] <= now:
                heapq.heappop(self._undo)[2]()
            if self._made < changes and now >= next_change:
                next_change = now + SPACING
                await self._change()
            if now >= next_sync:
                next_sync = now + PERIOD
                await self.world.registry.start_all(by_person=False)
            await self._work()
            await self._look()
            self.world.clock.move(seconds=TICK)

    def _seconds(self) -> float:
        return self.world.clock.now().timestamp()

    def _later(self, item_id: str) -> None:
        heapq.heappush(self._feed, (self._seconds() + self.random.uniform(0, FEED_DELAY), item_id))

    async def _work(self) -> None:
        for _ in range(int(RATE * TICK)):
            if self.world.queue.tasks:
                await self.world.do(self.world.queue.tasks.pop(0))

    async def _change(self) -> None:
        """Take a right that somebody uses, in one of the ways in which rights go."""
        seen = {pair for person in PEOPLE for pair in await self._seen(person)}
        before = {pair for pair in self._all_pairs() if self._rightful(pair)}
        pairs = sorted(before & seen - self.pending.keys())
        if not pairs:
            return
        email, file_id = self.random.choice(pairs)
        ways = [self._unshare, self._trash, self._limit, self._leave]
        kind, undo = self.random.choice(ways)(email, file_id)
        lost = {pair for pair in before if not self._rightful(pair)}
        if not lost:
            undo()
            return
        self._made += 1
        heapq.heappush(self._undo, (self._seconds() + UNDO, self._made, undo))
        for pair in lost:
            if pair in self.pending:  # given back and taken again in one moment
                self._settle(self.pending.pop(pair))
            self.pending[pair] = Lost(self._seconds(), kind, counts=pair in seen)

    def _unshare(self, email: str, file_id: str) -> tuple[str, Callable[[], None]]:
        node = self.drive.nodes[file_id]
        for one in (node, *self.drive.above(node)):
            kept = [each for each in one.own if each.address not in (email, STAFF)]
            if kept != one.own:
                taken = [each for each in one.own if each not in kept]
                one.own = kept
                self.drive.report(one.id)
                return "unshare", partial(self._grant_again, one, taken)
        return "nothing", lambda: None

    def _trash(self, email: str, file_id: str) -> tuple[str, Callable[[], None]]:
        del email
        node = self.drive.nodes[file_id]
        chosen = self.random.choice([node, *self.drive.above(node)][:3])
        if chosen.trashed:
            return "nothing", lambda: None
        chosen.trashed = True
        self.drive.report(chosen.id)
        return "trash", lambda: self._put_back(chosen, trashed=False)

    def _limit(self, email: str, file_id: str) -> tuple[str, Callable[[], None]]:
        del email
        folder = self.drive.nodes[self.drive.nodes[file_id].parent]
        if folder.limited:
            return "nothing", lambda: None
        folder.limited = True
        self.drive.report(folder.id)
        return "restricted folder", lambda: self._put_back(folder, limited=False)

    def _leave(self, email: str, file_id: str) -> tuple[str, Callable[[], None]]:
        del file_id
        members = self.world.directory.groups[STAFF]
        if email not in members:
            return "nothing", lambda: None
        self.world.directory.groups[STAFF] = [one for one in members if one != email]

        def back() -> None:
            groups = self.world.directory.groups
            groups[STAFF] = sorted({*groups[STAFF], email})

        return "leave group", back

    def _grant_again(self, node: Node, taken: Sequence[Grant]) -> None:
        node.own = [*node.own, *(one for one in taken if one not in node.own)]
        self.drive.report(node.id)

    def _put_back(self, node: Node, **values: object) -> None:
        for name, value in values.items():
            setattr(node, name, value)
        self.drive.report(node.id)

    def _all_pairs(self) -> list[Pair]:
        files = [one.id for one in self.drive.nodes.values() if not one.is_folder]
        return [(person.email, name) for person in PEOPLE for name in files]

    def _rightful(self, pair: Pair) -> bool:
        person = next(one for one in PEOPLE if one.email == pair[0])
        return self.entitled(person, pair[1])

    async def _look(self) -> None:
        """Everybody asks, and has withdrawn files shown, for as long as they are watched."""
        now = self._seconds()
        for person in PEOPLE:
            mine = [pair for pair in self.pending if pair[0] == person.email]
            seen = await self._seen(person) if mine else set()
            for pair in seen:
                assert self._rightful(pair) or pair in self.pending, f"{pair} shows again"
            for pair in mine:
                lost = self.pending[pair]
                if self._rightful(pair) or now - lost.since > WATCHED:
                    self._settle(self.pending.pop(pair))
                elif pair in seen or await self._previews(person, pair[1]):
                    lost.shown, lost.counts = now - lost.since, True

    def _settle(self, lost: "Lost") -> None:
        if lost.counts:
            self.waits.append(lost.shown)
            self.by_kind.setdefault(lost.kind, []).append(lost.shown)

    async def _seen(self, person: Person) -> set[Pair]:
        """What a question leads to: the files of all candidates, after both sieves.

        All that search shows is of these; ranking and folding them would take most of the time.
        """
        finder = self.finder
        finder.similarity = dict.fromkeys(self.world.index.points, 0.5)
        finder.restricts = {name: point.restricts for name, point in self.world.index.points.items()}
        finder.asked.clear()
        finder.queries.clear()
        groups = await self.search.memberships.groups_of(person.email)
        allow = {"principal": principals_of(person, groups)}
        passages, _ = await self.search._candidates(person, finder, ASKED, allow, Scope())
        return {(person.email, one.file_id) for one, _ in passages}

    async def _previews(self, person: Person, file_id: str) -> bool:
        try:
            return bool(await self.search.in_place(person, file_id, "", 3))
        except NotFound:
            return False


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _grants(grants: Sequence[object] | None) -> tuple[RecordedGrant, ...] | None:
    return None if grants is None else tuple(RecordedGrant(**asdict(one)) for one in grants)  # type: ignore[call-overload]
