"""Whether an ingest of a folder is complete and nothing was done twice to effect: files = records = index."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.ingestion.interfaces import FileRecord

_READ = 100


@dataclass(frozen=True)
class Stores:
    """The stores that an ingest leaves its work in, by the project's own adapters."""

    records: Any
    chunks: Any
    contents: Any
    database: Any
    index: Any
    index_name: str

    async def all_records(self) -> list[FileRecord]:
        """The whole ledger."""
        found: list[FileRecord] = []
        while page := await self.records.page("main", "", found[-1].id if found else "", _READ):
            found += page
        return found


def stores() -> Stores:
    """Made of this process's environment."""
    from shared.gcp import clients
    from shared.gcp.firestore_chunks import FirestoreChunks
    from shared.gcp.firestore_files import FirestoreFiles
    from shared.gcp.vector_backend import backends
    from shared.settings import FirestoreSettings, ProjectSettings, VectorSettings

    settings = FirestoreSettings()
    db = clients.firestore(ProjectSettings(), settings)
    timeout = 60.0
    return Stores(
        FirestoreFiles(db, timeout),
        FirestoreChunks(db, timeout),
        backends()[0].contents(db, settings),
        db,
        _index_service(VectorSettings().index_host),
        VectorSettings().index,
    )


def _index_service(host: str) -> Any:
    """Google's own client, since the product never asks how large its index is."""
    from google.cloud.aiplatform_v1.services.index_service import IndexServiceAsyncClient
    from google.cloud.aiplatform_v1.services.index_service.transports import (
        IndexServiceGrpcAsyncIOTransport,
    )
    from grpc.aio import insecure_channel

    return IndexServiceAsyncClient(transport=IndexServiceGrpcAsyncIOTransport(channel=insecure_channel(host)))


async def complaints(found: Stores, paths: Sequence[Path]) -> tuple[list[str], int]:
    """What is wrong, in sentences, and the number of chunks; nothing is wrong when there are none.

    Each file has one record, indexed, attempted once, with no lease, nothing staged and nothing stale; its
    chunks are those that extraction gives of the same bytes here; each is in the chunk store and in the
    index, and there are no more of either.
    """
    records = await found.all_records()
    wrong = _counted(
        "records", Counter(record.name for record in records), Counter(path.name for path in paths)
    )
    wrong += [
        f"{one.name}: {one.state} {one.reason}, attempt {one.attempt}"
        for one in records
        if one.state != "indexed" or one.attempt != 1 or one.lease or one.staged or one.stale
    ]
    by_name = {path.name: path for path in paths}
    expected: set[str] = set()
    for record in records:
        path = by_name[record.name]
        keys = [chunk.key for chunk in cut(extract(path, record.mime_type, path.name), path.name)]
        if [f"{record.id}.{key}" for key in keys] != list(record.chunks):
            wrong.append(f"{record.name}: other chunks than its bytes give")
        expected.update(record.chunks)
    wrong += await _missing(found, sorted(expected))
    stored = (await found.database.client.collection("chunks").count().get(timeout=120))[0][0].value
    if int(stored) != len(expected):
        wrong.append(f"{int(stored)} documents of chunks for {len(expected)} chunks")
    index = await found.index.get_index(name=found.index_name, timeout=120)
    if index.index_stats.vectors_count != len(expected):
        wrong.append(f"{index.index_stats.vectors_count} datapoints for {len(expected)} chunks")
    return wrong, len(expected)


async def _missing(found: Stores, ids: Sequence[str]) -> list[str]:
    wrong: list[str] = []
    for start in range(0, len(ids), _READ):
        part = ids[start : start + _READ]
        chunks, points = await found.chunks.get(part), await found.contents.read(part)
        wrong += [f"{name}: no document" for name in part if name not in chunks]
        wrong += [f"{name}: not in the index" for name in part if name not in points]
    return wrong


def _counted(what: str, found: Counter[str], wanted: Counter[str]) -> list[str]:
    return [
        f"{what}: {found[name]} of {name!r} instead of {wanted[name]}"
        for name in {*found, *wanted}
        if found[name] != wanted[name]
    ]
