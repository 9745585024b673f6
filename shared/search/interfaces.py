"""What search needs from the outside, and the values that cross over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.models import Passage, Person


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A chunk that the index found. `similarity` is the cosine of unit vectors, -1 to 1."""

    chunk_id: str
    similarity: float


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What search needs of a file's record."""

    id: str
    name: str
    link: str
    modified: str
    collection: str
    chunks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The passages for a question, best first.

    `evidence` is 0 to 1: how far the passages speak to what was asked (evidence.py has the formula).
    `nearest` are the files to name when that is too little.
    """

    passages: tuple[Passage, ...]
    evidence: float
    nearest: tuple[FileEntry, ...]


class QueryEmbedder(Protocol):
    """A question to a vector."""

    async def query(self, text: str) -> list[float]:
        """Unit length. Raises Unavailable, Timeout, TooMany, Upstream."""
        ...


class NeighborFinder(Protocol):
    """The vector index, the side that answers."""

    async def find(
        self, vector: Sequence[float], allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """The nearest chunks whose restricts hold one of the allowed tokens in every namespace."""
        ...


class Library(Protocol):
    """The texts of chunks and the records of their files."""

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """Those that exist, in one round trip. A passage's link and names are filled in by search."""
        ...


class Rights(Protocol):
    """Who may read what, now."""

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """Those of the files that the person may read at this moment.

        Raises Unavailable when nothing could be checked: no answer never means yes.
        """
        ...


class Memberships(Protocol):
    """The groups a person is in."""

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """Their addresses, as last read from the directory."""
        ...
