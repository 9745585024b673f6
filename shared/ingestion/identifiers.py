"""Names that are worked out, so that the same work always has the same name."""

import hashlib
from collections.abc import Iterable

from shared.ingestion.drive import Item
from shared.ingestion.interfaces import DriveFile
from shared.models import Chunk

EXTRACTION_VERSION = "3"
"""Raised when extraction or chunking changes what it makes of the same bytes: all files are read anew."""


REINDEX = "reindex:"
"""How the wanted version of a file begins that is to be read anew although it did not change."""


def chunk_id(file_id: str, chunk: Chunk) -> str:
    """A chunk's id holds its file's, so that rights can be checked before its text is read."""
    return f"{file_id}.{chunk.key}"


def file_of(chunk: str) -> str:
    """The file that a chunk's id names."""
    return chunk.rpartition(".")[0]


def content_version(file: DriveFile) -> str:
    """Changes when the text that would be extracted may have changed."""
    return _digest([EXTRACTION_VERSION, file.mime_type, file.content])


def rights_version(file: DriveFile) -> str:
    """Changes when anything but the content does: permissions, place, name."""
    place = [*file.collections, "", *file.folders]
    return _digest([file.name, file.link, file.sharing, file.obstacle, *place])


def folder_rights(folder: Item) -> str:
    """Changes when what is below the folder may be elsewhere, or open to others."""
    return _digest([*folder.parents, folder.sharing, str(folder.trashed), str(folder.shared)])


def task_name(kind: str, *parts: object) -> str:
    """The name under which a piece of work is queued once; hashed, so that names spread evenly."""
    return f"{kind}-{_digest([str(part) for part in parts])}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
