"""A Drive in memory: a tree with permissions that flow down, change feeds, and the calls counted."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.errors import NotFound, TooLarge
from shared.ingestion.drive import (
    FOLDER,
    SHORTCUT,
    USER_FEED,
    FeedEntry,
    FeedPage,
    Grant,
    Item,
    ItemPage,
    TokenLost,
    Watch,
)


class Killed(BaseException):
    """The process died here: not an Exception, so that no handler of the product's sees it."""


@dataclass
class Fuse:
    """Counts calls of all fakes; dies at the one it is set to and stays dead until set to 0."""

    blows_at: int = 0
    calls: int = 0

    def burn(self) -> None:
        """One call."""
        self.calls += 1
        if 0 < self.blows_at <= self.calls:
            raise Killed


@dataclass
class Node:
    """One item as it is."""

    id: str
    name: str
    parent: str
    mime_type: str = "text/plain"
    content: bytes = b""
    own: list[Grant] = field(default_factory=list)
    limited: bool = False
    trashed: bool = False
    drive_id: str = ""
    target: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self.mime_type == FOLDER


def grant(token: str) -> Grant:
    """A permission by its restrict token: user:E-MAIL, group:E-MAIL, domain:NAME, anyone, link."""
    kind, _, address = token.partition(":")
    if kind == "link":
        return Grant("anyone", findable=False)
    return Grant(kind, address)  # type: ignore[arg-type]


ALICE = "user:alice@example.com"


