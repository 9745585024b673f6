"""What search reads: chunks and file records together, in one BatchGetDocuments.

Texts that an instance has read are kept, and not read again while the mark of their file's texts is the one
that they were read with: whatever changes a chunk changes this mark, in the same commit. The records are read
each time, so what is gone from a file is gone from answers. A question learns early, with the caches, in
which state the index is; what was read in another state is read along with the records, so that nobody waits
for it afterwards.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shared.gcp.failures import translated
from shared.gcp.firestore_chunks import chunk_from_doc
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import record_from_doc
from shared.gcp.firestore_messages import decoded
from shared.gcp.firestore_wire import Wire
from shared.models import Passage
from shared.search.interfaces import FileEntry

_FIELDS = [
    *("key", "text", "context", "locator", "ordinal", "file_id"),
    *("name", "link", "modified", "collections", "chunks", "texts"),
]
"""What is read of chunks and of files; a file's record has long lists besides."""
_ROOM = 16_000_000
"""Characters of texts that an instance keeps: about ten thousand chunks."""
_RECORDS = 5_000
"""Records of files whose last state is kept, so that it is not taken apart again."""

Written = bytes
"""When a file's record was written last."""


class _Known(NamedTuple):
    passage: Passage
    texts: str
    """The mark of the file's texts, and the state of the index, with which the passage was read."""
    state: str

    @property
    def size(self) -> int:
        return len(self.passage.text) + len(self.passage.context)


@dataclass
class _Texts:
    """Chunks that were read, the least recently used going first."""

    room: int = _ROOM
    _kept: OrderedDict[str, _Known] = field(default_factory=OrderedDict)
    _size: int = 0

    def get(self, chunk_id: str) -> _Known | None:
        known = self._kept.get(chunk_id)
        if known is not None:
            self._kept.move_to_end(chunk_id)
        return known

    def put(self, chunk_id: str, known: _Known) -> None:
        before = self._kept.pop(chunk_id, None)
        self._size += known.size - (before.size if before is not None else 0)
        self._kept[chunk_id] = known
        while self._size > self.room:
            self._size -= self._kept.popitem(last=False)[1].size


class FirestoreLibrary:
    """Library on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._wire, self._timeout = Wire.of(db), timeout
        self._texts = _Texts()
        self._state = ""
        self._records: OrderedDict[str, tuple[Written, FileEntry]] = OrderedDict()

    def as_of(self, state: str) -> None:
        """As Library. It may be an older state than another question was told of: then more is read."""
        self._state = state

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """Those that exist, in one round trip; two when a file has changed since the state that is known."""
        asked, state = frozenset(file_ids), self._state
        known = {
            name: found
            for name in chunk_ids
            if name.rpartition(".")[0] in asked
            and (found := self._texts.get(name)) is not None
            and found.state == state
        }
        passages, marks, files = await self._read([one for one in chunk_ids if one not in known], file_ids)
        now = {name: marks.get(name.rpartition(".")[0]) for name in known}
        same = {name for name, found in known.items() if now[name] == found.texts}
        if changed := [name for name in known if name not in same and now[name] is not None]:
            passages |= (await self._read(changed, tuple({one.rpartition(".")[0] for one in changed})))[0]
        return {
            name: known[name].passage if name in same else passages[name]
            for name in chunk_ids
            if name in same or name in passages
        }, files

    async def _read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[dict[str, Passage], dict[str, str], dict[str, FileEntry]]:
        """Passages, and the records of files with the marks of their texts; passages are kept with these."""
        passages: dict[str, Passage] = {}
        marks: dict[str, str] = {}
        files: dict[str, FileEntry] = {}
        state = self._state
        paths = [self._wire.path("chunks", name) for name in chunk_ids]
        paths += [self._wire.path("files", name) for name in file_ids]
        if not paths:
            return passages, marks, files
        async with translated("Firestore"):
            found = await self._wire.messages(paths, _FIELDS, self._timeout)
        for message in found.values():
            _, collection, name = message.name.rsplit("/", 2)
            if collection == "chunks":
                passages[name] = _passage(name, decoded(message.fields))
            else:
                marks[name] = message.fields["texts"].string_value if "texts" in message.fields else ""
                files[name] = self._entry(name, message.update_time.SerializeToString(), message)
        for name, passage in passages.items():
            if (mark := marks.get(name.rpartition(".")[0])) is not None:
                self._texts.put(name, _Known(passage, mark, state))
        return passages, marks, files

    def _entry(self, file_id: str, written: Written, message: Any) -> FileEntry:
        known = self._records.get(file_id)
        if known is None or known[0] != written:
            known = self._records[file_id] = written, _entry(file_id, decoded(message.fields))
        self._records.move_to_end(file_id)
        while len(self._records) > _RECORDS:
            self._records.popitem(last=False)
        return known[1]


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
