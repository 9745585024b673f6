"""Counters and histograms of one process, which add up over all processes.

A series is a name and labels, spelled as OpenMetrics spells it: `docent_requests_total{route="/chat"}`. A
histogram is counters too: one for each bound, one for the sum, one for the count. So what a process
has to hand on is only ever a number to add to each of some series.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Bounds of what takes time."""
CALLS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 20.0, 50.0)
"""Bounds of how many calls a request makes."""


class Numbers:
    """Counts up, and hands on what was counted since the last time."""

    def __init__(self) -> None:
        self._since: defaultdict[str, float] = defaultdict(float)

    def count(self, name: str, labels: Mapping[str, str], amount: float = 1) -> None:
        """Add to a counter; `name` ends in `_total`."""
        if amount:
            self._since[_known(name, tuple(labels.items()))] += amount

    def observe(self, name: str, labels: Mapping[str, str], value: float, bounds: Sequence[float]) -> None:
        """Add an observation to a histogram; each bucket counts its own, not those below."""
        buckets, counted, total = _histogram(name, tuple(labels.items()), tuple(bounds))
        since = self._since
        since[buckets[bisect_left(bounds, value)]] += 1
        since[counted] += 1
        if value:
            since[total] += value

    def take(self) -> dict[str, float]:
        """What was counted since the last time, by series."""
        taken, self._since = dict(self._since), defaultdict(float)
        return taken

    def give_back(self, numbers: Mapping[str, float]) -> None:
        """Take numbers again that could not be handed on."""
        for name, amount in numbers.items():
            self._since[name] += amount


@lru_cache(maxsize=4_096)
def _known(name: str, labels: tuple[tuple[str, str], ...]) -> str:
    """A series, spelled out once: there are few, and each request counts on dozens of them."""
    return series(name, dict(labels))


@lru_cache(maxsize=1_024)
def _histogram(
    name: str, labels: tuple[tuple[str, str], ...], bounds: tuple[float, ...]
) -> tuple[tuple[str, ...], str, str]:
    """The series of a histogram: its buckets, its count, its sum."""
    told = [*(f"{bound:g}" for bound in bounds), "+Inf"]
    buckets = tuple(series(f"{name}_bucket", {**dict(labels), "le": bound}) for bound in told)
    return buckets, series(f"{name}_count", dict(labels)), series(f"{name}_sum", dict(labels))


def series(name: str, labels: Mapping[str, str]) -> str:
    """The name of a series: the metric's and its labels, in their order."""
    if not labels:
        return name
    told = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels.items())
    return f"{name}{{{told}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
