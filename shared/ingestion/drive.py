"""Google Drive as ingestion sees it: items, what they grant, changes, and the protocol that reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

FOLDER = "application/vnd.google-apps.folder"
SHORTCUT = "application/vnd.google-apps.shortcut"
USER_FEED = "user"
"""The change feed of My Drive and of what is shared with the connector; a shared drive's feed has its id."""
EVERYTHING = "everything"
"""A collection's folder that stands for all that the connector can see."""
SHARED_WITH_ME = "shared-with-me"
"""A collection's folder that stands for what others have shared with the connector."""

GrantKind = Literal["user", "group", "domain", "anyone"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission of an item that lets somebody read it.

    `address` is an e-mail address, a domain, or empty for anyone, in lower case. `findable` is false when
    only who has the link may open it. `source` is the folder it is inherited from, as far as Drive says.
    """

    kind: GrantKind
    address: str = ""
    role: str = "reader"
    findable: bool = True
    expires: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A file, folder or shortcut as any listing or feed shows it.

    `content` changes exactly when the bytes do. `sharing` changes whenever what the connector can see of
    the permissions does. `grants` is None where they were not shown and have to be asked for.
    """

    id: str
    name: str
    mime_type: str
    content: str = ""
    size: int = 0
    modified: str = ""
    link: str = ""
    trashed: bool = False
    parents: tuple[str, ...] = ()
    drive_id: str = ""
    shared: bool = False
    """Whether somebody else shared it with the connector."""
    sharing: str = ""
    grants: tuple[Grant, ...] | None = None
    target: str = ""
    target_type: str = ""
    resource_key: str = ""

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self.mime_type == FOLDER

    @property
    def record_id(self) -> str:
        """The id of its record. A shortcut's also names what it points to: one needs the right to both."""
        return f"{self.id}~{self.target}" if self.mime_type == SHORTCUT and self.target else self.id


@dataclass(frozen=True, slots=True)
class ItemPage:
    """One page of a listing; `next_token` is empty on the last."""

    items: tuple[Item, ...]
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a change feed: `item` as it is now, or None when it is gone or out of sight.

    `drive` tells an entry of a shared drive itself, whose members may have changed.
    """

    target: str
    item: Item | None
    drive: bool = False


@dataclass(frozen=True, slots=True)
class FeedPage:
    """One page of a change feed; `token` is the next page's, or where to go on later when `last`."""

    entries: tuple[FeedEntry, ...]
    token: str
    last: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """An open push channel."""

    channel: str
    resource: str
    expires: datetime


class TokenLost(Exception):
    """Drive does not know a page token (any more): only a full listing tells what changed."""


class Items(Protocol):
    """Single items of Drive. All methods may raise TooMany, Unavailable, Timeout, Upstream."""

    async def item(self, item_id: str, resource_key: str = "") -> Item | None:
        """One item, or None when it is gone or out of sight."""
        ...

    async def grants(self, item: Item) -> tuple[Grant, ...] | None:
        """Who may read the item; None when the connector may not know."""
        ...


class Contents(Protocol):
    """What files hold."""

    async def download(self, item: Item, target: Path, limit: int) -> None:
        """Write the content (exported, for Google's own types) to `target`.

        Raises TooLarge over `limit` bytes, NotFound, NotAllowed.
        """
        ...


class Drive(Items, Contents, Protocol):
    """Google Drive, seen by the connector. All methods may raise TooMany, Unavailable, Timeout, Upstream."""

    async def folder(self, folder_id: str) -> Item:
        """The folder of an id, of a shared drive's id, or of the alias "root". Raises NotFound."""
        ...

    async def children(self, folders: Sequence[str], token: str) -> ItemPage:
        """What is directly in any of the folders, trash left out. A folder that is gone has nothing in it."""
        ...

    async def shared_with_me(self, token: str) -> ItemPage:
        """What others have shared with the connector directly, trash left out."""
        ...

    async def drives(self) -> Sequence[str]:
        """The ids of the shared drives that the connector is a member of."""
        ...

    async def start_token(self, feed: str) -> str:
        """Where a feed stands now."""
        ...

    async def changes(self, feed: str, token: str) -> FeedPage:
        """The changes since a token, a page at a time. Raises TokenLost."""
        ...

    async def watch(self, feed: str, token: str, channel: str, secret: str, address: str) -> Watch:
        """Have Drive post to `address` when the feed moves, for as long as it allows."""
        ...

    async def stop(self, channel: str, resource: str) -> None:
        """Close a push channel; one that is closed already is no error."""
        ...
