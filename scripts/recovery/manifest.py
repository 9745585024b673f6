"""What a backup consists of: written last, so that one without it is not complete."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from shared.errors import Invalid
from shared.ingestion.parts import Embedding

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A collection of a backup, or its files: the parts' hashes, and one over all lines in their order."""

    items: int
    sha256: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backup:
    """The manifest. Two projects that hold the same have the same `kinds`."""

    project: str
    at: str
    embedding: Embedding
    extraction: str
    chunks: int
    kinds: dict[str, Kind]
    settings: dict[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False).encode()

    @classmethod
    def read(cls, data: bytes) -> "Backup":
        """The manifest that `to_bytes` wrote. Raises Invalid for anything else."""
        try:
            values: dict[str, Any] = json.loads(data)
            if values.pop("format") != FORMAT:
                raise Invalid(f"This backup has another format than {FORMAT}.")
            kinds = {
                name: Kind(one["items"], one["sha256"], tuple(one["parts"]))
                for name, one in values["kinds"].items()
            }
            return cls(**{**values, "embedding": Embedding(**values["embedding"]), "kinds": kinds})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Invalid("There is no manifest of a backup there.") from error


class Digest:
    """The hashes of a kind while its parts go by."""

    def __init__(self) -> None:
        self._all, self._parts, self._items = hashlib.sha256(), list[str](), 0

    def add(self, data: bytes, items: int) -> None:
        """A part as it is stored, gzipped lines, with so many items."""
        self._parts.append(digest(data))
        self._all.update(gzip.decompress(data) + b"\n")
        self._items += items

    def kind(self) -> Kind:
        """What has gone by."""
        return Kind(self._items, self._all.hexdigest(), tuple(self._parts))


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def packed_lines(lines: Sequence[str]) -> bytes:
    """A part: the same lines give the same bytes."""
    return gzip.compress("\n".join(lines).encode(), compresslevel=6, mtime=0)


def unpacked_lines(data: bytes) -> list[str]:
    """The lines of a part. Raises Invalid for what is none."""
    try:
        return gzip.decompress(data).decode().split("\n")
    except (ValueError, EOFError, OSError) as error:
        raise Invalid("A part of the backup is damaged.") from error
