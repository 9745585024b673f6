"""Resource names: taking them apart, checking them, and keys whose byte order is Firestore's order.

A document is named
projects/{project}/databases/{database}/documents/{collection}/{id}[/{collection}/{id}...]. Rules of ids:
https://cloud.google.com/firestore/quotas#limits ("Constraints on collection IDs / document IDs").
"""

import re
import struct
from functools import lru_cache
from typing import NamedTuple

from local.firestore.errors import InvalidArgument

MAX_ID_BYTES = 1500
MAX_NAME_BYTES = 6 * 1024
MAX_DEPTH = 100
NUMERIC_ID = re.compile(r"__id(-?\d{1,19})__")
RESERVED = re.compile(r"__.*__", re.DOTALL)

_DATABASE_PARTS = 4


class DocumentName(NamedTuple):
    """A document's name, in the parts that the store looks it up by."""

    full: str
    database: str
    collection: str
    """Path of the collection below the database, as in rooms/eros/messages."""
    id: str
    key: bytes
    """Sorts the document among those of its collection."""

    @property
    def path(self) -> str:
        """The path below .../documents/."""
        return f"{self.collection}/{self.id}"


class ParentName(NamedTuple):
    """What a query or a listing starts from: the database's root or a document."""

    database: str
    path: str
    """Empty for the root."""

    @property
    def documents(self) -> str:
        """The prefix of every document name in the database, without the last slash."""
        return f"{self.database}/documents"


def segment_key(segment: str) -> bytes:
    """Key of one id; ids like __id7__ are numbers and come first, the others sort by their UTF-8 bytes."""
    numeric = NUMERIC_ID.fullmatch(segment)
    if numeric and -(2**63) <= int(numeric[1]) < 2**63:
        return b"\x01" + struct.pack(">Q", int(numeric[1]) + 2**63)
    return b"\x02" + segment.encode().replace(b"\0", b"\0\xff") + b"\0\x01"


def path_key(path: str) -> bytes:
    """Key of a path below .../documents: its segments' keys one after the other."""
    return b"".join(map(segment_key, path.split("/"))) if path else b""


def parse_database(name: str) -> str:
    """Check projects/{project}/databases/{database}; any project and database is accepted."""
    parts = name.split("/")
    if len(parts) != _DATABASE_PARTS or parts[0] != "projects" or parts[2] != "databases" or "" in parts:
        raise InvalidArgument(f'Invalid database name: "{name}".')
    return name


def _split(name: str) -> tuple[str, str]:
    parts = name.split("/", 5)
    if len(parts) <= _DATABASE_PARTS or parts[4] != "documents":
        raise InvalidArgument(f'Document name "{name}" lacks "documents" at index 4.')
    database = parse_database("/".join(parts[:4]))
    return database, parts[5] if len(parts) > _DATABASE_PARTS + 1 else ""


def check_id(segment: str, *, document: bool) -> None:
    """Refuse an id that Firestore would not store."""
    if not segment or segment in {".", ".."}:
        raise InvalidArgument(f'Resource id "{segment}" is invalid because it is empty or a dot segment.')
    if len(segment.encode()) > MAX_ID_BYTES:
        raise InvalidArgument(f"Resource id is longer than {MAX_ID_BYTES} bytes.")
    if RESERVED.fullmatch(segment) and not (document and NUMERIC_ID.fullmatch(segment)):
        raise InvalidArgument(f'Resource id "{segment}" is invalid because it is reserved.')


def check_path(name: str, segments: list[str]) -> None:
    """Refuse a path that Firestore would not store."""
    if len(name.encode()) > MAX_NAME_BYTES:
        raise InvalidArgument(f"Document name is longer than {MAX_NAME_BYTES} bytes.")
    if len(segments) > 2 * MAX_DEPTH:
        raise InvalidArgument(f"Document name nests collections more than {MAX_DEPTH} deep.")
    for position, segment in enumerate(segments):
        check_id(segment, document=position % 2 == 1)


@lru_cache(maxsize=20_000)
def parse_document(name: str) -> DocumentName:
    """Take a document's full name apart.

    Raises:
        InvalidArgument: when it is not the name of a document.
    """
    database, path = _split(name)
    segments = path.split("/")
    if len(segments) % 2:
        raise InvalidArgument(f'Document name "{name}" has an odd number of path segments: not a document.')
    check_path(name, segments)
    collection, _, document_id = path.rpartition("/")
    return DocumentName(name, database, collection, document_id, segment_key(document_id))


@lru_cache(maxsize=2_000)
def parse_parent(name: str) -> ParentName:
    """Take a parent apart: .../documents, or a document's full name.

    Raises:
        InvalidArgument: when it is neither.
    """
    database, path = _split(name)
    if path:
        segments = path.split("/")
        if len(segments) % 2:
            raise InvalidArgument(f'Parent "{name}" is neither a document nor the root of a database.')
        check_path(name, segments)
    return ParentName(database, path)
