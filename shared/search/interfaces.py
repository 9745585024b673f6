"""What search needs from the outside, and the values that cross over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

from shared.models import Passage, Person, SparseVector


@dataclass(frozen=True, slots=True)
class HybridQuery:
    """A question to the index: what it means, and which words it has.

    `dense_share` is the weight of the dense list when the two are fused, 0 to 1.
    """

    vector: Sequence[float]
    sparse: SparseVector
    dense_share: float = 0.5


class Neighbor(NamedTuple):
    """A chunk that the index found. `similarity` is the cosine of unit vectors, -1 to 1.

    None when the index found the chunk by its words and does not say how near it is.
    """

    chunk_id: str
    similarity: float | None


@dataclass(frozen=True, slots=True)
class TermStatistics:
    """In how many of `chunks` chunks a term occurs, by its place in sparse vectors; may be approximate."""

    chunks: int = 0
    counts: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileEntry:
    """What search needs of a file's record."""

    id: str
    name: str
    link: str
    modified: str
    collection: str
    chunks: tuple[str, ...]

    @cached_property
    def holds(self) -> frozenset[str]:
        """The chunks, to be looked up."""
        return frozenset(self.chunks)


@dataclass(frozen=True, slots=True)
class Found:
    """The passages for a question, best first.

    `evidence` is 0 to 1: how far the passages speak to what was asked (evidence.py has the formula).
    `nearest` are the files to name when that is too little, `looked_at` all passages of theirs that were
    read, by id, without a quote.
    """

    passages: tuple[Passage, ...]
    evidence: float
    nearest: tuple[FileEntry, ...]
    looked_at: Mapping[str, Passage] = field(default_factory=dict)


class QueryEmbedder(Protocol):
    """A question to a vector."""

    async def query(self, text: str) -> list[float]:
        """Unit length. Raises Unavailable, Timeout, TooMany, Upstream."""
        ...


class NeighborFinder(Protocol):
    """The vector index, the side that answers."""

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """The nearest chunks whose restricts hold one of the allowed tokens in every namespace.

        At most `limit`, best first, at most `per_file` of one file. Raises Unavailable, Timeout, TooMany.
        """
        ...


class StatisticsStore(Protocol):
    """How often terms occur in the indexed chunks."""

    async def load(self) -> TermStatistics:
        """The statistics, possibly some minutes old. Raises Unavailable, Timeout."""
        ...

    async def add(self, change: TermStatistics) -> None:
        """Add counts, of which some may be negative. Raises Conflict, Timeout, Unavailable."""
        ...


class Reranker(Protocol):
    """A model that reads question and passage together."""

    async def scores(self, question: str, passages: Sequence[Passage]) -> Sequence[float] | None:
        """How well each passage answers, 0 to 1, in their order; None when it cannot be asked in time."""
        ...


class Library(Protocol):
    """The texts of chunks and the records of their files."""

    async def read(
        self, chunk_ids: Collection[str], file_ids: Collection[str]
    ) -> tuple[Mapping[str, Passage], Mapping[str, FileEntry]]:
        """Those that exist, in one round trip. A passage's link and names are filled in by search."""
        ...

    def as_of(self, state: str) -> None:
        """Note the mark of the index's present state: what was read in another one may have changed."""
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
