"""The form of an export: manifest.json, and parts of gzipped JSON lines, a file a line.

A line holds the file's record, its chunks in reading order, and each chunk's vectors: the dense one as base64
of 32-bit floats, little endian, the sparse one as its dimensions and values.
"""

import base64
import gzip
import json
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from shared.errors import Invalid
from shared.ingestion.drive import Grant
from shared.ingestion.interfaces import Datapoint, FileRecord, StoredChunk
from shared.models import Chunk, Locator, SparseVector

FORMAT = 1
_RECORD = {field.name for field in fields(FileRecord)}
_TIMES = ("expires_at", "next_try", "read_at")
_OF_THE_MOMENT = ("lease", "leased_until", "staged", "stale", "queued_at", "indexes")
_TUPLES = ("collections", "folders", "principals", "chunks", "warnings")


@dataclass(frozen=True, slots=True)
class Embedding:
    """By what the vectors of a collection were made; only the same can be searched together."""

    model: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds. It is written last: without it an export is not complete."""

    collection: str
    name: str
    folder_id: str
    embedding: Embedding
    extraction: str
    parts: int
    files: int
    chunks: int
    exported_at: str


@dataclass(frozen=True, slots=True)
class Packed:
    """One file of an export, chunks and datapoints in the same order."""

    record: FileRecord
    chunks: tuple[StoredChunk, ...]
    points: tuple[Datapoint, ...]


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as JSON."""
    return json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1, ensure_ascii=False).encode()


def read_manifest(data: bytes) -> Manifest:
    """The manifest of an export. Raises Invalid for what is none, or of another format."""
    try:
        values = json.loads(data)
        if values.pop("format") != FORMAT:
            raise Invalid(f"This export has another format than {FORMAT}.")
        return Manifest(**{**values, "embedding": Embedding(**values["embedding"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Invalid("There is no manifest of an export there.") from error


def pack(files: Sequence[Packed]) -> bytes:
    """A part: the same files give the same bytes."""
    lines = (json.dumps(_line(one), ensure_ascii=False, sort_keys=True) for one in files)
    return gzip.compress("\n".join(lines).encode(), compresslevel=6, mtime=0)


def unpack(data: bytes) -> list[Packed]:
    """The files of a part. Raises Invalid for what is none."""
    try:
        return [_packed(json.loads(line)) for line in gzip.decompress(data).decode().split("\n") if line]
    except (ValueError, KeyError, TypeError, EOFError, OSError) as error:
        raise Invalid("A part of the export is damaged.") from error


def _line(one: Packed) -> dict[str, Any]:
    record = {key: value for key, value in asdict(one.record).items() if key not in _OF_THE_MOMENT}
    chunks = [
        {
            **asdict(stored.chunk),
            "vector": _encoded(point.vector),
            "dimensions": list(point.sparse.dimensions),
            "values": list(point.sparse.values),
        }
        for stored, point in zip(one.chunks, one.points, strict=True)
    ]
    plain: dict[str, Any] = json.loads(json.dumps({"record": record, "chunks": chunks}, default=_time))
    return plain


def _packed(line: Mapping[str, Any]) -> Packed:
    values = {key: value for key, value in line["record"].items() if key in _RECORD}
    values |= {key: tuple(values.get(key, ())) for key in _TUPLES}
    values |= {key: values[key] and datetime.fromisoformat(values[key]) for key in _TIMES if key in values}
    values["around"] = None if values.get("around") is None else tuple(values["around"])
    values |= {key: _grants(values.get(key)) for key in ("grants", "via")}
    record = FileRecord(**values)
    stored, points = [], []
    for name, one in zip(record.chunks, line["chunks"], strict=True):
        stored.append(StoredChunk(name, record.id, _chunk(one)))
        sparse = SparseVector(tuple(one["dimensions"]), tuple(one["values"]))
        points.append(Datapoint(name, _decoded(one["vector"]), {}, record.id, sparse))
    return Packed(record, tuple(stored), tuple(points))


def _chunk(one: Mapping[str, Any]) -> Chunk:
    place = Locator(**one["locator"])
    box = place.box and (place.box[0], place.box[1], place.box[2], place.box[3])
    place = replace(place, heading=tuple(place.heading), box=box)
    return Chunk(one["key"], one["text"], one["context"], place, one["ordinal"])


def _grants(stored: Sequence[Mapping[str, Any]] | None) -> tuple[Grant, ...] | None:
    if stored is None:
        return None
    return tuple(
        Grant(**{**one, "expires": one["expires"] and datetime.fromisoformat(one["expires"])})
        for one in stored
    )


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _encoded(vector: Sequence[float]) -> str:
    numbers = array("f", vector)
    if sys.byteorder == "big":
        numbers.byteswap()
    return base64.b64encode(numbers.tobytes()).decode("ascii")


def _decoded(text: str) -> list[float]:
    numbers = array("f", base64.b64decode(text))
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(numbers)
