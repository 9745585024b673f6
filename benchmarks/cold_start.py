"""Processor seconds to import each function, against the same imports as Google's samples write them.

The rival is a main.py that imports the framework and the SDKs it will need at its top: what a cold start
costs when nothing is deferred. Medians of five fresh processes each, in turn.
"""

import statistics
import subprocess
import sys

from benchmarks.record import ROOT, write

ROUNDS = 5
RIVAL = "import functions_framework, google.cloud.firestore, google.cloud.aiplatform, google.genai"
FUNCTIONS = ("auth", "chat", "health", "ingest")
_FIRST = "import functions.chat.main, functions.chat.wiring, google.cloud.firestore, httpx"
FIRST_QUESTION = {
    "Google's client": f"{_FIRST}; from google.cloud.aiplatform_v1.services import match_service",
    "our four calls": f"{_FIRST}; from shared.gcp import vector_calls as v; v.message('IndexDatapoint')",
}
"""All that the first question of an instance imports, Vector Search asked with the one or the other."""


def seconds(code: str) -> float:
    """The processor time of a fresh interpreter that runs `code`, whatever else the machine does."""
    timed = f"{code}\nimport time; print(time.process_time())"
    ran = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", timed], cwd=ROOT, check=True, timeout=120, capture_output=True, text=True
    )
    return float(ran.stdout.split()[-1])


def medians(codes: dict[str, str]) -> dict[str, float]:
    """Of each code, taken in turn, the median of ROUNDS runs; bytecode and disk caches are warm for all."""
    for code in codes.values():
        seconds(code)
    taken: dict[str, list[float]] = {name: [] for name in codes}
    for _ in range(ROUNDS):
        for name, code in codes.items():
            taken[name].append(seconds(code))
    return {name: round(statistics.median(times), 3) for name, times in taken.items()}


def main() -> None:
    """Print a line a function: its median, the rival's, their ratio; then the first question's imports."""
    found = medians({"rival": RIVAL} | {name: f"import functions.{name}.main" for name in FUNCTIONS})
    rival = found.pop("rival")
    print(f"processor time to import, median of {ROUNDS} (rival: SDKs imported at the top, {rival:.2f} s)")
    for name, median in found.items():
        print(f"  {name:8}{median:6.2f} s   {median / rival:5.2f} x the rival")
    first = medians(FIRST_QUESTION)
    theirs, ours = first.values()
    print(f"imports until the first question is answered (rival: Google's client, {theirs:.2f} s)")
    print(f"  chat    {ours:6.2f} s   {ours / theirs:5.2f} x the rival")
    kinds = {"docent": found, "sdks at the top": dict.fromkeys(found, rival)}
    measures = {
        f"import {name}, processor s": {kind: values[name] for kind, values in kinds.items()}
        for name in found
    }
    write("cold_start", measures | {"imports until the first question, processor s": first})


if __name__ == "__main__":
    main()
