"""The bytes of objects: one file per generation, complete and on disk before the index names it.

A file is written under `parts/`, brought to disk, then linked into `blobs/`. A crash leaves at worst a file
that no row names; it is swept at the next start.
"""

import asyncio
import base64
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import google_crc32c

from local.storage.resources import Content

PIECE = 256 * 1024
_BLOBS, _PARTS = "blobs", "parts"


class Folder:
    """The folder `storage` below the state, or a temporary one that is removed at the end."""

    def __init__(self, state: Path | None) -> None:
        self._temporary = None if state else tempfile.TemporaryDirectory(prefix="storage-")
        self.root = state / "storage" if state else Path(self._temporary.name if self._temporary else "")
        self._durable = state is not None
        for path in (self.root, self.root / _PARTS, self.root / _BLOBS):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def close(self) -> None:
        """Remove the folder if it was temporary."""
        if self._temporary:
            self._temporary.cleanup()

    def blob(self, name: str) -> Path:
        """Where the bytes of a generation are."""
        return self.root / _BLOBS / name

    def part(self, name: str) -> Path:
        """Where bytes are gathered."""
        return self.root / _PARTS / name

    def save(self, folder: Path) -> None:
        """Copy all files into a folder; those of objects never change, so a second name is enough."""
        for place in (_BLOBS, _PARTS):
            (folder / place).mkdir(mode=0o700)
            for path in (self.root / place).iterdir():
                _double(path, folder / place / path.name, linked=place == _BLOBS)

    def restore(self, folder: Path) -> None:
        """Take back all files that save() copied; those that came since stay until they are swept."""
        for place in (_BLOBS, _PARTS):
            for path in (folder / place).iterdir():
                target = self.root / place / path.name
                if place == _PARTS or not target.exists():
                    _double(path, target, linked=place == _BLOBS)

    def sweep(self, blobs: set[str], parts: set[str]) -> None:
        """Remove the files that are not named here."""
        for folder, known in ((_BLOBS, blobs), (_PARTS, parts)):
            for path in (self.root / folder).iterdir():
                if path.name not in known:
                    path.unlink()

    async def write(self, pieces: AsyncIterator[bytes]) -> Content:
        """Take bytes in; they are on disk when this returns. What arrives broken leaves nothing."""
        name = uuid.uuid4().hex
        part = self.part(name)
        try:
            with part.open("wb") as file:
                async for piece in pieces:
                    file.write(piece)
            return await self.finish(name)
        finally:
            part.unlink(missing_ok=True)

    async def finish(self, part: str) -> Content:
        """A blob of what a part has gathered; the part stays for the caller to remove."""
        return await asyncio.to_thread(self._finish, part)

    def _finish(self, name: str) -> Content:
        path = self.part(name)
        crc, md5, size = 0, hashlib.md5(usedforsecurity=False), 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                crc = google_crc32c.extend(crc, piece)
                md5.update(piece)
                size += len(piece)
        self.sync(path)
        blob = uuid.uuid4().hex
        os.link(path, self.blob(blob))
        self.sync(self.root / "blobs")
        return Content(blob, size, _text(crc.to_bytes(4, "big")), _text(md5.digest()))

    async def copy(self, content: Content) -> Content:
        """The same bytes under a name of their own: a second link to the file, which never changes."""
        copy = Content(uuid.uuid4().hex, content.size, content.crc32c, content.md5)
        await asyncio.to_thread(os.link, self.blob(content.blob), self.blob(copy.blob))
        await asyncio.to_thread(self.sync, self.root / "blobs")
        return copy

    def drop(self, *blobs: str) -> None:
        """Remove blobs that no row names any more; whoever is reading them reads on."""
        for blob in blobs:
            self.blob(blob).unlink(missing_ok=True)

    def sync(self, path: Path) -> None:
        """Bring a file or a folder's entries to disk, if anything is to survive."""
        if self._durable:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _text(checksum: bytes) -> str:
    return base64.b64encode(checksum).decode()


def _double(path: Path, target: Path, *, linked: bool) -> None:
    """A second name for a file where the disk allows it, else a copy."""
    if linked:
        try:
            target.hardlink_to(path)
        except OSError:  # another disk, or one without links
            pass
        else:
            return
    shutil.copyfile(path, target)
