"""Writes a backup: a part at a time, the manifest last."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from scripts.recovery.contents import KEPT
from scripts.recovery.documents import Documents
from scripts.recovery.manifest import Backup, Digest, Kind, packed_lines
from shared.errors import Conflict
from shared.ingestion.identifiers import EXTRACTION_VERSION
from shared.ingestion.interfaces import ChunkStore, FileRecord, Index, IndexReader, RecordStore
from shared.ingestion.moving import CHUNKS_A_PART, FILES_A_PART, packed
from shared.ingestion.parts import Embedding, Packed, pack
from shared.ingestion.runs import StateStore
from shared.ingestion.transfers import ObjectStore

TRIES, PAUSE = 6, 2.0
"""Of a file that changes while it is read: tries, and seconds between two."""


@dataclass(frozen=True)
class Project:
    """A project's Docent, as whoever saves or restores it reaches it."""

    name: str
    documents: Documents
    records: RecordStore
    chunks: ChunkStore
    index: Index
    reader: IndexReader
    states: StateStore
    embedding: Embedding


@dataclass
class Saving:
    """One backup under way, into `folder` (gs://bucket/path)."""

    project: Project
    objects: ObjectStore
    folder: str
    tell: Callable[[str], None] = print
    chunks: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)

    async def save(self, settings: dict[str, str]) -> Backup:
        """Write everything. `settings` are texts of files by name. Raises AppErrors of the services."""
        at = await self.project.documents.now()
        for name in KEPT:
            self.kinds[name] = await self._documents(name, self.project.documents.lines(name, at))
        self.kinds["files"] = await self._files()
        embedding = self.project.embedding
        made = Backup(
            self.project.name,
            at.isoformat(),
            embedding,
            EXTRACTION_VERSION,
            self.chunks,
            self.kinds,
            settings,
        )
        await self.objects.put(f"{self.folder}/manifest.json", made.to_bytes())
        return made

    async def _documents(self, name: str, pages: AsyncIterator[list[str]]) -> Kind:
        digest = Digest()
        number = 0
        async for lines in pages:
            data = packed_lines(lines)
            digest.add(data, len(lines))
            await self.objects.put(part(self.folder, name, number), data)
            number += 1
        return self._told(name, digest)

    async def _files(self) -> Kind:
        digest, after, number = Digest(), "", 0
        while True:
            files = await self._next(after)
            if not files:
                return self._told("files", digest)
            data = pack(files)
            digest.add(data, len(files))
            await self.objects.put(part(self.folder, "files", number), data)
            after, number = files[-1].record.id, number + 1
            self.chunks += sum(len(one.chunks) for one in files)

    async def _next(self, after: str) -> list[Packed]:
        """The files of the next part: not more than are held in memory with ease."""
        files: list[Packed] = []
        chunks = 0
        for record in await self.project.records.page("", "", after, FILES_A_PART):
            if files and chunks + len(record.chunks) > CHUNKS_A_PART:
                break
            files.append(await self._settled(record))
            chunks += len(files[-1].chunks)
        return files

    async def _settled(self, record: FileRecord) -> Packed:
        """A file that may change at this moment, as readers see it before or after."""
        for _ in range(TRIES - 1):
            try:
                return await packed(self.project.chunks, self.project.reader, record)
            except Conflict:
                await asyncio.sleep(PAUSE)
                record = await self.project.records.get(record.id) or record
        return await packed(self.project.chunks, self.project.reader, record)

    def _told(self, name: str, digest: Digest) -> Kind:
        kind = digest.kind()
        self.tell(f"  {name:16} {kind.items:9,}   {kind.sha256[:16]}")
        return kind


def part(folder: str, kind: str, number: int) -> str:
    """Where a part of a kind is."""
    return f"{folder}/{kind}/part-{number:06}.jsonl.gz"
