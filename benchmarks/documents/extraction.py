"""How fast files of a folder become chunks: `python -m benchmarks.documents.extraction FOLDER`.

Prints, by kind of file: how many, how many gave text, MB/s of files, characters/s of text, in CPU time of
one thread; then the process's largest size.
"""

import argparse
import resource
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from shared.documents.chunks import cut
from shared.documents.detect import detect
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Transcript


@dataclass
class Tally:
    """The files of one kind."""

    files: int = 0
    read: int = 0
    size: int = 0
    characters: int = 0
    chunks: int = 0
    seconds: float = 0.0


def measure(path: Path, tally: Tally) -> None:
    """Read and cut one file."""
    tally.files += 1
    tally.size += path.stat().st_size
    start = time.process_time()
    try:
        extraction = extract(path, "", path.name, lambda _data, _mime_type: Transcript(""))
        tally.chunks += len(cut(extraction, path.name))
        tally.characters += extraction.characters
        tally.read += 1
    except Unreadable:
        pass
    tally.seconds += time.process_time() - start


def main() -> None:
    """Measure every file below a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for path in sorted(parser.parse_args().folder.rglob("*")):
        if path.is_file():
            try:
                kind = detect(path, "", path.name)
            except Unreadable as error:
                kind = f"({error.code})"
            measure(path, tallies[kind])
    print(f"{'kind':14}{'files':>6}{'read':>6}{'MB':>8}{'MB/s':>8}{'kchar/s':>9}{'chunks':>8}")
    for kind, each in sorted(tallies.items()):
        seconds = max(each.seconds, 1e-6)
        rate, letters = each.size / 1e6 / seconds, each.characters / 1e3 / seconds
        counts = f"{each.files:6}{each.read:6}{each.size / 1e6:8.2f}"
        print(f"{kind:14}{counts}{rate:8.2f}{letters:9.0f}{each.chunks:8}")
    print(f"largest size: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
