"""What search reads: chunks and file records together, in one BatchGetDocuments."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from shared.gcp.failures import translated
from shared.gcp.firestore_chunks import chunk_from_doc
from shared.gcp.firestore_files import record_from_doc
from shared.gcp.patience import patience
from shared.models import Passage
from shared.search.interfaces import FileEntry

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient


_FIELDS = [
    *("key", "text", "context", "locator", "ordinal", "file_id"),
    *("name", "link", "modified", "collections", "chunks"),
]
"""What is read of chunks and of files; a file's record has long lists besides."""


class FirestoreLibrary:
    """Library on Firestore. `timeout` is seconds for one call."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """Those that exist, in one round trip."""
        passages: dict[str, Passage] = {}
        files: dict[str, FileEntry] = {}
        references = [
            *(self._client.collection("chunks").document(name) for name in chunk_ids),
            *(self._client.collection("files").document(name) for name in file_ids),
        ]
        if not references:
            return passages, files
        async with translated("Firestore"):
            found = self._client.get_all(references, field_paths=_FIELDS, **patience(self._timeout))
            async for snapshot in found:
                if not snapshot.exists:
                    continue
                document = snapshot.to_dict() or {}
                if snapshot.reference.parent.id == "chunks":
                    passages[snapshot.id] = _passage(snapshot.id, document)
                else:
                    files[snapshot.id] = _entry(snapshot.id, document)
        return passages, files


def _passage(chunk_id: str, document: dict[str, object]) -> Passage:
    stored = chunk_from_doc(chunk_id, document)
    return Passage(
        chunk_id=chunk_id,
        file_id=stored.file_id,
        file_name="",
        text=stored.chunk.text,
        context=stored.chunk.context,
        locator=stored.chunk.locator,
        link="",
        ordinal=stored.chunk.ordinal,
        score=0.0,
    )


def _entry(file_id: str, document: dict[str, object]) -> FileEntry:
    record = record_from_doc(file_id, document)
    return FileEntry(record.id, record.name, record.link, record.modified, record.collection, record.chunks)
