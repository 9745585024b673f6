"""Values kept in one instance, bounded by bytes over all layers together."""

import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_OVERHEAD = 200
"""Bytes that an entry costs beside its value, about."""


@dataclass(frozen=True, slots=True)
class _Kept:
    value: bytes
    until: float
    since: float

    @property
    def size(self) -> int:
        return sys.getsizeof(self.value) + _OVERHEAD


class Memory:
    """The least recently used entries go first when there are more than `most` bytes."""

    def __init__(self, most: int, clock: Callable[[], float] = time.time) -> None:
        self._most, self._clock = most, clock
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self.bytes = 0
        """Bytes held now."""

    def get(self, layer: str, key: str) -> bytes | None:
        """The value, unless it went or is too old."""
        found = self._kept.get((layer, key))
        if found is None:
            return None
        if found.until <= self._clock():
            self.drop(layer, key)
            return None
        self._kept.move_to_end((layer, key))
        return found.value

    def put(self, layer: str, key: str, value: bytes, until: float) -> None:
        """Keep until the moment `until`; a value that is larger than all the room is not kept."""
        self.drop(layer, key)
        kept = _Kept(value, until, self._clock())
        if kept.size > self._most:
            return
        self._kept[layer, key] = kept
        self.bytes += kept.size
        while self.bytes > self._most:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.size

    def drop(self, layer: str, key: str) -> None:
        """Forget one; absent is fine."""
        found = self._kept.pop((layer, key), None)
        if found is not None:
            self.bytes -= found.size

    def measure(self, layer: str) -> tuple[int, int, float]:
        """Entries of a layer, their bytes, and seconds since the oldest was kept."""
        mine = [kept for (name, _), kept in self._kept.items() if name == layer]
        age = self._clock() - min((one.since for one in mine), default=self._clock())
        return len(mine), sum(one.size for one in mine), age
