"""What a reader of one format is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shared.documents import limits
from shared.documents.reasons import Unreadable
from shared.models import Extraction, Transcript

ImageReader = Callable[[bytes, str], Transcript]
"""Picture bytes and their MIME type -> the text in the picture, "" when there is none."""

NestedReader = Callable[[bytes, str, str], Extraction]
"""Bytes, MIME type and name of a document within a document -> what was read from it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file, and the ways to read what a parser alone cannot."""

    path: Path
    name: str
    nested: NestedReader
    read_image: ImageReader | None = None

    def data(self, limit: int = limits.TEXT_BYTES) -> bytes:
        """The whole file; raises Unreadable when it is over `limit` bytes."""
        if self.path.stat().st_size > limit:
            raise Unreadable("too-large", f"The file is larger than {limit // 2**20} MB.")
        return self.path.read_bytes()
