"""`python -m local extract FILE`: what Docent sees of a file, by the code that the function runs."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def main(argv: list[str]) -> int:
    """Read the file in a process of its own, pictures by the local OCR model. Returns the exit code."""
    engine = [sys.executable, "-m", "local.vertex.ocr_engine"]
    command = [sys.executable, "-m", "shared.documents", "--ocr", *engine, "--", *argv]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - ours
