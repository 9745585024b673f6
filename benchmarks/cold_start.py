"""Seconds to import each function, against the same imports as Google's samples write them.

The rival is a main.py that imports the framework and the SDKs it will need at its top: what a cold start
costs when nothing is deferred. Medians of five fresh processes each, in turn.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROUNDS = 5
RIVAL = "import functions_framework, google.cloud.firestore, google.cloud.aiplatform, google.genai"
FUNCTIONS = ("auth", "chat", "health", "ingest")


def seconds(code: str) -> float:
    """The wall time of one fresh interpreter that runs `code`."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)  # noqa: S603 - ours
    return time.perf_counter() - begun


def main() -> None:
    """Print a line a function: its median, the rival's, their ratio."""
    codes = {"rival": RIVAL} | {name: f"import functions.{name}.main" for name in FUNCTIONS}
    for code in codes.values():
        seconds(code)  # bytecode and disk caches are warm for all
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            taken[name].append(seconds(code))
    rival = statistics.median(taken["rival"])
    print(f"import, median of {ROUNDS} (rival: SDKs imported at the top, {rival:.2f} s)")
    for name in FUNCTIONS:
        median = statistics.median(taken[name])
        print(f"  {name:8}{median:6.2f} s   {median / rival:5.2f} x the rival")


if __name__ == "__main__":
    main()
