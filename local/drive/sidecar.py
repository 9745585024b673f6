"""Reading permissions.json: who may use what, as Drive would list it. Other keys are never read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.drive.items import Permission, seconds_of
from local.drive.layout import BadSidecar, read_sidecar

TYPES = {"user", "group", "domain", "anyone"}
ALLOWED_ROLES = {"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"}


@dataclass(frozen=True)
class Sidecar:
    """The sidecar's tables, as written."""

    reference_time: str = ""
    users: tuple[str, ...] = ()
    groups: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    shared_drives: dict[str, dict[str, Any]] = field(default_factory=dict)
    shortcuts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Listed:
    """An access list as Drive lists it: entries given here, and entries that came from folders above."""

    direct: tuple[Permission, ...]
    inherited: tuple[Permission, ...]
    unmarked: frozenset[tuple[str, str]] = frozenset()
    """Principals whose entry does not say whether it was given here."""


def load_sidecar(path: Path) -> Sidecar:
    """Raises BadSidecar, since a Drive whose permissions cannot be read must not open."""
    raw = read_sidecar(path)
    try:
        groups = {
            str(name).lower(): [str(member).lower() for member in members]
            for name, members in (raw.get("groups") or {}).items()
        }
        reference = str(raw.get("reference_time") or "")
        if reference:
            seconds_of(reference)
        return Sidecar(
            reference_time=reference,
            users=tuple(str(user).lower() for user in raw.get("users") or ()),
            groups=groups,
            files=_entries(raw.get("files")),
            folders={clean_path(name): one for name, one in _entries(raw.get("folders")).items()},
            shared_drives=_entries(raw.get("shared_drives")),
            shortcuts=tuple(dict(one) for one in raw.get("shortcuts") or ()),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise BadSidecar(f"{path} is not a permissions sidecar: {error}") from None


def _entries(table: object) -> dict[str, dict[str, Any]]:
    """A table of objects whose access lists are lists of objects. Raises TypeError."""
    if table is not None and not isinstance(table, dict):
        raise TypeError("a table is not a JSON object")
    found = dict(table or {})
    for name, entry in found.items():
        if not isinstance(entry, dict):
            raise TypeError(f"the entry of {name!r} is not a JSON object")
        lists = (entry.get("permissions") or [], entry.get("members") or [])
        if not all(isinstance(one, list) and all(isinstance(each, dict) for each in one) for one in lists):
            raise TypeError(f"the permissions of {name!r} are not a list of JSON objects")
    return found


def clean_path(path: str) -> str:
    """A path without leading, trailing or doubled slashes."""
    return "/".join(part for part in str(path).split("/") if part not in {"", "."})


def read_permission(raw: dict[str, Any], *, origin: str = "", role: str = "") -> Permission | None:
    """One permission of Drive v3's shape; None when it cannot be understood: that narrows, never widens."""
    kind, role = raw.get("type"), role or str(raw.get("role", ""))
    address = str(raw.get("domain" if kind == "domain" else "emailAddress") or "").strip().lower()
    if kind not in TYPES or role not in ALLOWED_ROLES or (kind != "anyone" and not address):
        return None
    if raw.get("deleted") or raw.get("pendingOwner"):
        return None
    expires = str(raw.get("expirationTime") or "")
    if expires:
        try:
            seconds_of(expires)
        except ValueError:
            return None
    return Permission(
        type=str(kind),
        role=role,
        address="" if kind == "anyone" else address,
        discoverable=bool(raw.get("allowFileDiscovery")),
        expires=expires,
        view=str(raw.get("view") or ""),
        origin=origin,
        own_id=str(raw.get("id") or ""),
    )


def read_list(raw: object) -> Listed:
    """An access list; `permissionDetails` tells what was given here from what came from a folder above."""
    direct: list[Permission] = []
    inherited: list[Permission] = []
    unmarked: set[tuple[str, str]] = set()
    for entry in raw if isinstance(raw, list) else []:
        details = entry.get("permissionDetails") or [{}]
        for detail in details:
            origin = str(detail.get("inheritedFrom") or "?") if detail.get("inherited") else ""
            role = str(detail.get("role") or "")
            permission = read_permission(entry, origin=origin, role=role if len(details) > 1 else "")
            if permission:
                (inherited if origin else direct).append(permission)
                unmarked |= set() if entry.get("permissionDetails") else {permission.principal}
    return Listed(tuple(direct), tuple(inherited), frozenset(unmarked))
