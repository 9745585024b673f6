"""Parse MB/s by kind of file, beside LangChain's loaders: `python -m benchmarks parsing`.

The files are those of `benchmarks throughput`. Both sides read every file in one thread of a process of their
own, what they import at hand: Docent's `extract`, which gives text with its places, and the loader that
LangChain's documentation shows for the kind. Measured is CPU time, the best of three passes, and the two take
turns file by file, so that a busy machine troubles both alike.
"""

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.documents.rivals import CHECKOUT, NotInstalled, rivals_python
from benchmarks.ingest import corpus, page
from benchmarks.record import write

FOLDER = CHECKOUT / ".docent" / "bench" / "ingest"
PASSES = 3
_LANGCHAIN = Path(__file__).parents[1] / "ingest" / "langchain_side.py"


class Side:
    """One of the two, in a process of its own: it is sent a path and answers with seconds and characters."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [*command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=CHECKOUT,
            env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin", "SCARF_NO_ANALYTICS": "true"},
        )

    def read(self, path: Path) -> tuple[float, int]:
        """CPU seconds, and the characters that were found."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        seconds, characters = self._process.stdout.readline().split()
        return float(seconds), int(characters)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


def serve(read: Callable[[Path], int]) -> None:
    """Answer paths on standard input with the CPU seconds that `read` takes, and what it returns."""
    for line in sys.stdin:
        begun = time.process_time()
        try:
            characters = read(Path(line.rstrip("\n")))
        except Exception:  # noqa: BLE001 - loaders raise what they like
            characters = 0
        sys.stdout.write(f"{time.process_time() - begun} {characters}\n")
        sys.stdout.flush()


def docent(path: Path) -> int:
    """Read a file with Docent's own reader."""
    from shared.documents.extract import extract

    return extract(path, "", path.name).characters


def measure(python: str, paths: Sequence[Path]) -> dict[str, dict[str, dict[str, float]]]:
    """Kind -> measure -> side -> value."""
    sides = {
        "docent": Side([sys.executable, "-m", "benchmarks.documents.parsing", "--serve"]),
        "langchain": Side([python, str(_LANGCHAIN), "parse"]),
    }
    seconds: defaultdict[tuple[str, str, int], float] = defaultdict(float)
    characters: defaultdict[tuple[str, str], int] = defaultdict(int)
    try:
        for kind in {path.suffix: path for path in paths}.values():
            for side in sides.values():
                side.read(kind)  # imports are not timed, on neither side
        for turn in range(PASSES):
            for path in paths:
                for name, side in sides.items():
                    took, found = side.read(path)
                    seconds[name, path.suffix, turn] += took
                    characters[name, path.suffix] = characters[name, path.suffix] + found * (turn == 0)
    finally:
        for side in sides.values():
            side.close()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    sizes: defaultdict[str, int] = defaultdict(int)
    for path in paths:
        sizes[path.suffix] += path.stat().st_size
    best = {
        (name, kind): min(seconds[name, kind, turn] for turn in range(PASSES))
        for name in sides
        for kind in sizes
    }
    for kind, size in sorted(sizes.items()):
        figures[kind.lstrip(".")] = {
            "mb_per_second": {name: round(size / 1e6 / best[name, kind], 2) for name in sides},
            "ms_a_file": {name: _ms(best[name, kind], paths, kind) for name in sides},
            "characters": {name: characters[name, kind] for name in sides},
            "ratio": {"docent": round(best["langchain", kind] / best["docent", kind], 1)},
        }
    whole = {name: sum(best[name, kind] for kind in sizes) for name in sides}
    figures["all"] = {
        "mb_per_second": {name: round(sum(sizes.values()) / 1e6 / whole[name], 2) for name in sides},
        "ratio": {"docent": round(whole["langchain"] / whole["docent"], 1)},
    }
    return figures


def _ms(seconds: float, paths: Sequence[Path], kind: str) -> float:
    return round(1e3 * seconds / sum(path.suffix == kind for path in paths), 2)


def main() -> int:
    """Measure, print and write; returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--serve", action="store_true", help="be Docent's side")
    chosen = parser.parse_args()
    if chosen.serve:
        serve(docent)
        return 0
    try:
        python = rivals_python()
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return 1
    figures: dict[str, Any] = measure(python, corpus.make(FOLDER / f"drive-{chosen.files}", chosen.files))
    print(f"{'kind':6}{'Docent MB/s':>13}{'LangChain':>11}{'ratio':>8}   ms a file, and characters found")
    for kind, found in figures.items():
        rates = found["mb_per_second"]
        more = "  ".join(
            f"{name} {found['ms_a_file'][name]:.1f} ms {found['characters'][name]}"
            for name in rates
            if "characters" in found
        )
        shown = f"{rates['docent']:13.2f}{rates['langchain']:11.2f}{found['ratio']['docent']:8.1f}"
        print(f"{kind:6}{shown}   {more}")
    write("parsing", figures)
    page.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
