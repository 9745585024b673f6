"""`make bench-speed` or `python -m benchmarks.speed [--only cold,cpu,people,growth]`."""

import argparse
import sys
import time

import httpx

from benchmarks.speed.cold import FIRST, Measures, cold
from benchmarks.speed.cpu import cpu
from benchmarks.speed.growth import growth
from benchmarks.speed.page import goals, save
from benchmarks.speed.people import LEVELS, people
from benchmarks.speed.standing import Standing, standing
from benchmarks.speed.systems import DOCENT, System, function, rivals, sample

PARTS = ("cold", "cpu", "people", "growth")


def main() -> int:
    """Measure the parts, print, write results and page. Returns an exit code: 1 when a goal is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas (default: %(default)s)")
    parser.add_argument("--systems", default="", help="docent and rivals by name (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="cold starts of each system")
    parser.add_argument("--questions", type=int, default=40, help="of each kind, for CPU")
    parser.add_argument("--levels", default="", help="numbers of people, with commas (default: all)")
    parser.add_argument("--port", type=int, default=0, help="the first of the local cloud's ports")
    parser.add_argument("--dry", action="store_true", help="print only, write nothing")
    wanted = parser.parse_args()
    measures = measured(wanted)
    for name, row in measures.items():
        print(f"  {name:<60} " + "  ".join(f"{system} {value:g}" for system, value in row.items()))
    merged = measures if wanted.dry else save(measures)
    for goal in goals(merged):
        print(f"  {goal.ratio:6.2f}  {'met    ' if goal.met else 'NOT MET'}  {goal.what}")
    return int(not all(goal.met for goal in goals(merged)))


def measured(wanted: argparse.Namespace) -> Measures:
    """The measures of the wanted parts."""
    parts, names = wanted.only.split(","), [one for one in wanted.systems.split(",") if one]
    found = growth(sample()) if "growth" in parts else {}
    if parts == ["growth"]:
        return found
    with standing(wanted.port) as on:
        _clear(on)
        systems = _systems(on, names)
        for part in parts:
            began = time.perf_counter()
            match part:
                case "cold":
                    others = [function(name, on) for name in FIRST] if not names else []
                    found |= cold(on, [*systems, *others], wanted.rounds)
                case "cpu":
                    found |= cpu(on, systems, wanted.questions)
                case "people":
                    levels = [int(one) for one in wanted.levels.split(",") if one] or list(LEVELS)
                    found |= people(on, systems, {one: LEVELS[one] for one in levels})
            print(f"{part}: {time.perf_counter() - began:.0f} s", flush=True)
    return found


def _systems(on: Standing, names: list[str]) -> list[System]:
    """Those that answer questions."""
    ours = [function("chat", on)] if not names or DOCENT in names else []
    return [*ours, *rivals(on, names)] if not names or set(names) - {DOCENT} else ours


def _clear(on: Standing) -> None:
    """Forget the answers of an earlier run."""
    headers = {"Authorization": f"Bearer {on.tokens[0]}"}
    with httpx.Client(base_url=on.base, headers=headers, timeout=60, trust_env=False) as http:
        http.post("/cache/clear", json={}).raise_for_status()


if __name__ == "__main__":
    sys.exit(main())
