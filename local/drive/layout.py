"""Where a served folder keeps its files, and where its sidecar is."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDECAR_KEYS = {"files", "folders", "groups", "users", "shared_drives", "shortcuts", "reference_time"}


class BadSidecar(ValueError):
    """The permissions file cannot be read; serving the folder without it would open it to everyone."""


@dataclass(frozen=True)
class Layout:
    """The folder of files, and the permissions.json that belongs to it (None: everybody may read)."""

    root: Path
    sidecar: Path | None


def find_layout(drive: Path) -> Layout:
    """The layout of a folder that holds files/ and permissions.json, or is itself the folder of files.

    In the second case the sidecar stands inside it or right above it.
    Raises BadSidecar when permissions.json is not a sidecar, and NotADirectoryError.
    """
    drive = drive.resolve()
    if not drive.is_dir():
        raise NotADirectoryError(f"The Drive folder {drive} does not exist or is not a folder.")
    inside = drive / "permissions.json"
    if inside.is_file():
        read_sidecar(inside)
        files = drive / "files"
        return Layout(files if files.is_dir() else drive, inside)
    above = drive.parent / "permissions.json"
    if above.is_file():
        read_sidecar(above)
        return Layout(drive, above)
    return Layout(drive, None)


def read_sidecar(path: Path) -> dict[str, Any]:
    """The sidecar's JSON. Raises BadSidecar."""
    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise BadSidecar(f"{path} cannot be read ({error}); the folder is not served without it.") from None
    if not isinstance(found, dict) or not SIDECAR_KEYS & set(found):
        raise BadSidecar(f"{path} is not a permissions sidecar; the folder is not served without one.")
    return found
