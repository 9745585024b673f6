"""Figures: printed as a table, written as {measure: {system: value}}."""

import json
import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measure: a value by system, our ratio to the others, and whether what was expected holds."""

    measure: str
    unit: str
    values: dict[str, float]
    ratios: dict[str, float] = field(default_factory=dict)
    kept: bool = True
    expected: str = ""

    def line(self) -> str:
        """The figure in one line."""
        values = ", ".join(f"{system} {value:,g}" for system, value in self.values.items())
        ratios = ", ".join(f"{ratio:.2f} x {system}" for system, ratio in self.ratios.items())
        verdict = "" if self.kept else f"   NOT KEPT{': ' + self.expected if self.expected else ''}"
        return f"{self.measure:<34} {values} {self.unit}{'   ' + ratios if ratios else ''}{verdict}"


def micros(seconds: float) -> float:
    """Seconds as whole microseconds."""
    return round(seconds * 1e6)


def machine() -> dict[str, str]:
    """Where and when this was measured."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpus": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",  # of what else the machine does, when asked before the run
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def write(path: Path, machine: dict[str, str], figures: list[Figure]) -> None:
    """One run as {measure: {system: value}}, with the machine on which it was made."""
    measures: dict[str, dict[str, float | str]] = {"machine": dict(machine)}
    for figure in figures:
        measures[f"{figure.measure} ({figure.unit})"] = dict(figure.values)
        if figure.ratios:
            measures[f"{figure.measure} (ratio of ours)"] = {
                system: round(ratio, 2) for system, ratio in figure.ratios.items()
            }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
