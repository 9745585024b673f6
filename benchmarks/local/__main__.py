"""`make bench-local` or `python -m benchmarks.local [SECTION...]`: figures, and results/local.json."""

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.local import firestore, report, stack, vectors
from benchmarks.local.report import Figure
from benchmarks.local.rivals import NotInstalled

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".docent" / "bench" / "local"
RESULTS = CHECKOUT / "benchmarks" / "results" / "local.json"

SECTIONS: dict[str, Callable[[], list[Figure]]] = {
    "firestore": lambda: firestore.measure(FOLDER),
    "vectors": vectors.measure,
    "stack": lambda: stack.measure(FOLDER),
}


def main(names: list[str]) -> int:
    """Run the named sections, or all. 0 when all is as expected, 1 when not, 2 for a name that is none.

    The file of results is written by a run of all sections only, so that one file is one run.
    """
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        print(f"no such section: {', '.join(unknown)}; there are: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    machine = report.machine()
    print(", ".join(f"{name} {value}" for name, value in machine.items()), flush=True)
    figures: list[Figure] = []
    complete = not names
    for name in names or list(SECTIONS):
        print(f"== {name}", flush=True)
        try:
            figures += (found := SECTIONS[name]())
        except NotInstalled as error:
            print(f"nothing to compare with: {error}", file=sys.stderr)
            complete = False
            continue
        for figure in found:
            print(figure.line(), flush=True)
    if complete:
        report.write(RESULTS, machine, figures)
        print(f"written to {RESULTS.relative_to(CHECKOUT)}")
    return 0 if figures and all(figure.kept for figure in figures) and (complete or names) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
