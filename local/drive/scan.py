"""Looking at the served folder: which files are there, and which changed since the last look."""

import os
from dataclasses import dataclass
from pathlib import Path

IGNORED_PREFIXES = (".", "~$")
Seen = dict[str, tuple[int, int]]
"""Path below the folder -> (size in bytes, modification time in nanoseconds)."""


@dataclass(frozen=True)
class Differences:
    """What a second look found."""

    added: list[str]
    changed: list[str]
    gone: list[str]


def scan(root: Path, sidecar: Path | None) -> Seen:
    """Every regular file below `root`, without hidden ones, links and the sidecar itself."""
    found: Seen = {}
    waiting = [""]
    skip = str(sidecar) if sidecar else ""
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(root / below))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        for entry in entries:
            if entry.name.startswith(IGNORED_PREFIXES) or entry.is_symlink() or entry.path == skip:
                continue
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if entry.is_file(follow_symlinks=False):
                found[path] = (status.st_size, status.st_mtime_ns)
    return found


def compare(before: Seen, after: Seen) -> Differences:
    """What was added, changed and removed between two looks, each in the order of paths."""
    return Differences(
        added=sorted(after.keys() - before.keys()),
        changed=sorted(path for path in after.keys() & before.keys() if after[path] != before[path]),
        gone=sorted(before.keys() - after.keys()),
    )
