"""Results as numbers for machines and as a table for people."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.quality.measures import Estimate
from benchmarks.quality.run import DOCENT, FIRESTORE, Curves, Measured
from benchmarks.record import RESULTS, ROOT

PAGE = ROOT / "docs" / "quality.md"
AVERAGE = "average"
_BEGIN, _END = "<!-- results: begin -->", "<!-- results: end -->"
_BAD = ("truths_marked", "injection_success")
_LOWER_IS_BETTER = ("false_answers", "false_refusals", "equal_error_rate", "characters@8", *_BAD)
_AVERAGED = ("evidence_recall@8", "ndcg@10", "mrr")

Results = dict[str, Measured]


def averaged(results: Results) -> Measured:
    """Means over sets, for systems that were measured on every set that has the measure."""
    found: Measured = {}
    for name in _AVERAGED:
        rows = [measured[name] for measured in results.values() if name in measured]
        systems = set[str].intersection(*(set(row) for row in rows)) if rows else set[str]()
        for system in sorted(systems):
            each = [row[system] for row in rows]
            value = sum(one.value for one in each) / len(each)
            # Sets are independent, so half-widths add in squares.
            low = sum((one.value - one.low) ** 2 for one in each) ** 0.5 / len(each)
            high = sum((one.high - one.value) ** 2 for one in each) ** 0.5 / len(each)
            found.setdefault(name, {})[system] = Estimate(value, value - low, value + high)
    return found


def write(results: Results, curves: Mapping[str, Curves], origin: Mapping[str, Any]) -> None:
    """Write the JSON files and the tables of the page; sets of an earlier run that were left out stay.

    `origin` is kept of each set that is written: when, where, of which commit, with how many questions drawn.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    origins = RESULTS / "quality_runs.json"
    runs = json.loads(origins.read_text()) if origins.exists() else {}
    runs |= dict.fromkeys(results, origin)
    origins.write_text(json.dumps(dict(sorted(runs.items())), indent=1) + "\n")
    merged = {**_earlier(RESULTS / "quality.json"), **results}
    merged.pop(AVERAGE, None)
    merged[AVERAGE] = averaged(merged)
    plain = {
        name: {
            measure: {
                system: [round(one.value, 4), round(one.low, 4), round(one.high, 4)]
                for system, one in row.items()
            }
            for measure, row in measured.items()
        }
        for name, measured in sorted(merged.items())
    }
    (RESULTS / "quality.json").write_text(json.dumps(plain, indent=1) + "\n")
    kept = RESULTS / "declining.json"
    drawn = {**(json.loads(kept.read_text()) if kept.exists() else {}), **curves}
    kept.write_text(json.dumps(drawn) + "\n")
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    tables = "\n".join([table(merged), curve_table(drawn), origin_table(runs)])
    PAGE.write_text(f"{before}{_BEGIN}\n{tables}\n{_END}{after}", encoding="utf-8")


def _earlier(path: Path) -> Results:
    if not path.exists():
        return {}
    return {
        name: {
            measure: {system: Estimate(*values) for system, values in row.items()}
            for measure, row in measured.items()
        }
        for name, measured in json.loads(path.read_text()).items()
    }


def table(results: Results) -> str:
    """A table a measure: sets down, systems across, the best value of each row in bold."""
    measures = list(dict.fromkeys(name for measured in results.values() for name in measured))
    return "\n\n".join(_one_table(name, results) for name in measures)


def _one_table(measure: str, results: Results) -> str:
    rows = {name: measured[measure] for name, measured in results.items() if measure in measured}
    systems = sorted(
        {system for row in rows.values() for system in row},
        key=lambda one: (one != DOCENT, one == FIRESTORE, one),
    )
    lines = [f"### {measure}", "", f"| set | {' | '.join(systems)} |", "|---|" + "---|" * len(systems)]
    for name, row in sorted(rows.items(), key=lambda item: (item[0] == AVERAGE, item[0])):
        pick = min if measure in _LOWER_IS_BETTER else max
        best = pick(one.value for one in row.values())
        cells = [_cell(row.get(system), best, measure) for system in systems]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, *_lead(rows.get(AVERAGE, {}))])


def _lead(average: Mapping[str, Estimate]) -> list[str]:
    """How far ahead of the best rival that was measured everywhere."""
    rivals = {system: one.value for system, one in average.items() if system not in (DOCENT, FIRESTORE)}
    if not rivals:
        return []
    best = max(rivals, key=lambda system: rivals[system])
    ahead = average[DOCENT].value / rivals[best] - 1
    return ["", f"On average {ahead:+.1%} against the best single rival, {best}."]


def _cell(one: Estimate | None, best: float, measure: str) -> str:
    if one is None:
        return "-"
    if measure == "characters@8":
        return f"{one.value:,.0f}"
    value = f"{one.value:.3f}"
    if abs(one.value - best) < 5e-4:
        value = f"**{value}**"
    return f"{value} ({one.low:.3f} to {one.high:.3f})"


def origin_table(runs: Mapping[str, Mapping[str, Any]]) -> str:
    """When, where and of which commit each set was measured."""
    lines = ["", "### Measured", "", "| set | date | commit | drawn | machine |", "|---|---|---|---|---|"]
    lines += [
        f"| {name} | {one['date']} | {one['commit']} | {one['drawn']} | {one['machine']} |"
        for name, one in sorted(runs.items())
    ]
    return "\n".join(lines)


def curve_table(curves: Mapping[str, Curves]) -> str:
    """False answers against false refusals, for the product, on every set with unanswerable questions."""
    lines = ["", "### The whole curve of declining (Docent)", ""]
    for name, systems in sorted(curves.items()):
        points = ", ".join(f"{at:.2f}: {wrong:.2f}/{refused:.2f}" for at, wrong, refused in systems[DOCENT])
        lines.append(f"- {name} (threshold: false answers/false refusals): {points}")
    return "\n".join(lines)
