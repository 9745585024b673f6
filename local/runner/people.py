"""The folder that is served as the Drive, and its people."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from local.drive.layout import find_layout
from local.signin.people import addresses

DEMO = Path(__file__).resolve().parents[1] / "demo"


@dataclass(frozen=True)
class ServedDrive:
    """The folder that is served as the Drive, and who can sign in to see it."""

    folder: Path
    people: tuple[str, ...]
    name: str

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of the people, each once, in their order."""
        return tuple(dict.fromkeys(person.rpartition("@")[2] for person in self.people))

    @property
    def admin(self) -> str:
        """The first of the people runs the place."""
        return self.people[0]

    @property
    def state_name(self) -> str:
        """A folder name for this Drive's state, so that two Drives never share an index."""
        if self.folder == DEMO:
            return "demo"
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', self.name).strip('-').lower()}-{digest}"


def served_drive(folder: Path | None) -> ServedDrive:
    """The Drive to serve: a folder of one's own, or the sample.

    Raises ValueError when the folder is none, or its permissions.json cannot be read.
    """
    if folder is None:
        return ServedDrive(DEMO, addresses(DEMO), "Sample Drive")
    try:
        root = find_layout(folder).root
        people = addresses(folder)
    except NotADirectoryError as error:
        raise ValueError(str(error)) from error
    named = root.parent if root.name == "files" else root
    return ServedDrive(folder.resolve(), people, named.name or "Drive")
