"""Where recorded requests go."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.observing.spans import Trace


class NumberStore(Protocol):
    """Numbers that all processes add to."""

    async def add(self, numbers: Mapping[str, float]) -> None:
        """Add to each series; not repeated by itself. Raises Unavailable, Timeout."""
        ...

    async def sums(self) -> Mapping[str, float]:
        """Every series, added up over all processes. Raises Unavailable, Timeout."""
        ...


class TraceStore(Protocol):
    """Where traces can be looked at."""

    async def write(self, function: str, traces: Sequence[Trace]) -> None:
        """Keep finished traces of a function's. Raises AppError."""
        ...
