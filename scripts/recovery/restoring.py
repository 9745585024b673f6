"""Reads a backup into a project that holds nothing yet. Nothing is embedded: the vectors are in it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from scripts.recovery.contents import KEPT
from scripts.recovery.manifest import Backup, digest, unpacked_lines
from scripts.recovery.saving import Project, part
from shared.clock import SystemClock
from shared.errors import Conflict, Invalid
from shared.ingestion.interfaces import FileRecord
from shared.ingestion.parts import Packed, unpack
from shared.ingestion.rights import restricts
from shared.ingestion.transfers import ObjectStore, Transfer, TransferStore

MARK = "restore"
"""The transfer that says which backup is being read, until it is through."""
_EMPTY = ("files", "audit", "audit_waiting", "conversations")
"""What must hold nothing: the rest is replaced, or made anew at every sign-in."""


@dataclass
class Restoring:
    """One restore of the backup in `folder` into `project`."""

    project: Project
    transfers: TransferStore
    objects: ObjectStore
    folder: str
    tell: Callable[[str], None] = print

    async def restore(self) -> Backup:
        """Write everything; begun again after a crash, it goes over what it wrote and does the rest.

        Collections' syncs rest until it is through: one that came between would embed what is about to
        come. Raises Invalid for what is no backup, is damaged, or has vectors of another model; Conflict when
        the project holds something already.
        """
        backup = Backup.read(await self.objects.get(f"{self.folder}/manifest.json"))
        if backup.embedding != self.project.embedding:
            there, here = backup.embedding, self.project.embedding
            raise Invalid(
                f"The backup's vectors are of {there.model} with {there.dimensions} dimensions, this "
                f"project's of {here.model} with {here.dimensions}; set GENAI_EMBEDDING_MODEL and "
                "GENAI_EMBEDDING_DIMENSIONS as they were there."
            )
        marked = await self._begun()
        collections = await self._collections(backup)
        for name in collections:
            await self.project.states.change(name, lambda one: replace(one, paused=True))
        for number in range(len(backup.kinds["files"].parts)):
            for one in unpack(await self._part(backup, "files", number)):
                await self._file(one)
        self.tell(f"  {'files':16} {backup.kinds['files'].items:9,}")
        for name in KEPT:
            for number in range(len(backup.kinds[name].parts)):
                await self.project.documents.put(unpacked_lines(await self._part(backup, name, number)))
            self.tell(f"  {name:16} {backup.kinds[name].items:9,}")
        for name in collections:
            await self.project.states.change(name, lambda one: replace(one, paused=False))
        ended = replace(marked, state="done", ended_at=SystemClock().now(), files=backup.kinds["files"].items)
        await self.transfers.put(replace(ended, chunks=backup.chunks))
        return backup

    async def _begun(self) -> Transfer:
        marked = await self.transfers.get(MARK)
        if marked is not None and marked.folder == self.folder and marked.state == "running":
            return marked
        for name in _EMPTY:
            if await self.project.documents.holds_any(name):
                raise Conflict(
                    f"{self.project.name} has {name} already; a restore goes into an empty database, before "
                    "anybody has signed in there."
                )
        marked = Transfer(MARK, "import", "", self.folder, "running", SystemClock().now())
        await self.transfers.put(marked)
        return marked

    async def _collections(self, backup: Backup) -> list[str]:
        """The ids of the backup's collections."""
        lines = [
            line
            for number in range(len(backup.kinds["collections"].parts))
            for line in unpacked_lines(await self._part(backup, "collections", number))
        ]
        return [str(json.loads(line)["name"]).rpartition("/")[2] for line in lines]

    async def _part(self, backup: Backup, kind: str, number: int) -> bytes:
        data = await self.objects.get(part(self.folder, kind, number))
        if digest(data) != backup.kinds[kind].parts[number]:
            raise Invalid(f"Part {number} of {kind} is not what was saved.")
        return data

    async def _file(self, one: Packed) -> None:
        """In the order of a file's own task: what no record names is invisible."""
        record = one.record
        tokens = restricts(record.collections, record.id, record.folders, record.principals)
        await self.project.index.upsert([replace(point, restricts=tokens) for point in one.points])
        await self.project.chunks.put(one.chunks)

        def arrive(_: FileRecord | None) -> FileRecord | None:
            return record

        await self.project.records.change(record.id, arrive)
