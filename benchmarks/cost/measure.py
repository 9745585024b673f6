"""Counts what a question and a file consume, with each backend: `python -m benchmarks.cost.measure [PORT]`.

A Docent of its own reads the sample Drive in and is asked the sample questions, each once, by somebody new to
them; what its functions metered is divided. Tokens are those of the bundled models (word pieces), which are
about as long as Gemini's. It writes counts.json, which the model and docs/costs.md are made from.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.record import ROOT, about

COUNTS = Path(__file__).with_name("counts.json")
QUESTIONS = ROOT / "local" / "demo" / "questions.jsonl"
_FLUSH = 12.0
"""Seconds after which every function has written down what it consumed."""
_START = 600.0


def main(port: int) -> int:
    """Measure both backends and write the file."""
    found = {backend: measured(backend, port) for backend in ("vertex", "firestore")}
    COUNTS.write_text(json.dumps({**found, "about": about()}, indent=1) + "\n", encoding="utf-8")
    print(COUNTS.read_text(encoding="utf-8"))
    return 0


def measured(backend: str, port: int) -> dict[str, Any]:
    """Per file and per question, and what the sample Drive consists of."""
    with docent(backend, port) as http:
        files = _until_read(port)
        after_files = _consumed(http)
        chunks = int(_calls(http)["vertex"]["texts_embedded"])
        asked = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
        for question in asked:
            http.post("/chat", json={"message": question}).raise_for_status()
        after_questions = _consumed(http)
    used = after_questions - after_files
    return {
        "files": files,
        "chunks": chunks,
        "questions": len(asked),
        "per_file": {name: round(count / files, 3) for name, count in sorted(after_files.items())},
        "per_question": {name: round(count / len(asked), 3) for name, count in sorted(used.items())},
    }


@contextmanager
def docent(backend: str, port: int) -> Iterator[httpx.Client]:
    """A running Docent over the sample Drive; a client that is signed in as its administrator."""
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed"
        command = [sys.executable, "-m", "local", "--port", str(port), "--state", f"{folder}/state"]
        with printed.open("w") as out:
            environment = {**os.environ, "SEARCH_BACKEND": backend}
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)  # noqa: S603
        try:
            _until(lambda: "ready at" in printed.read_text(), process)
            base = f"http://127.0.0.1:{port}"
            admin = httpx.get(f"{base}/local/stack", trust_env=False).json()["admin"]
            token = _local("token", "--as", admin, "--port", str(port)).strip()
            headers = {"Authorization": f"Bearer {token}", "Origin": base}
            with httpx.Client(base_url=base, headers=headers, timeout=300, trust_env=False) as http:
                yield http
        finally:
            process.terminate()
            process.wait(60)


def _until_read(port: int) -> int:
    """The number of files, once all are read in."""
    end = time.monotonic() + _START
    while time.monotonic() < end:
        status = json.loads(_local("status", "--json", "--port", str(port)))
        if status["state"] == "idle" and status["counts"].get("indexed") == status["total"] > 0:
            return int(status["total"])
        time.sleep(1)
    raise SystemExit("the sample Drive was not read in")


def _local(*words: str) -> str:
    """What a command of `python -m local` printed."""
    command = [sys.executable, "-m", "local", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603


def _consumed(http: httpx.Client) -> Counter[str]:
    """What the functions metered so far, by "thing:unit"."""
    time.sleep(_FLUSH)
    return Counter(http.get("/cost/summary").json()["items"])


def _calls(http: httpx.Client) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = http.get("/local/control/calls").json()
    return found


def _until(condition: Any, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit("Docent did not start")
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8600))
