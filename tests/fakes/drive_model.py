"""A random history of a Drive against Docent's ingestion, with everything that can go wrong on the way.

Deliveries of tasks run at the same time and are interleaved at every call; any of them may be killed at
any call. The model knows what should be true: at every moment a reader sees one version of a file that
once was, whole; and when all is quiet, index = records = Drive.
"""

import asyncio
import random
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.errors import AppError
from shared.ingestion.drive import FOLDER, SHORTCUT, Grant
from shared.ingestion.interfaces import Collection, FileRecord, Task
from shared.ingestion.push import HURRY_TASK
from shared.ingestion.queueing import FILE_TASK
from shared.ingestion.resolve import TO_A_FILE_OF_OURS
from shared.ingestion.rights import restricts
from shared.ingestion.sync import SYNC_TASK
from tests.fakes.drive import Killed, Node, grant
from tests.fakes.ingestion import FakeIndex, World
from tests.fakes.lives import Interleaved, Life, LivesFuse, victim
from tests.fakes.queue import files_of

SECTIONS = 6
PEOPLE = ("user:alice@example.com", "user:bob@example.com", "group:staff@example.com", "anyone", "link")
_MARK = re.compile(r"\[\[(\d+)\.(\d+)\]\]")


class Model:
    """A world, its history so far, and the chances of what may happen to it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test's dice
        self.world = World(LivesFuse(), Interleaved, beside=self.random.choice((1, 3)))
        self.world.drive.page_size = 4
        self.world.records.aborts = self._aborts
        self.world.directory.groups = {"staff@example.com": ["alice@example.com"]}
        self.world.collections.known["team"] = Collection("team", "Team", "folder1")
        self.world.collections.known["drive"] = Collection("drive", "Drive", "shared")
        self.second, _ = self.world.second(seen=Interleaved)
        self.faulty = True
        self.switched = self.aborted = 0
        self.versions: dict[str, set[frozenset[tuple[str, str]]]] = {}
        self.sections: dict[str, list[int]] = {}
        self.made = 0
        self.killed = self.retried = 0
        drive = self.world.drive
        drive.shared_drive("shared", ["group:staff@example.com"])
        for number in range(1, 5):
            drive.folder_at(
                f"folder{number}", self._one(["root", "folder1", "shared"]) if number > 1 else "root"
            )
        for _ in range(6):
            self.create()

    def _aborts(self) -> bool:
        """Whether Firestore lets a transaction lose every time."""
        lost = self.faulty and self.random.random() < 0.01
        self.aborted += lost
        return lost

    # -- what people do --------------------------------------------------------------------------------

    def _one(self, among: Any) -> Any:
        return self.random.choice(sorted(among))

    def _files(self) -> list[str]:
        return [one.id for one in self.world.drive.nodes.values() if one.mime_type == "text/markdown"]

    def _folders(self) -> list[str]:
        return [one.id for one in self.world.drive.nodes.values() if one.is_folder]

    def create(self) -> None:
        """A file of several sections, somewhere."""
        self.made += 1
        name = f"f{self.made}"
        self.sections[name] = [0] * SECTIONS
        principals = self.random.sample(PEOPLE, 2)
        self.world.drive.put(
            name,
            self._text(name),
            mime_type="text/markdown",
            principals=principals,
            parent=self._one(self._folders()),
        )

    def _text(self, name: str) -> bytes:
        versions = self.sections[name]
        marks = frozenset((str(at), str(version)) for at, version in enumerate(versions))
        self.versions.setdefault(name, set()).add(marks)
        parts = [
            f"# Section {at}\n\n[[{at}.{version}]] " + f"Rule {at} of {name} is in force. " * 12
            for at, version in enumerate(versions)
        ]
        return "\n\n".join(parts).encode()

    def edit(self) -> None:
        """One section of a file changes."""
        name = self._one(self._files())
        self.sections[name][self.random.randrange(SECTIONS)] += 1
        self.world.drive.nodes[name].content = self._text(name)
        self.world.drive.report(name)

    def rename(self) -> None:
        """A file or folder gets another name."""
        node = self._node()
        node.name = f"{node.id} {self.random.randrange(100)}"
        self.world.drive.report(node.id)

    def _node(self) -> Node:
        drive = self.world.drive
        movable = [one.id for one in drive.nodes.values() if one.parent]
        return drive.nodes[self._one(movable)]

    def move(self) -> None:
        """A file or folder goes elsewhere, but not below itself."""
        node, to = self._node(), self._one(self._folders())
        inside = {one.id for one in self.world.drive.below(node.id)} | {node.id}
        if to not in inside:
            self.world.drive.move(node.id, to)

    def trash(self) -> None:
        """A file or folder into the trash, or out of it."""
        node = self._node()
        node.trashed = not node.trashed and self.random.random() < 0.6
        self.world.drive.report(node.id)

    def delete(self) -> None:
        """A file for ever."""
        if len(self._files()) > 8:
            self.world.drive.delete(self._one(self._files()))

    def share(self) -> None:
        """Somebody gets or loses a right to a file, a folder or the shared drive."""
        drive = self.world.drive
        node = drive.nodes[self._one([one.id for one in drive.nodes.values() if one.id != "root"])]
        change = grant(self._one(PEOPLE))
        node.own = [one for one in node.own if one != change] if change in node.own else [*node.own, change]
        drive.report(node.id)

    def expire(self) -> None:
        """A right that runs out in a while."""
        node = self._node()
        until = self.world.clock.now() + timedelta(minutes=self.random.randrange(1, 30))
        node.own = [one for one in node.own if one.address != "carol@example.com"]
        node.own.append(Grant("user", "carol@example.com", expires=until))
        self.world.drive.report(node.id)

    def limit(self) -> None:
        """What flows from above stops at a folder, or flows again."""
        node = self.world.drive.nodes[self._one([f for f in self._folders() if f not in ("root", "shared")])]
        node.limited = not node.limited
        self.world.drive.report(node.id)

    def shortcut(self) -> None:
        """A shortcut to some file."""
        self.made += 1
        self.world.drive.shortcut(f"s{self.made}", self._one(self._files()), self._one(self._folders()))

    def group(self) -> None:
        """Somebody joins or leaves; Drive's feed says nothing."""
        members = set(self.world.directory.groups["staff@example.com"]) ^ {"bob@example.com"}
        self.world.directory.groups["staff@example.com"] = sorted(members)

    # -- what happens to Docent ------------------------------------------------------------------------

    async def administer(self) -> None:
        """Another index is begun, switched to, gone back from or discarded; often that is refused."""
        building = self.world.building
        before = await self.world.indexes.state()
        work = self.random.choice(
            [
                *[lambda: building.start(hold=self.random.random() < 0.3)] * 3,
                *[building.switch, lambda: building.switch(back=True)] * 2,
                building.discard,
            ]
        )
        await self._alone(work())
        self.switched += (await self.world.indexes.state()).active != before.active

    async def step(self) -> None:
        """One thing more, of any kind."""
        roll = self.random.random()
        if roll < 0.45:
            events = (
                [self.edit] * 4
                + [self.create, self.rename, self.trash, self.delete, self.expire, self.group]
                + [self.move] * 3
                + [self.share] * 3
                + [self.limit, self.shortcut]
            )
            self.random.choice(events)()
            # Drive's message may be dropped, doubled, and come in any order
            for _ in range(self.random.choice((0, 1, 1, 2))):
                await self.world.push.hurry("user")
        elif roll < 0.5:
            await self._alone(self.world.registry.start_all(by_person=False))
            self.world.clock.move(seconds=self.random.randrange(120))
        elif roll < 0.55:
            await self.administer()
        else:
            await self._deliver()
        self.check_readers()

    async def _alone(self, work: Any) -> None:
        try:
            await work
        except AppError:
            self.retried += 1

    async def _deliver(self) -> None:
        """Some tasks at once, in any order, some twice, some killed; what failed comes again."""
        tasks = self.world.queue.tasks
        self.random.shuffle(tasks)
        taken = [tasks.pop() for _ in range(min(len(tasks), self.random.randrange(1, 4)))]
        if taken and self.random.random() < 0.1:
            taken.append(taken[0])
        await asyncio.gather(*(self._one_delivery(task) for task in taken))
        # not while they work: a worker that lives keeps its lease
        self.world.clock.move(seconds=self.random.randrange(10))

    async def _one_delivery(self, task: Task) -> None:
        life = Life(self.random.randrange(1, 40) if self.random.random() < 0.15 else -1)
        victim.set(life)
        try:
            await self.world.do(task)
        except Killed:
            self.killed += 1
            self.world.queue.tasks.append(task)
        except AppError:
            self.retried += 1
            if task.path == FILE_TASK and self.random.random() < 0.02:
                await self._given_up(task)
            else:
                self.world.queue.tasks.append(task)

    async def _given_up(self, task: Task) -> None:
        victim.set(None)
        await self._alone(self.world.file_tasks.give_up(files_of(task), "It kept failing."))

    async def settle(self) -> None:
        """Let everything come to rest, without faults."""
        self.faulty = False
        victim.set(None)
        for minutes in (2, 20, 65, 2):
            self.world.clock.move(minutes=minutes)
            await self.world.registry.start_all(by_person=False)
            await self.world.building.nudge()
            while self.world.queue.tasks:
                task = self.world.queue.tasks.pop(0)
                try:
                    await self.world.do(task)
                except AppError:
                    self.world.clock.move(seconds=30)
                    self.world.queue.tasks.append(task)
        self.faulty = True

    def answering(self) -> FakeIndex:
        """The index that is searched."""
        state = self.world.index_states.stored
        return self.second if state and "second" in state.active.space else self.world.index

    # -- what has to be true ---------------------------------------------------------------------------

    def check_readers(self) -> None:
        """Each file shows one of its versions, whole, or nothing."""
        world, index = self.world, self.answering()
        for record in world.records.stored.values():
            if not record.chunks:
                continue
            assert set(record.chunks) <= set(world.chunks.stored), f"{record.id} names a chunk without text"
            assert set(record.chunks) <= set(index.points), f"{record.id} names a chunk not in the index"
            text = " ".join(world.chunks.stored[name].chunk.text for name in record.chunks)
            source = record.id.rpartition("~")[2]
            assert frozenset(_MARK.findall(text)) in self.versions[source], f"{record.id} is a mixture"

    def check_settled(self) -> None:
        """Index = records = Drive."""
        world = self.world
        state = world.index_states.stored
        indexes = [self.answering()]
        if state and state.phase == "complete":
            indexes = [world.index, self.second]
        for index in indexes:
            world.consistent(index)
        expected = {one.id: one for one in map(self._expected, world.drive.nodes.values()) if one is not None}
        assert set(world.records.stored) == set(expected)
        for name, wanted in expected.items():
            record = world.records.stored[name]
            shown = replace(wanted, chunks=record.chunks, reason=record.reason)
            assert (record.state, record.collections, record.folders, record.name, record.principals) == (
                shown.state, shown.collections, shown.folders, shown.name, shown.principals,
            ), name  # fmt: skip
            for index, chunk in ((one, chunk) for one in indexes for chunk in record.chunks):
                assert index.points[chunk].restricts == restricts(
                    shown.collections, name, shown.folders, shown.principals
                )
            if record.state == "indexed":
                text = " ".join(world.chunks.stored[chunk].chunk.text for chunk in record.chunks)
                marks = frozenset(_MARK.findall(text))
                now = enumerate(self.sections[name.rpartition("~")[2]])
                assert marks == {(str(at), str(version)) for at, version in now}, name
        assert (
            world.memberships.saved.items()
            <= {"staff@example.com": world.directory.groups["staff@example.com"]}.items()
        )

    def _place(self, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        path = [one.id for one in self.world.drive.above(node)][::-1]
        tops = {one.folder_id: one.id for one in self.world.collections.known.values()}
        inside = sorted(tops[name] for name in path if name in tops)
        first = next((at for at, name in enumerate(path) if name in tops), len(path))
        return tuple(inside), tuple(path[first:])

    def _tokens(self, node: Node) -> set[str]:
        now = self.world.clock.now()
        return {
            f"{one.kind}:{one.address}".rstrip(":")
            for one in self.world.drive.effective(node)
            if one.findable and (one.expires is None or one.expires > now)
        }

    def _expected(self, node: Node) -> FileRecord | None:
        """What the ledger should say of an item."""
        drive = self.world.drive
        collections, folders = self._place(node)
        if node.mime_type == FOLDER or drive.in_trash(node) or not collections:
            return None
        name, state, tokens = node.id, "indexed", self._tokens(node)
        if node.mime_type == SHORTCUT:
            name = f"{node.id}~{node.target}"
            target = drive.nodes.get(node.target)
            if target is None or drive.in_trash(target):
                state = "skipped"
            elif set(self._place(target)[0]) & set(collections):
                state, tokens = "skipped", self._behind(node, target)
            else:
                tokens = self._behind(node, target)
        return FileRecord(
            name, collections, node.name, state, folders=folders, principals=tuple(sorted(tokens)),  # type: ignore[arg-type]
            reason=TO_A_FILE_OF_OURS,
        )  # fmt: skip

    def _behind(self, shortcut: Node, target: Node) -> set[str]:
        now = self.world.clock.now()
        via = [
            one for one in self.world.drive.effective(shortcut) if one.expires is None or one.expires > now
        ]

        def may(token: str) -> bool:
            wide = any(one.kind in ("anyone", "group") for one in via)
            return bool(via) and (
                wide or token == "anyone" or token.startswith("group:")
                or token in {f"{one.kind}:{one.address}" for one in via}
            )  # fmt: skip

        return {token for token in self._tokens(target) if may(token)}


__all__ = ["HURRY_TASK", "SYNC_TASK", "Model"]
