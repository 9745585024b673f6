"""What is found in real and in hostile files, beside two others: `python -m benchmarks.documents.zoo DATA`.

DATA is a folder with files/ and expected.jsonl: {file, group, behaviour, must_contain[], must_not_contain[]}.
Behaviours: text, openable, embedded and ocr files must give every string; the others (password, empty, error,
bomb, nontext) must end in text or in a sentence, in bounded time. Texts are compared without bars and tabs,
white space collapsed. Besides, files made to exhaust a reader are generated (hostile.py). Each reader works
in a process of its own, one file at a time; it is killed after LIMIT seconds, and may not have more than
MEMORY bytes of address space. Unstructured is there without what it reads PDFs with (torch, gigabytes): for
it, look at the files that are no PDFs.
"""

import argparse
import json
import os
import re
import resource
import select
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.documents import hostile
from benchmarks.documents.rivals import CHECKOUT, NotInstalled, rivals_python
from benchmarks.record import write

LIMIT = 120.0
MEMORY = 6 * 2**30
PARSEABLE = ("text", "openable", "embedded", "ocr")


@dataclass
class Tally:
    """One reader over all files."""

    found: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    size: int = 0
    seconds: float = 0.0
    peak: int = 0
    hostile: dict[str, str] = field(default_factory=dict)


class Reader:
    """A worker process, started anew after it was killed."""

    def __init__(self, name: str, python: str) -> None:
        self._command = [python, str(Path(__file__).with_name("worker.py")), name]
        self._child: subprocess.Popen[bytes] | None = None
        self.peak = 0

    def read(self, path: Path) -> dict[str, Any]:
        """The worker's answer; {"killed": reason} when there was none."""
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(f"{path}\n".encode())
        child.stdin.flush()
        if not select.select([child.stdout], [], [], LIMIT)[0]:
            self.close()
            return {"killed": f"after {LIMIT:.0f} s"}
        line = child.stdout.readline()
        self.peak = max(self.peak, _high_water(child.pid))
        if not line:
            self.close()
            return {"killed": "the process died"}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the worker."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - our own words
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=CHECKOUT,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT), "SCARF_NO_ANALYTICS": "true"},
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),  # noqa: PLW1509
            )
        return self._child


def _high_water(pid: int) -> int:
    """The largest resident size that a process has had, in MB (Linux)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) // 1024 if found else 0


def plain(text: str) -> str:
    """Text as strings are looked for."""
    return " ".join(text.replace("|", "").split())


def verdict(row: dict[str, Any], answer: dict[str, Any]) -> str:
    """Why a file counts as missed; empty when it does not."""
    if "killed" in answer:
        return str(answer["killed"])
    if row["behaviour"] not in PARSEABLE:
        return ""
    if "error" in answer:
        return str(answer["error"])[:80]
    text = plain(answer["text"])
    missing = [each for each in row["must_contain"] if plain(each) not in text]
    wrong = [each for each in row["must_not_contain"] if plain(each) in text]
    return f"lacks {missing[0][:40]!r}" if missing else f"has {wrong[0][:40]!r}" if wrong else ""


def measure(reader: Reader, data: Path, rows: list[dict[str, Any]]) -> Tally:
    """One reader over the files of `data`."""
    tally = Tally()
    for row in rows:
        path = data / "files" / row["file"]
        answer = reader.read(path)
        behaviour = row["behaviour"]
        tally.files[behaviour] += 1
        why = verdict(row, answer)
        tally.found[behaviour] += not why
        if behaviour in PARSEABLE and path.suffix.lower() != ".pdf":
            tally.files["no pdf"] += 1
            tally.found["no pdf"] += not why
        if why:
            tally.missed.append(f"{row['file']}: {why}")
        if "killed" in answer:
            tally.killed.append(row["file"])
        elif behaviour in {"text", "openable", "embedded"}:
            tally.size += path.stat().st_size
            tally.seconds += answer["seconds"]
    tally.peak = reader.peak
    return tally


def endure(reader: Reader, folder: Path, tally: Tally) -> None:
    """The hostile files, each judged by how it ended."""
    for path in sorted(folder.iterdir()):
        answer = reader.read(path)
        size = path.stat().st_size
        if "killed" in answer:
            end = f"KILLED {answer['killed']}"
        elif "error" in answer:
            end = f"{answer['seconds']:.1f} s: {answer['error'][:90]}"
        else:
            end = f"{answer['seconds']:.1f} s: {len(answer['text'])} characters read"
        tally.hostile[path.name] = f"({size / 1e6:.1f} MB) {end}"
    tally.peak = reader.peak


def shown(name: str, tally: Tally) -> dict[str, Any]:
    """Print a reader's numbers and return them."""
    files = sum(tally.files[each] for each in PARSEABLE)
    found = sum(tally.found[each] for each in PARSEABLE)
    without = files - tally.files["ocr"]
    rate = tally.size / 1e6 / max(tally.seconds, 1e-9)
    print(
        f"{name:13} found {found}/{files} = {found / max(files, 1):.1%}; without pictures "
        f"{(found - tally.found['ocr'])}/{without} = {(found - tally.found['ocr']) / max(without, 1):.1%}; "
        f"without PDFs {tally.found['no pdf']}/{tally.files['no pdf']}; "
        f"{rate:.2f} MB/s; killed {len(tally.killed)}; largest size {tally.peak} MB"
    )
    for each in tally.missed if name == "docent" else []:
        print(f"    {each}")
    for each, end in tally.hostile.items():
        print(f"    {each} {end}")
    return {
        "found": found,
        "files": files,
        "share": round(found / max(files, 1), 4),
        "found_no_pdf": tally.found["no pdf"],
        "files_no_pdf": tally.files["no pdf"],
        "share_without_ocr": round((found - tally.found["ocr"]) / max(without, 1), 4),
        "mb_per_second": round(rate, 3),
        "killed": tally.killed,
        "peak_mb": tally.peak,
        "hostile": tally.hostile,
    }


def main() -> None:
    """Measure Docent and, where they can be had, the rivals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--alone", action="store_true", help="Docent only, nothing is installed")
    chosen = parser.parse_args()
    with (chosen.data / "expected.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(each) for each in lines]
    readers = {"docent": sys.executable}
    if not chosen.alone:
        try:
            readers |= dict.fromkeys(("markitdown", "unstructured"), rivals_python())
        except NotInstalled as error:
            print(f"without the rivals: {error}")
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="docent-zoo-") as folder:
        made = hostile.make(Path(folder))
        for name, python in readers.items():
            reader = Reader(name, python)
            tally = measure(reader, chosen.data.resolve(), rows)
            endure(reader, made, tally)
            reader.close()
            results[name] = shown(name, tally)
    write("documents", results)


if __name__ == "__main__":
    main()
