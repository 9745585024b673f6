"""What a sync is, how far it has come, and the stores that remember it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from shared.ingestion.drive import Grant

RunState = Literal["queued", "listing", "done", "failed", "cancelled"]
RunKind = Literal["changes", "listing", "reconcile", "removal"]
"""What a sync goes by: the feeds, Drive's listing, or both; or a removal, after which nothing is read."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A Drive folder as last seen; `rights` changes when its place, its trash or its permissions do."""

    id: str
    name: str
    parents: tuple[str, ...] = ()
    shared: bool = False
    rights: str = ""
    grants: tuple[Grant, ...] | None = None
    """Who may open the folder itself; None where Drive did not show it."""
    around: tuple[str, ...] | None = None
    """The principals to whom the folder around it is shown, none where there is none; None: not known."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a listing has come: the folders of the query under way, its page, and what is left."""

    batch: tuple[str, ...] = ()
    token: str = ""
    frontier: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return not self.batch and not self.frontier


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of one collection, in numbers of files, and how far it has come.

    `tokens` are the feeds' positions reached; `unread` the feeds still to be read; `recheck` folders that
    changed, whose files are still to be asked for; `drift` is what the feed should have told and a
    reconcile had to find. `worker` holds the lease.
    """

    id: str
    collection: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    listed: int = 0
    queued: int = 0
    removed: int = 0
    dry_run: bool = False
    error: str = ""
    kind: RunKind = "listing"
    by_person: bool = False
    drift: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    recheck: tuple[str, ...] = ()
    walk: Walk = field(default_factory=Walk)
    begun: bool = False
    relist: bool = False
    steps: int = 0
    since: int = 0
    """The step at which the listing began."""
    worker: str = ""
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SyncState:
    """Where a collection stands between runs: `run` is the one that holds it, if any."""

    collection: str
    run: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    again: bool = False
    """Somebody asked for a sync while one ran."""
    again_by_person: bool = False
    """An administrator did, who wants to see what is so by then."""
    paused: bool = False
    """An administrator cancelled the last run: only an administrator starts the next."""
    relist: bool = False
    """The feed told of something that only a listing can follow."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A push channel of ours; only a digest of its secret is kept."""

    id: str
    feed: str
    resource: str
    secret: str
    expires: datetime


class FolderStore(Protocol):
    """The folders of Drive, as last seen."""

    async def get(self, ids: Collection[str]) -> Mapping[str, Folder]:
        """Those that are known."""
        ...

    async def put(self, folders: Sequence[Folder]) -> None:
        """Create or replace."""
        ...

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget; what is absent is no error."""
        ...


class RunStore(Protocol):
    """The history of syncs, and how far each has come."""

    async def put(self, run: Run) -> None:
        """Create or replace."""
        ...

    async def get(self, run_id: str) -> Run | None:
        """One run, or None."""
        ...

    async def change(self, run_id: str, change: Callable[[Run], Run]) -> Run:
        """Apply `change` in a transaction; what it raises comes through. Raises NotFound."""
        ...

    async def latest(self, collection: str) -> Run | None:
        """The newest run of a collection."""
        ...

    async def recent(self, collection: str, limit: int) -> Sequence[Run]:
        """The newest runs of a collection, newest first."""
        ...

    async def note(self, run_id: str, step: int, ids: Sequence[str]) -> None:
        """Remember what one step of a listing found; the same step twice is the same."""
        ...

    async def noted(self, run_id: str, first: int, end: int) -> Sequence[str]:
        """All that the steps from `first` to before `end` found."""
        ...


class StateStore(Protocol):
    """Where each collection's sync stands."""

    async def get(self, collection: str) -> SyncState:
        """The state; an empty one before the first sync."""
        ...

    async def change(self, collection: str, change: Callable[[SyncState], SyncState]) -> SyncState:
        """Apply `change` in a transaction; what it raises comes through."""
        ...


class ChannelStore(Protocol):
    """The push channels that are open."""

    async def get(self, channel_id: str) -> Channel | None:
        """One channel, or None."""
        ...

    async def all(self) -> Sequence[Channel]:
        """Every channel."""
        ...

    async def put(self, channel: Channel) -> None:
        """Create or replace."""
        ...

    async def delete(self, channel_id: str) -> None:
        """Forget; what is absent is no error."""
        ...
