"""What the work on the other index is, how far it has come, and the store that remembers it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

BuildState = Literal["queued", "running", "waiting", "done", "failed", "cancelled"]
BuildKind = Literal["build", "discard"]


@dataclass(frozen=True, slots=True)
class Build:
    """The filling of another index from the stored texts, or its emptying.

    It goes over all records, in rounds: `round` 0 counts, the next ones fill and look whether what was
    filled is seen, until one finds nothing to do. Within a round it goes on after the record `after`, and
    then comes back to those `missed`. `worker` holds the lease.
    """

    id: str
    kind: BuildKind
    key: str
    space: str
    state: BuildState
    started_at: datetime
    queued_at: datetime | None = None
    filling_since: datetime | None = None
    ended_at: datetime | None = None
    resumes_at: datetime | None = None
    round: int = 0
    after: str = ""
    behind: int = 0
    """What the state of the indexes said before the round began, or earlier."""
    missed: tuple[str, ...] = ()
    """Files of this round that somebody was working on, or of which the index shows nothing yet."""
    tries: int = 0
    """How often the missed ones were come back to."""
    filled: int = 0
    """Files of this round that were written."""
    total_files: int = 0
    total_chunks: int = 0
    files: int = 0
    chunks: int = 0
    """Gone over in the first round that fills; `chunks_before` of them before `filling_since`."""
    chunks_before: int = 0
    characters: int = 0
    """Characters that were embedded for it."""
    steps: int = 0
    error: str = ""
    worker: str = ""
    leased_until: datetime | None = None

    def rate(self, now: datetime) -> float:
        """Chunks a second that were written, so far."""
        if self.filling_since is None:
            return 0.0
        seconds = ((self.ended_at or now) - self.filling_since).total_seconds()
        return (self.chunks - self.chunks_before) / seconds if seconds > 0 else 0.0

    def left(self, now: datetime) -> timedelta | None:
        """How long it still takes at that rate; None while nobody can tell."""
        rate = self.rate(now)
        if self.ended_at is not None or not rate:
            return None
        return timedelta(seconds=max(0, self.total_chunks - self.chunks) / rate)


class BuildStore(Protocol):
    """The builds, by id."""

    async def get(self, build_id: str) -> Build | None:
        """One build, or None."""
        ...

    async def put(self, build: Build) -> None:
        """Create or replace."""
        ...

    async def change(self, build_id: str, change: Callable[[Build], Build]) -> Build:
        """Apply `change` in a transaction; what it raises comes through. Raises NotFound."""
        ...


def released(build: Build, worker: str) -> Build:
    """The work without the lease of this worker."""
    return build if build.worker != worker else replace(build, worker="", leased_until=None)


def reopened(build: Build) -> Build:
    """The work from its beginning; what is done is passed over."""
    return Build(build.id, build.kind, build.key, build.space, "queued", build.started_at, steps=build.steps)
