"""`python -m shared.documents FILE [--json]`: what extraction and chunking make of a file.

`--ocr COMMAND... --` is a program that reads pictures: on stdin four bytes of length, big endian, and a
picture; on stdout the same way JSON with `text`.
"""

import argparse
import json
import resource
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.documents.reasons import Unreadable
from shared.models import Transcript


class Pictures:
    """A program that reads pictures, started by the first."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, image: bytes, _mime_type: str) -> Transcript:
        """The text of a picture, "" when there is none."""
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603 - the caller's own words
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise OSError("The reader of pictures has no pipes.")
        stdin.write(struct.pack(">I", len(image)) + image)
        stdin.flush()
        (length,) = struct.unpack(">I", stdout.read(4))
        answer: dict[str, str] = json.loads(stdout.read(length))
        return Transcript(answer.get("text", ""))

    def close(self) -> None:
        """End the program."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()


def seen(path: Path, pictures: Pictures | None) -> dict[str, Any]:
    """State, reason, text, chunks, seconds, and this process's largest size in MB."""
    start = time.perf_counter()
    found: dict[str, Any] = {"file": path.name, "state": "skipped", "reason": "", "text": "", "chunks": []}
    try:
        extraction = extract(path, "", path.name, pictures.read if pictures else None)
    except Unreadable as error:
        found |= {"code": error.code, "reason": error.sentence}
    else:
        blocks = [block.text for section in extraction.sections for block in section.blocks]
        found |= {
            "state": "partial" if extraction.warnings else "indexed",
            "reason": " ".join(extraction.warnings[:5]),
            "title": extraction.title,
            "pages": extraction.pages,
            "characters": extraction.characters,
            "text": "\n".join(blocks),
            "chunks": [_chunk(chunk) for chunk in cut(extraction, path.name)],
        }
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {**found, "seconds": round(time.perf_counter() - start, 3), "mb": size}


def _chunk(chunk: Any) -> dict[str, Any]:
    place = {key: value for key, value in asdict(chunk.locator).items() if value not in (None, ())}
    named = {"key": chunk.key, "characters": len(chunk.text), "locator": place}
    return {**named, "context": chunk.context, "text": chunk.text}


def _told(found: dict[str, Any]) -> str:
    numbers = f"{len(found['chunks'])} chunks, {found['seconds']} s, {found['mb']} MB"
    lines = [f"{found['file']}: {found['state']}, {numbers}", *filter(None, [found["reason"]])]
    for chunk in found["chunks"]:
        place = ", ".join(f"{key} {value}" for key, value in chunk["locator"].items())
        lines += ["", f"--- {place or 'the whole'} ({chunk['characters']} characters) {chunk['context']}"]
        lines.append(chunk["text"])
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Print what is seen; 0, or 2 when the file cannot be opened."""
    command: list[str] = []
    if "--ocr" in argv:
        start, end = argv.index("--ocr"), argv.index("--")
        command, argv = list(argv[start + 1 : end]), [*argv[:start], *argv[end + 1 :]]
    parser = argparse.ArgumentParser(prog="extract", description="What Docent sees of a file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    wanted = parser.parse_args(argv)
    pictures = Pictures(command) if command else None
    try:
        found = seen(wanted.file, pictures)
    except OSError as error:
        sys.stderr.write(f"{wanted.file}: {error.strerror or error}\n")
        return 2
    finally:
        if pictures:
            pictures.close()
    told = json.dumps(found, ensure_ascii=False, indent=1) if wanted.json else _told(found)
    sys.stdout.write(told + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
