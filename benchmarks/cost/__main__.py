"""Prints a month's costs, and writes docs/costs.md and results/cost.json: `python -m benchmarks.cost`."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.cost import model
from benchmarks.cost.model import BUSY, OTHERS, PEOPLE, PROFILES, Prices, docent, once, others
from benchmarks.record import ROOT, write

PAGE = ROOT / "docs" / "costs.md"
TEMPLATE = Path(__file__).with_name("page.md")
IDLE_LIMIT = 5.0
OLD_ALERT = 1.50
OURS = tuple(f"docent {name}" for name in PROFILES)
Row = Sequence[object]


def month() -> dict[str, dict[str, float]]:
    """{measure: {system: dollars}}: each profile and each of the others, by people and busyness."""
    prices = Prices()
    return {
        _measure(people, name): {
            **{
                f"docent {profile}": round(sum(docent(one, people, busy, prices).values()), 2)
                for profile, one in PROFILES.items()
            },
            **{other: round(cost, 2) for other, cost in others(people, busy, prices).items()},
        }
        for people in PEOPLE
        for name, busy in BUSY.items()
    }


def page() -> str:
    """docs/costs.md, whole."""
    prices, measured, sample = Prices(), model.counted(), model.counted()["vertex"]
    about = measured["about"]
    parts = {
        "months": _months(),
        "idle": f"{_idle():.2f}",
        "alerts": f"{model.ALERTS * (OLD_ALERT - prices('alerts', 1)):.2f}",
        "parts": _parts(prices),
        "once": ", ".join(f"{people:,} people ${once(people, prices):,.2f}" for people in PEOPLE),
        "sample": f"{sample['files']} files, {sample['chunks']} chunks, {sample['questions']} questions",
        "counted": f"{about['date']}, commit {about['commit']}",
        "counts": _counts(measured),
        "reembedded": f"{model.reembedded():.1%}",
        "assumed": _table(("", ""), model.ASSUMED.items()),
        "dated": prices.metered.dated,
        "prices": _prices(prices),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return text


def _measure(people: int, busy: str) -> str:
    return f"{people:,} people, {busy} ($ a month)"


def _idle() -> float:
    return month()[_measure(PEOPLE[0], "idle")][OURS[0]]


def _months() -> str:
    found = month()
    rows = []
    for people in PEOPLE:
        for busy in BUSY:
            values = found[_measure(people, busy)]
            least = min(values[name] for name in OURS)
            rows.append([f"{people:,}", busy, *(_money(values[name], least) for name in (*OURS, *OTHERS))])
    return _table(("people", "", *OURS, *OTHERS), rows)


def _money(value: float, least: float) -> str:
    return f"**{value:,.2f}**" if value == least else f"{value:,.2f}"


def _parts(prices: Prices) -> str:
    made = {name: docent(one, 200, BUSY["calm"], prices) for name, one in PROFILES.items()}
    parts = dict.fromkeys(part for one in made.values() for part in one)
    rows = [[part, *(f"{one.get(part, 0):,.2f}" for one in made.values())] for part in parts]
    return _table(("", *made), rows)


def _counts(measured: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    kinds = [(what, backend) for what in ("per_question", "per_file") for backend in ("vertex", "firestore")]
    columns = [measured[backend][what] for what, backend in kinds]
    names = sorted({name for column in columns for name in column})
    head = ("", "a question, standard", "a question, economy", "a file, standard", "a file, economy")
    return _table(head, [[name, *(f"{column.get(name, 0):,.1f}" for column in columns)] for name in names])


def _prices(prices: Prices) -> str:
    rows = []
    for name, one in prices.table.items():
        mark = "" if one["verified"] else " ?"
        free = f"{one['free']:,}" if "free" in one else ""
        dollars = f"{one['price']:.10f}".rstrip("0").rstrip(".")
        rows.append([name.replace("_", " "), dollars + mark, free, one["dated"], one["source"]])
    return _table(("", "$", "free a month", "dated", "source"), rows)


def _table(head: Row, rows: Iterable[Row]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def main() -> int:
    """Print, write both files; 1 when economy is not below its limit while nobody asks."""
    found = month()
    for measure, values in found.items():
        shown = ", ".join(f"{name} {value:,.2f}" for name, value in values.items())
        ratios = ", ".join(f"{values[OURS[0]] / values[name]:.2f} x {name}" for name in OTHERS)
        print(f"{measure}: {shown}; economy is {ratios}")
    PAGE.write_text(page(), encoding="utf-8")
    write("cost", found)
    print(f"economy, idle: ${_idle():.2f} of at most ${IDLE_LIMIT:.2f}")
    return 0 if _idle() < IDLE_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
