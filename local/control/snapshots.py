"""Named copies of the whole state of the stand-ins of one process."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from local.control.faults import Control

HOLD_LIMIT = 30.0
"""Seconds for which calls wait at most while state is copied."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Stateful(Protocol):
    """A stand-in, as far as its state is concerned."""

    control: Control

    async def save(self, folder: Path) -> None:
        """Copy all state into a folder."""
        ...

    async def restore(self, folder: Path | None) -> None:
        """Go back to a copy, or to the state of a first start."""
        ...


class BadName(ValueError):
    """A snapshot may not be called so."""


class NoSnapshot(Exception):
    """There is no complete snapshot of this name here."""


@dataclass(frozen=True)
class Snapshot:
    """A complete copy. `saved` is in seconds since the epoch."""

    name: str
    saved: float
    bytes: int


def checked(name: object) -> str:
    """The name. Raises BadName unless it is 1 to 64 letters, digits, dots, dashes and underscores."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise BadName(
            "a snapshot's name is 1 to 64 letters, digits, '.', '_' and '-', beginning with a letter or digit"
        )
    return name


class Snapshots:
    """Saves and restores stand-ins together.

    A snapshot NAME is `folder`/NAME with a folder a service, so that the processes of a block share it;
    without `folder` a temporary one is used, which goes with the process.
    """

    def __init__(self, services: Sequence[Stateful], folder: Path | None) -> None:
        self._services = list(services)
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._given = folder

    @property
    def _folder(self) -> Path:
        if self._given is not None:
            return self._given
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="snapshots-")
        return Path(self._temporary.name)

    def close(self) -> None:
        """Remove what was kept for this process only."""
        if self._temporary is not None:
            self._temporary.cleanup()

    async def save(self, name: str) -> Snapshot:
        """Copy the state of all services, in the place of an earlier copy of this name. Raises BadName.

        Calls that come meanwhile wait; a call under way is in the copy with what it had committed.
        """
        home = self._folder / checked(name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._held():
            for service in self._services:
                draft = home / f".{service.control.service}"
                shutil.rmtree(draft, ignore_errors=True)
                draft.mkdir(mode=0o700)
                await service.save(draft)
        for service in self._services:
            kept = home / service.control.service
            shutil.rmtree(kept, ignore_errors=True)
            (home / f".{service.control.service}").rename(kept)
        return self._described(home)

    async def restore(self, name: str) -> None:
        """Go back to a snapshot. Raises BadName, and NoSnapshot before anything is changed."""
        home = self._folder / checked(name)
        if not self._complete(home):
            raise NoSnapshot(f"there is no snapshot {name}")
        with self._held():
            for service in self._services:
                await service.restore(home / service.control.service)

    async def reset(self) -> None:
        """Go back to the state of a first start."""
        with self._held():
            for service in self._services:
                await service.restore(None)

    def kept(self) -> list[Snapshot]:
        """All complete snapshots, the newest first."""
        homes = [home for home in self._folder.glob("*") if self._complete(home)]
        return sorted(map(self._described, homes), key=lambda one: -one.saved)

    def delete(self, name: str) -> None:
        """Forget a snapshot. Raises BadName and NoSnapshot."""
        home = self._folder / checked(name)
        if not self._complete(home):
            raise NoSnapshot(f"there is no snapshot {name}")
        for service in self._services:
            shutil.rmtree(home / service.control.service)
        if not any(home.iterdir()):
            home.rmdir()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Calls wait inside; where somebody holds them already, they wait on afterwards."""
        mine = [one.control for one in self._services if not one.control.held]
        for control in mine:
            control.hold(HOLD_LIMIT)
        try:
            yield
        finally:
            for control in mine:
                control.release()

    def _complete(self, home: Path) -> bool:
        return bool(self._services) and all((home / one.control.service).is_dir() for one in self._services)

    def _described(self, home: Path) -> Snapshot:
        folders = [home / one.control.service for one in self._services]
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        saved = max((folder.stat().st_mtime for folder in folders), default=time.time())
        return Snapshot(home.name, saved, sum(path.stat().st_size for path in files))
