"""Stateful fakes of what is remembered of indexes: which one answers, and the work on the other."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.errors import NotFound
from shared.ingestion.builds import Build
from shared.ingestion.indexes import IndexState
from tests.fakes.drive import Fuse


@dataclass
class FakeIndexStates:
    """Which index answers."""

    fuse: Fuse
    stored: IndexState | None = None

    async def get(self) -> IndexState | None:
        return self.stored

    async def change(self, change: Callable[[IndexState | None], IndexState]) -> IndexState:
        after = change(self.stored)
        self.fuse.burn()
        self.stored = after
        return after


@dataclass
class FakeBuilds:
    """Builds by id."""

    fuse: Fuse
    stored: dict[str, Build] = field(default_factory=dict)

    async def get(self, build_id: str) -> Build | None:
        return self.stored.get(build_id)

    async def put(self, build: Build) -> None:
        self.fuse.burn()
        self.stored[build.id] = build

    async def change(self, build_id: str, change: Callable[[Build], Build]) -> Build:
        if build_id not in self.stored:
            raise NotFound
        after = change(self.stored[build_id])
        self.fuse.burn()
        self.stored[build_id] = after
        return after