@dataclass
class FakeDrive:
    """Drive as the connector sees it. A change of a folder is reported for the folder alone."""

    fuse: Fuse
    page_size: int = 1000
    nodes: dict[str, Node] = field(default_factory=dict)
    feed: list[tuple[str, str]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    lost: bool = False
    """Whether page tokens are no longer known."""
    unseen: set[str] = field(default_factory=set)
    """Items whose permissions the connector may not read."""
    channels: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """My Drive, empty, shared with Alice."""
        self.nodes["root"] = Node("root", "My Drive", "", FOLDER, own=[])

    @property
    def downloads(self) -> int:
        """How often bytes were fetched."""
        return self.calls["download"]

    # -- what people do --------------------------------------------------------------------------------

    def put(
        self,
        item_id: str,
        content: bytes = b"",
        *,
        name: str = "",
        mime_type: str = "text/plain",
        principals: Sequence[str] = (ALICE,),
        parent: str = "root",
        target: str = "",
    ) -> Node:
        """Create or edit an item; its name is its id unless said otherwise."""
        own = [grant(token) for token in principals]
        drive_id = self.nodes[parent].drive_id if parent in self.nodes else ""
        node = Node(
            item_id,
            name or f"{item_id}.txt",
            parent,
            mime_type,
            content,
            own,
            drive_id=drive_id,
            target=target,
        )
        self.nodes[item_id] = node
        self.report(item_id)
        return node

    def folder_at(self, item_id: str, parent: str = "root", principals: Sequence[str] = ()) -> Node:
        """Create a folder."""
        return self.put(item_id, name=item_id, mime_type=FOLDER, principals=principals, parent=parent)

    def shared_drive(self, drive_id: str, members: Sequence[str]) -> Node:
        """Create a shared drive."""
        self.nodes[drive_id] = Node(
            drive_id, drive_id, "", FOLDER, own=[grant(one) for one in members], drive_id=drive_id
        )
        return self.nodes[drive_id]

    def shortcut(self, item_id: str, target: str, parent: str = "root") -> Node:
        """Create a shortcut, open to Alice."""
        return self.put(item_id, mime_type=SHORTCUT, parent=parent, target=target)

    def move(self, item_id: str, parent: str) -> None:
        """Hang an item below another folder."""
        self.nodes[item_id].parent = parent
        drive_id = self.nodes[parent].drive_id
        for one in (self.nodes[item_id], *self.below(item_id)):
            one.drive_id = drive_id
        self.report(item_id)

    def delete(self, item_id: str) -> None:
        """Take an item out for ever, with what is below it."""
        for one in [*self.below(item_id), self.nodes[item_id]]:
            self.report(one.id)
            del self.nodes[one.id]

    def report(self, item_id: str) -> None:
        """One more entry of the feed."""
        self.feed.append((self.nodes[item_id].drive_id, item_id))

    # -- what is so ------------------------------------------------------------------------------------

    def above(self, node: Node) -> Iterator[Node]:
        """The folders above, nearest first."""
        while node.parent in self.nodes:
            node = self.nodes[node.parent]
            yield node

    def below(self, item_id: str) -> list[Node]:
        """Everything below an item."""
        return [one for one in self.nodes.values() if any(up.id == item_id for up in self.above(one))]

    def in_trash(self, node: Node) -> bool:
        """Whether it or a folder above is in the trash."""
        return node.trashed or any(up.trashed for up in self.above(node))

    def effective(self, node: Node) -> tuple[Grant, ...]:
        """The permissions of an item, inherited ones too, each once."""
        found = list(node.own)
        step = node
        for up in self.above(node):
            if step.limited:
                break
            found += up.own
            step = up
        return tuple(dict.fromkeys(found))

    def shown(self, node: Node) -> Item:
        """The item as the connector sees it; in a shared drive without permissions."""
        effective = sorted(self.effective(node), key=repr)
        blind = bool(node.drive_id) or node.id in self.unseen
        target = self.nodes.get(node.target)
        return Item(
            id=node.id,
            name=node.name,
            mime_type=node.mime_type,
            content=hashlib.md5(node.content, usedforsecurity=False).hexdigest(),
            size=len(node.content),
            modified="2026-01-01T00:00:00Z",
            link=f"https://d/{node.id}",
            trashed=self.in_trash(node),
            parents=(node.parent,) if node.parent else (),
            drive_id=node.drive_id,
            sharing=repr((effective, node.limited)),
            grants=None if blind else tuple(effective),
            target=node.target,
            target_type=target.mime_type if target else "",
        )

    # -- the interface ---------------------------------------------------------------------------------

    def _count(self, name: str) -> None:
        self.fuse.burn()
        self.calls[name] += 1

    async def folder(self, folder_id: str) -> Item:
        found = await self.item(folder_id)
        if found is None or not found.is_folder:
            raise NotFound
        return found

    async def item(self, item_id: str, resource_key: str = "") -> Item | None:
        self._count("item")
        node = self.nodes.get(item_id)
        return self.shown(node) if node else None

    async def grants(self, item: Item) -> tuple[Grant, ...] | None:
        self._count("grants")
        node = self.nodes.get(item.id)
        return None if node is None or node.id in self.unseen else self.effective(node)

    async def children(self, folders: Sequence[str], token: str) -> ItemPage:
        self._count("children")
        found = [
            self.shown(node)
            for node in sorted(self.nodes.values(), key=lambda one: one.id)
            if node.parent in folders and not self.in_trash(node)
        ]
        start = int(token or 0)
        end = start + self.page_size
        return ItemPage(tuple(found[start:end]), str(end) if end < len(found) else "")

    async def shared_with_me(self, token: str) -> ItemPage:
        self._count("shared_with_me")
        return ItemPage(())

    async def drives(self) -> Sequence[str]:
        self._count("drives")
        return [node.id for node in self.nodes.values() if node.id == node.drive_id]

    async def start_token(self, feed: str) -> str:
        self._count("start_token")
        return f"{len(self.feed)}"

    async def changes(self, feed: str, token: str) -> FeedPage:
        self._count("changes")
        if self.lost:
            self.lost = False
            raise TokenLost
        start = int(token)
        latest = {item_id: at for at, (_, item_id) in enumerate(self.feed) if at >= start}
        mine = [
            (at, name)
            for name, at in sorted(latest.items(), key=lambda one: one[1])
            if feed == USER_FEED or self.feed[at][0] == feed
        ]
        page = mine[: self.page_size]
        last = len(mine) <= self.page_size
        entries = tuple(self._entry(name) for _, name in page)
        return FeedPage(entries, str(len(self.feed) if last else page[-1][0] + 1), last)

    def _entry(self, item_id: str) -> FeedEntry:
        node = self.nodes.get(item_id)
        if node and node.id == node.drive_id:
            return FeedEntry(item_id, None, drive=True)
        return FeedEntry(item_id, self.shown(node) if node else None)

    async def watch(self, feed: str, token: str, channel: str, secret: str, address: str) -> Watch:
        self._count("watch")
        self.channels[channel] = secret
        return Watch(channel, f"resource-{channel}", datetime.now(UTC) + timedelta(days=7))

    async def stop(self, channel: str, resource: str) -> None:
        self._count("stop")
        self.channels.pop(channel, None)

    async def download(self, item: Item, target: Path, limit: int) -> None:
        self._count("download")
        node = self.nodes.get(item.id)
        if node is None:
            raise NotFound
        if len(node.content) > limit:
            raise TooLarge("The file is too large.")
        target.write_bytes(node.content)
