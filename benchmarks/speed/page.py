"""The tables of docs/performance.md: first what was to be reached, then every measure by system."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.record import RESULTS, ROOT, write
from benchmarks.speed.cold import FIRST, Measures
from benchmarks.speed.people import IDEAL
from benchmarks.speed.systems import DOCENT, RIVAL_NAMES

NAME = "speed"
PAGE = ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"
LANGCHAIN = "langchain"
_COLD, _COLD_CPU = "cold start: s to the first byte", "cold start: CPU s to the first answer"
_MEMORY, _FRESH = "cold start: MB after the first answer", "CPU ms a question, fresh"
_AGAIN, _P95 = "CPU ms a question, again", "50 people: first token of fresh questions, ms, p95"
APART = "growth: CPU ms a question, apart from the index"
_RATE = "50 people: answers a CPU second"


@dataclass(frozen=True)
class Goal:
    """Something to reach: a ratio and its limit."""

    what: str
    ratio: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it is reached."""
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


def save(measures: Measures) -> Measures:
    """Write results and page; what an earlier run measured and this one did not stays."""
    place = RESULTS / f"{NAME}.json"
    kept: Measures = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    kept.pop("about", None)
    merged = kept | {name: kept.get(name, {}) | row for name, row in measures.items()}
    write(NAME, merged)
    about = json.loads(place.read_text(encoding="utf-8"))["about"]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n{tables(merged, about)}\n{_END}{after}", encoding="utf-8")
    return merged


def tables(measures: Measures, about: Mapping[str, str]) -> str:
    """What stands between the marks."""
    parts = [f"{about['machine']}; {about['date']}, commit {about['commit']}.", "", *_goals(measures)]
    for title, start in (
        ("Cold start", "cold start"), ("CPU and memory of questions", ("CPU", "hops")),
        ("Many people at once", ("1 person", "10 people", "50 people", "200 people", "MB after")),
    ):  # fmt: skip
        rows = {name: row for name, row in measures.items() if name.startswith(start)}
        if rows:
            parts += ["", f"### {title}", "", *_by_system(rows)]
    growth = {name: row for name, row in measures.items() if name.startswith("growth")}
    if growth:
        parts += ["", "### Growth", "", *_by_column(growth)]
    return "\n".join(parts)


def goals(measures: Measures) -> list[Goal]:
    """The goals whose measures are there."""
    found: list[Goal] = []

    def ratio(what: str, measure: str, limit: float, ours: str, theirs: Sequence[str]) -> None:
        row = measures.get(measure, {})
        rivals = [row[name] for name in theirs if name in row]
        if ours in row and rivals:
            found.append(Goal(what, row[ours] / min(rivals), limit))

    ratio("cold start of chat / LangChain's", _COLD, 0.35, DOCENT, (LANGCHAIN,))
    ratio("the same in CPU", _COLD_CPU, 0.35, DOCENT, (LANGCHAIN,))
    ratio("memory of chat / LangChain's", _MEMORY, 0.5, DOCENT, (LANGCHAIN,))
    for name in ("auth", "health"):
        ratio(f"cold start of {name} / LangChain's", _COLD, 0.2, name, (LANGCHAIN,))
    ratio("CPU of a fresh question / the best rival's", _FRESH, 0.4, DOCENT, RIVAL_NAMES)
    ours, best = measures.get(_AGAIN, {}).get(DOCENT), min(measures.get(_FRESH, {"": 0.0}).values())
    if ours and len(measures[_FRESH]) > 1:
        best = min(value for name, value in measures[_FRESH].items() if name != DOCENT)
        found.append(Goal("CPU of a question asked again / the best rival's fresh", ours / best, 0.1))
    if DOCENT in (row := measures.get(_P95, {})):
        found.append(Goal("first token at 50 people, p95 / the ideal", row[DOCENT] / IDEAL / 1000, 1.5))
    if DOCENT in (row := measures.get(_RATE, {})) and len(row) > 1:
        best = max(value for name, value in row.items() if name != DOCENT)
        found.append(
            Goal("answers a CPU second at 50 people / the best rival's", row[DOCENT] / best, 3, True)
        )
    row = measures.get(APART, {})
    sizes = {name.partition(" ")[0]: value for name, value in row.items()}
    if {"1,000", "200,000"} <= set(sizes):
        grown = sizes["200,000"] / sizes["1,000"]
        found.append(Goal("CPU of a question at 200,000 chunks / at 1,000, without the index", grown, 1.2))
    return found


def _goals(measures: Measures) -> list[str]:
    lines = ["| | ratio | to be | |", "|---|---|---|---|"]
    for goal in goals(measures):
        limit = f"{'≥' if goal.at_least else '≤'} {goal.limit:g}"
        lines.append(
            f"| {goal.what} | **{goal.ratio:.2f}** | {limit} | {'met' if goal.met else '**not met**'} |"
        )
    return lines


def _by_system(rows: Measures) -> list[str]:
    """Systems across; each rival's figure with Docent's ratio to it."""
    systems = [name for name in (DOCENT, *FIRST, *RIVAL_NAMES) if any(name in row for row in rows.values())]
    lines = ["| | " + " | ".join(systems) + " |", "|---" * (len(systems) + 1) + "|"]
    for measure, row in rows.items():
        cells = [_cell(name, row) for name in systems]
        lines.append(f"| {measure} | " + " | ".join(cells) + " |")
    return lines


def _cell(name: str, row: Mapping[str, float]) -> str:
    if name not in row:
        return ""
    shown, ours = f"{row[name]:,g}", row.get(DOCENT)
    if name in RIVAL_NAMES and ours is not None and row[name]:
        shown = f"{ours / row[name]:.2f} of {shown}"
    return shown


def _by_column(rows: Measures) -> list[str]:
    sizes = list(dict.fromkeys(size for row in rows.values() for size in row))
    lines = ["| | " + " | ".join(sizes) + " |", "|---" * (len(sizes) + 1) + "|"]
    for measure, row in rows.items():
        lines.append(
            f"| {measure} | " + " | ".join(f"{row[size]:g}" if size in row else "" for size in sizes) + " |"
        )
    return lines
