"""Numbers as text that Prometheus and its kin read (OpenMetrics 1.0)."""

import re
from collections.abc import Iterator, Mapping

from shared.observing.catalog import BOUNDS, COUNTERS, GAUGES, HISTOGRAMS

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_SERIES = re.compile(r"([a-z_]+)(?:\{(.*)\})?")
_BOUND = re.compile(r'(?:^|,)le="([^"]+)"')


def exposition(counted: Mapping[str, float], measured: Mapping[str, float]) -> str:
    """All metrics of the catalog: `counted` series as they are stored, `measured` gauges as they are now."""
    lines: list[str] = []
    for name, meaning in COUNTERS.items():
        lines += _family(name, "counter", meaning, _named(counted, f"{name}_total"))
    for name, meaning in HISTOGRAMS.items():
        lines += _family(name, "histogram", meaning, dict(_histogram(counted, name)))
    for name, meaning in GAUGES.items():
        lines += _family(name, "gauge", meaning, _named(measured, name))
    return "\n".join([*lines, "# EOF", ""])


def total(counted: Mapping[str, float], name: str, **labels: str) -> int:
    """The sum of a counter over all its series with these labels."""
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    members = _named(counted, name).items()
    return round(sum(value for key, value in members if all(one in key for one in wanted)))


def _family(name: str, kind: str, meaning: str, members: Mapping[str, float]) -> list[str]:
    unit = [f"# UNIT {name} seconds"] if name.endswith("_seconds") else []
    told = [f"{series} {_value(value)}" for series, value in members.items()]
    return [f"# TYPE {name} {kind}", *unit, f"# HELP {name} {meaning}", *told]


def _named(numbers: Mapping[str, float], name: str) -> dict[str, float]:
    return {key: value for key, value in sorted(numbers.items()) if key.partition("{")[0] == name}


def _histogram(counted: Mapping[str, float], name: str) -> Iterator[tuple[str, float]]:
    """Buckets as they are read: each holds all below it too, and the last is the count."""
    groups: dict[str, dict[str, float]] = {}
    for key, value in _named(counted, f"{name}_bucket").items():
        labels = _labels(key)
        found = _BOUND.search(labels)
        if found:
            groups.setdefault(_BOUND.sub("", labels).strip(","), {})[found[1]] = value
    for labels, buckets in sorted(groups.items()):
        before, plain = (f"{labels},", f"{{{labels}}}") if labels else ("", "")
        running = 0.0
        for bound in BOUNDS[name]:
            running += buckets.get(f"{bound:g}", 0.0)
            yield f'{name}_bucket{{{before}le="{bound!r}"}}', running
        running += buckets.get("+Inf", 0.0)
        yield f'{name}_bucket{{{before}le="+Inf"}}', running
        yield f"{name}_count{plain}", running
        yield f"{name}_sum{plain}", counted.get(f"{name}_sum{plain}", 0.0)


def _labels(series: str) -> str:
    found = _SERIES.fullmatch(series)
    return (found[2] or "") if found else ""


def _value(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
