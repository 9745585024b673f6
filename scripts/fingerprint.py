"""Prints one hash over the named files and folders: their paths and their bytes."""

import hashlib
import sys
from pathlib import Path

LEFT_OUT = {"node_modules", "dist", "test-results", "screenshots"}


def files_of(path: Path) -> list[Path]:
    """The files of a folder without what is built there, or the file itself."""
    if path.is_file():
        return [path]
    return sorted(
        found
        for found in path.rglob("*")
        if found.is_file() and not LEFT_OUT & set(found.relative_to(path).parts)
    )


def main() -> None:
    """Print the hash of the paths on the command line."""
    total = hashlib.sha256(sys.version.encode())
    for argument in sys.argv[1:]:
        for file in files_of(Path(argument)):
            total.update(f"{file}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    print(total.hexdigest())


if __name__ == "__main__":
    main()
