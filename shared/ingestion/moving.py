"""A collection written to Cloud Storage, and read into another project, without embedding anything.

Both are done a part at a time and saved after each: of a killed worker a part is done again and no more. A
part written twice has the same name; a file loaded twice is recognised by its record.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.errors import AppError, Conflict, Invalid, NotFound
from shared.ingestion.groups import Groups
from shared.ingestion.identifiers import EXTRACTION_VERSION, task_name
from shared.ingestion.indexes import Indexes, IndexState, Target, embedded_text, noted
from shared.ingestion.interfaces import (
    ChunkStore,
    Clock,
    Collection,
    CollectionStore,
    Datapoint,
    FileRecord,
    IndexReader,
    Lexicon,
    Queue,
    RecordStore,
    Task,
)
from shared.ingestion.leases import LEASE, kept_alive
from shared.ingestion.parts import (
    Manifest,
    Packed,
    manifest_bytes,
    pack,
    read_manifest,
    unpack,
)
from shared.ingestion.rights import groups, restricts
from shared.ingestion.runs import StateStore
from shared.ingestion.transfers import TRANSFER_TASK, ObjectStore, Transfer, TransferStore
from shared.log import get_logger

FILES_A_PART, CHUNKS_A_PART = 50, 2_000
"""Of an export: a part is held in memory, some 10 kB a chunk."""
BUDGET = 240.0
"""Seconds of one delivery; the rest is queued."""
_log = get_logger("ingestion.moving")


@dataclass(frozen=True)
class Store:
    """What a collection consists of here."""

    collections: CollectionStore
    states: StateStore
    records: RecordStore
    chunks: ChunkStore
    indexes: Indexes
    lexicon: Lexicon
    groups: Groups


@dataclass(frozen=True)
class Moving:
    """Exports and imports collections. `bucket` is where exports go, "" for nowhere."""

    store: Store
    transfers: TransferStore
    objects: ObjectStore
    queue: Queue
    clock: Clock
    bucket: str
    monotonic: Callable[[], float] = time.monotonic

    async def export(self, collection_id: str) -> Transfer:
        """Begin to write a collection to Cloud Storage. Raises NotFound, Invalid without a bucket."""
        if not self.bucket:
            raise Invalid("EXPORT_BUCKET is not set, so there is nowhere to write an export to.")
        collection = await self.store.collections.get(collection_id)
        name = uuid.uuid4().hex
        folder = f"gs://{self.bucket}/docent/{collection.id}/{name}"
        transfer = Transfer(name, "export", collection.id, folder, "queued", self.clock.now())
        await self.transfers.put(transfer)
        await self._enqueue(transfer)
        return transfer

    async def load(self, folder: str, collection_id: str = "") -> Transfer:
        """Begin to read an export into a collection of this project, by default of the same id.

        The collection is made here if it is not there, and its syncs rest until the import is done. Raises
        NotFound, Invalid when the vectors were made otherwise than this project's, Conflict when the
        collection is another folder here.
        """
        folder = folder.rstrip("/")
        manifest = read_manifest(await self.objects.get(f"{folder}/manifest.json"))
        there, here = manifest.embedding, (await self._only_index())[1].embedding
        if there != here:
            raise Invalid(
                f"The export's vectors are of {there.model} with {there.dimensions} dimensions, this "
                f"project's of {here.model} with {here.dimensions}; they cannot be searched together."
            )
        name = collection_id or manifest.collection
        if any(one.id == name for one in await self.store.collections.leaving()):
            raise Conflict("The collection is being removed here; try again in a minute.", retry_after=30)
        known = {one.id: one for one in await self.store.collections.all()}.get(name)
        if known is not None and known.folder_id != manifest.folder_id:
            raise Conflict("The collection is another folder here; choose another name for the import.")
        # before the collection is there: a sync that came between would embed what is about to be loaded
        await self.store.states.change(name, lambda one: replace(one, paused=True))
        await self.store.collections.put(Collection(name, manifest.name, manifest.folder_id))
        transfer = Transfer(uuid.uuid4().hex, "import", name, folder, "queued", self.clock.now())
        await self.transfers.put(transfer)
        await self._enqueue(transfer)
        return transfer

    async def get(self, transfer_id: str) -> Transfer:
        """How far it has come. Raises NotFound."""
        transfer = await self.transfers.get(transfer_id)
        if transfer is None:
            raise NotFound("There is no such export or import.")
        return transfer

    async def work(self, transfer_id: str) -> Transfer:
        """Do a transfer, or as much as one delivery may take; the rest is queued.

        Raises Conflict while another worker has it, and whatever transient failure should make Cloud Tasks
        try again.
        """
        worker = uuid.uuid4().hex
        transfer = await self.transfers.change(transfer_id, lambda one: self._leased(one, worker))
        deadline = self.monotonic() + BUDGET
        try:
            async with kept_alive(
                lambda: self.transfers.change(transfer_id, lambda one: self._kept(one, worker))
            ):
                while transfer.ended_at is None and self.monotonic() <= deadline:
                    transfer = await self._saved(await self._step(transfer), worker)
        except AppError:
            await self.transfers.change(transfer_id, lambda one: _released(one, worker))
            raise
        if transfer.ended_at is None:
            transfer = await self.transfers.change(
                transfer_id, lambda one: replace(_released(one, worker), steps=one.steps + 1)
            )
            await self._enqueue(transfer)
        return transfer

    async def _step(self, transfer: Transfer) -> Transfer:
        """Do the next part. What no other try will mend ends the transfer."""
        try:
            if transfer.kind == "export":
                return await self._export_part(transfer)
            return await self._import_part(transfer)
        except (Invalid, NotFound) as error:
            return await self._ended(replace(transfer, state="failed", error=error.detail))

    async def give_up(self, transfer_id: str, detail: str) -> None:
        """The last try failed."""
        transfer = await self.transfers.get(transfer_id)
        if transfer is not None and transfer.ended_at is None:
            await self.transfers.put(await self._ended(replace(transfer, state="failed", error=detail)))

    async def _export_part(self, transfer: Transfer) -> Transfer:
        files: list[Packed] = []
        chunks = 0
        _, index = await self.store.indexes.active()
        records = await self.store.records.page(transfer.collection, "", transfer.after, FILES_A_PART)
        for record in records:
            if files and chunks + len(record.chunks) > CHUNKS_A_PART:
                break
            files.append(await packed(self.store.chunks, index.reader, record))
            chunks += len(files[-1].chunks)
        if not files:
            return await self._exported(transfer)
        await self.objects.put(_part(transfer), pack(files))
        return replace(
            transfer,
            part=transfer.part + 1,
            after=files[-1].record.id,
            files=transfer.files + len(files),
            chunks=transfer.chunks + chunks,
        )

    async def _exported(self, transfer: Transfer) -> Transfer:
        collection = await self.store.collections.get(transfer.collection)
        _, index = await self.store.indexes.active()
        manifest = Manifest(
            collection.id,
            collection.name,
            collection.folder_id,
            index.embedding,
            EXTRACTION_VERSION,
            transfer.part,
            transfer.files,
            transfer.chunks,
            self.clock.now().isoformat(),
        )
        await self.objects.put(f"{transfer.folder}/manifest.json", manifest_bytes(manifest))
        return await self._ended(replace(transfer, state="done"))

    async def _only_index(self) -> tuple[IndexState, Target]:
        """The index that answers. Raises Conflict while there is another, which an import would not fill."""
        state, target = await self.store.indexes.active()
        if state.other is not None:
            raise Conflict("There is another index; discard it before an import.", retry_after=60)
        return state, target

    async def _import_part(self, transfer: Transfer) -> Transfer:
        manifest = read_manifest(await self.objects.get(f"{transfer.folder}/manifest.json"))
        if transfer.part >= manifest.parts:
            return await self._ended(replace(transfer, state="done"))
        packed = unpack(await self.objects.get(_part(transfer)))
        loaded = await asyncio.gather(*(self._loaded(one, transfer.collection) for one in packed))
        return replace(
            transfer,
            part=transfer.part + 1,
            files=transfer.files + sum(loaded),
            chunks=transfer.chunks
            + sum(len(one.chunks) for one, new in zip(packed, loaded, strict=True) if new),
            skipped=transfer.skipped + len(packed) - sum(loaded),
        )

    async def _loaded(self, one: Packed, collection: str) -> bool:
        """Whether the file was loaded: not when this project has a record of it already.

        In the order of writes of a file's own task: what no record names is invisible.
        """
        if await self.store.records.get(one.record.id) is not None:
            return False
        state, index = await self._only_index()
        record = replace(one.record, collections=(collection,), indexes=noted((state.active.key,)))
        tokens = restricts(record.collections, record.id, record.folders, record.principals)
        points = [replace(point, restricts=tokens) for point in one.points]
        await self.store.groups.ensure(groups(record.grants, record.via))
        await self._write(one, points, index)

        def arrive(stored: FileRecord | None) -> FileRecord | None:
            return stored or record

        await self.store.records.change(record.id, arrive)
        state = await self.store.indexes.state()
        if state.other is not None:  # begun at this moment; it may have passed the file over
            await self.store.indexes.fell_behind(state.other.key)
        return True

    async def _write(self, one: Packed, points: Sequence[Datapoint], index: Target) -> None:
        present = await self.store.chunks.get([chunk.id for chunk in one.chunks])
        await index.index.upsert(points)
        await self.store.chunks.put(one.chunks)
        new = [embedded_text(chunk.chunk) for chunk in one.chunks if chunk.id not in present]
        try:
            await self.store.lexicon.count(new, ())
        except AppError:
            _log.warning("terms.not_counted")

    async def _ended(self, transfer: Transfer) -> Transfer:
        if transfer.kind == "import":
            await self.store.states.change(transfer.collection, lambda one: replace(one, paused=False))
        _log.info("transfer.ended", kind=transfer.kind, state=transfer.state, files=transfer.files)
        return replace(transfer, ended_at=self.clock.now(), worker="", leased_until=None)

    def _leased(self, transfer: Transfer, worker: str) -> Transfer:
        now = self.clock.now()
        if transfer.ended_at is not None:
            return transfer
        if transfer.worker and transfer.leased_until and transfer.leased_until > now:
            raise Conflict("Another worker has this transfer.", retry_after=30)
        return replace(transfer, state="running", worker=worker, leased_until=now + LEASE)

    def _kept(self, transfer: Transfer, worker: str) -> Transfer:
        if transfer.worker != worker:
            return transfer
        return replace(transfer, leased_until=self.clock.now() + LEASE)

    async def _saved(self, transfer: Transfer, worker: str) -> Transfer:
        def change(stored: Transfer) -> Transfer:
            if stored.worker != worker:
                raise Conflict("Another worker took this transfer over.", retry_after=30)
            until = None if transfer.ended_at else self.clock.now() + LEASE
            return replace(transfer, leased_until=until)

        return await self.transfers.change(transfer.id, change)

    async def _enqueue(self, transfer: Transfer) -> None:
        name = task_name("transfer", transfer.id, transfer.steps)
        await self.queue.enqueue(Task(name, TRANSFER_TASK, {"transfer": transfer.id}))


def _released(transfer: Transfer, worker: str) -> Transfer:
    if transfer.worker != worker:
        return transfer
    return replace(transfer, worker="", leased_until=None)


def _part(transfer: Transfer) -> str:
    return f"{transfer.folder}/part-{transfer.part:06}.jsonl.gz"


async def packed(chunks: ChunkStore, reader: IndexReader, record: FileRecord) -> Packed:
    """A file as readers see it now; Conflict, and so another try, when it changes at this moment."""
    stored = await chunks.get(record.chunks)
    points = await reader.read(record.chunks)
    if not all(name in stored and name in points for name in record.chunks):
        raise Conflict("A file changed while it was exported.", retry_after=5)
    return Packed(
        record,
        tuple(stored[name] for name in record.chunks),
        tuple(points[name] for name in record.chunks),
    )
