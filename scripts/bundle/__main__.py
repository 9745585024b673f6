"""Writes dist/{auth,chat,ingest,health}.zip, or those named, and prints what is in each."""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts.bundle.archive import archive
from scripts.bundle.modules import Needed, Unknowable, needed
from scripts.bundle.requirements import NotLocked, Requirements

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("auth", "chat", "ingest", "health")
_MAIN = """\
'''The entry point that the platform looks for.'''

from functions.{0}.main import {0}

__all__ = ["{0}"]
"""
_TIMED = "import time; begun = time.perf_counter(); import main; print((time.perf_counter() - begun) * 1000)"


def package(function: str, requirements: Requirements) -> tuple[bytes, Needed, list[str]]:
    """The zip of a function, the modules it needs, and its distributions. Raises Unknowable, NotLocked."""
    found = needed(ROOT, f"functions.{function}.main")
    names = requirements.needed_by(found.outside | {"functions_framework"})
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found.files}
    files["main.py"] = _MAIN.format(function).encode()
    files["requirements.txt"] = requirements.text(names).encode()
    files["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    return archive(files), found, names


def import_milliseconds(zipped: Path) -> int:
    """How long `import main` of this zip takes in a new interpreter that has its bytecode."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(zipped) as opened:
            opened.extractall(folder)  # our own zip
        took = 0
        for _ in range(2):  # the first writes the bytecode
            ran = subprocess.run(  # noqa: S603 - our own interpreter and words
                [sys.executable, "-c", _TIMED],
                cwd=folder,
                env={},
                capture_output=True,
                text=True,
                timeout=120,
                check=True,
            )
            took = round(float(ran.stdout))
        return took


def main() -> int:
    """Write what was asked for; 1 with a sentence when that cannot be."""
    parser = argparse.ArgumentParser(prog="scripts/package", description=__doc__)
    parser.add_argument("function", nargs="*", choices=[[], *FUNCTIONS], help="all four when none is named")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder to write to")
    arguments = parser.parse_args()
    requirements = Requirements(ROOT)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for function in arguments.function or FUNCTIONS:
        try:
            content, found, names = package(function, requirements)
        except (Unknowable, NotLocked) as error:
            print(f"{function}: {error}", file=sys.stderr)
            return 1
        path = arguments.out / f"{function}.zip"
        path.write_bytes(content)
        ours = f"{len(content) / 1024:5.0f} KiB, {len(found.files):3} files"
        others = f"{len(names):2} packages of {requirements.installed_bytes(names) / 2**20:3.0f} MiB"
        print(f"{function:<7} {ours}; {others}; imported in {import_milliseconds(path)} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
