"""What people do to a Drive, one event at a time: the rows of an event script, and the verbs."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from local.drive.engine import Drive
from local.drive.items import Item, Permission, guess_mime, timestamp
from local.drive.sidecar import clean_path, read_list, read_permission

Event = dict[str, Any]


class BadEvent(ValueError):
    """The event cannot be applied; the sentence says why. Nothing was changed."""


def apply(drive: Drive, event: Event, root: Path | None = None) -> dict[str, Any]:
    """Do what the event says, and report it: {"seq", "event", "file_id", "name"}.

    Bytes come in `content` (base64), or from `content_file` below `root`. Raises BadEvent.
    """
    kind = str(event.get("event", ""))
    handler = HANDLERS.get(kind)
    if handler is None:
        raise BadEvent(f"there is no event {kind!r}; known: {', '.join(sorted(HANDLERS))}")
    try:
        with drive.writing():
            if event.get("time"):
                drive.set_clock(str(event["time"]))
            if root is not None and event.get("content_file") and "content" not in event:
                read = (root / str(event["content_file"])).read_bytes()
                event = event | {"content": base64.b64encode(read)}
            item = handler(drive, event)
    except (KeyError, OSError, ValueError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise BadEvent(f"event {event.get('seq', '')} {kind}: {reason}") from error
    report = {"seq": event.get("seq"), "event": kind}
    return report | ({"file_id": item.id, "name": item.name} if item else {})


def _file(drive: Drive, event: Event, field: str = "doc_id") -> Item:
    """The item of an event: by key, by path in the Drive, by id, or by a name that only one has."""
    wanted = str(event[field])
    item = drive.tree.by_key(wanted) or drive.tree.find(wanted) or drive.tree.get(wanted)
    if item is None:
        named = [one for one in drive.tree if one.name == wanted and not one.is_folder]
        item = named[0] if len(named) == 1 else None
    if item is None:
        raise BadEvent(f"there is no file {wanted!r}")
    return item


def _folder(drive: Drive, event: Event) -> Item:
    wanted = str(event["folder"])
    item = drive.tree.find(wanted, folder=True) or drive.tree.get(wanted)
    if item is None:
        named = [drive.tree.get(one) for one in drive.tree.drives]
        item = next((one for one in named if one and one.name == wanted), None)
    if item is None or not item.is_folder:
        raise BadEvent(f"there is no folder {wanted!r}")
    return item


def _permission(drive: Drive, event: Event) -> Permission:
    """The event's permission; without a type, the address tells: a group, a domain, a person, or anyone."""
    raw = dict(event["permission"])
    if "type" not in raw:
        address = str(raw.get("emailAddress", "anyone")).lower()
        kind = "group" if address in drive.groups else "user" if "@" in address else "domain"
        raw |= {"type": "anyone" if address == "anyone" else kind, "domain": address}
    permission = read_permission(raw)
    if permission is None:
        raise BadEvent("its permission is not one of Drive's")
    return permission


def _content(event: Event) -> bytes:
    try:
        return base64.b64decode(event["content"], validate=True)
    except binascii.Error as error:
        raise BadEvent(f"its content is not base64: {error}") from None


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _place(drive: Drive, item: Item, path: str) -> None:
    """Put an item at a path: another folder, another name, or both."""
    if path.endswith("/"):
        path += item.name
    below, _, name = clean_path(path).rpartition("/")
    parent = drive.folder(below)
    if parent.id == item.id or any(one.id == item.id for one in drive.tree.ancestors(parent)):
        raise BadEvent("a folder cannot hang below itself")
    item.name = name
    if parent.id != item.parent:
        drive.tree.move(item, parent.id)


def _edit(drive: Drive, event: Event) -> Item:
    """New bytes; the type follows the new file's suffix where that differs."""
    item, content = _file(drive, event), _content(event)
    with drive.changing(item):
        drive.write(item, content)
        source = str(event.get("content_file") or "")
        if _suffix(source) and _suffix(source) != _suffix(item.key):
            if item.is_native:
                item.stored_mime = guess_mime(source)
            else:
                item.mime = guess_mime(source)
        if event.get("path_after"):
            _place(drive, item, str(event["path_after"]))
        item.modified = timestamp(drive.now())
    return item


def _create(drive: Drive, event: Event) -> Item:
    key, content = str(event["doc_id"]), _content(event)
    if drive.tree.by_key(key):
        raise BadEvent(f"there is a file {key!r} already")
    entry = dict(drive.builder.sidecar.files.get(key, {}))
    path = clean_path(event.get("path_after") or f"{entry.get('folder') or ''}/{entry.get('name') or key}")
    below, _, name = path.rpartition("/")
    drive.folder(below)
    entry |= {field: event[field] for field in CREATED_WITH if field in event}
    entry |= {
        "folder": below,
        "name": name,
        "owner": event.get("owner", entry.get("owner") or event.get("actor")),
    }
    entry |= {"modifiedTime": timestamp(drive.now()), "trashed": False}
    if "file_id" in event:
        entry["id"] = event["file_id"]
    if "mimeType" not in entry and "." not in name:
        entry["mimeType"] = guess_mime(str(event.get("content_file") or key))
    item = drive.builder.make_file(key, entry, timestamp(drive.now()))
    drive.write(item, content)
    drive.add(item)
    return item


def _bytes_of(drive: Drive, item: Item) -> bytes:
    return drive.store.content(item.content)[1] if item.content else (drive.root / item.path).read_bytes()


def _copy(drive: Drive, event: Event) -> Item:
    """A file of its own with the source's bytes: it takes over no rights but those of its folder."""
    source = _file(drive, event, "source")
    content = event.get("content") or base64.b64encode(_bytes_of(drive, source))
    alike = {"mimeType": source.stored_mime or source.mime, "content": content}
    alike |= {"nativeMimeType": source.mime} if source.is_native else {}
    alike |= {"path_after": f"{drive.tree.path(source).rpartition('/')[0]}/Copy of {source.name}"}
    return _create(drive, {"doc_id": f"copy:{source.key}"} | alike | event)


def _relocate(drive: Drive, event: Event) -> Item:
    item = _file(drive, event)
    with drive.changing(item):
        if "name_after" in event:
            item.name = str(event["name_after"])
        elif event["event"] == "rename" and "/" not in str(event["path_after"]):
            item.name = str(event["path_after"])
        else:
            _place(drive, item, str(event["path_after"]))
    return item


def _rename_folder(drive: Drive, event: Event) -> Item:
    folder = _folder(drive, event)
    if folder.id == drive.tree.root.id:
        raise BadEvent("the root cannot be renamed")
    with drive.changing(folder):
        above, _, name = clean_path(event["folder_after"]).rpartition("/")
        if folder.id in drive.tree.drives:
            drive.tree.rename_drive(folder, name)
        elif not above:
            folder.name = name
        else:
            _place(drive, folder, str(event["folder_after"]))
    return folder


def _set_trashed(drive: Drive, item: Item, *, trashed: bool) -> Item:
    with drive.changing(item):
        item.trashed, item.trashed_at = trashed, timestamp(drive.now()) if trashed else ""
    return item


def _delete(drive: Drive, event: Event) -> Item:
    item = _file(drive, event)
    drive.delete(item)
    return item


def _give(drive: Drive, item: Item, permission: Permission) -> Item:
    """Grant a permission; one that the same principal had here is replaced."""
    with drive.changing(item):
        others = [one for one in item.permissions if one.principal != permission.principal]
        item.permissions = [*others, permission]
        mark = f"{item.id}:{permission.id}"
        for below in drive.tree.below(item):
            if mark in below.withheld:
                below.withheld.remove(mark)
    return item


def _take(drive: Drive, item: Item, permission: Permission) -> Item:
    """Withdraw what a principal was given here; what flows from above stops at this item."""
    with drive.changing(item):
        flowing = [
            grant
            for grant in drive.rights.grants(item)
            if grant.inherited and grant.permission.principal == permission.principal
        ]
        item.permissions = [one for one in item.permissions if one.principal != permission.principal]
        item.withheld = [*item.withheld, *(f"{grant.source}:{grant.permission.id}" for grant in flowing)]
    return item


def _drive_root(drive: Drive, event: Event) -> Item:
    folder = _folder(drive, event)
    root = drive.tree.get(folder.drive_id)
    if root is None:
        raise BadEvent(f"{event['folder']!r} is not in a shared drive")
    return root


def _limit(drive: Drive, event: Event, *, limited: bool) -> Item:
    folder = _folder(drive, event)
    with drive.changing(folder):
        folder.limited = limited
        if event.get("permissions") is not None:
            owner = [one for one in folder.permissions if one.role == "owner"]
            given = list(read_list(event["permissions"]).direct)
            folder.permissions = given if any(one.role == "owner" for one in given) else [*owner, *given]
    return folder


def _group(drive: Drive, event: Event, *, member: bool) -> None:
    group, email = str(event["group"]).lower(), str(event["member"]).lower()
    (drive.groups.add if member else drive.groups.remove)(group, email)
    drive.store.save_group(group, drive.groups.members(group))


def _transfer(drive: Drive, event: Event) -> Item:
    """A new owner; the old one stays as a writer."""
    item, owner = _file(drive, event), str(event["new_owner"]).lower()
    with drive.changing(item):
        kept = [
            replace(one, role="writer") if one.role == "owner" else one
            for one in item.permissions
            if one.principal != ("user", owner)
        ]
        item.owner, item.permissions = owner, [Permission("user", "owner", owner), *kept]
    return item


def _clock(drive: Drive, event: Event) -> None:
    """Time passes: `time` was already taken over."""
    if not event.get("time"):
        raise BadEvent("it lacks 'time'")
    drive.generation += 1


CREATED_WITH = ("permissions", "mimeType", "nativeMimeType", "driveId", "webViewLink", "id")

HANDLERS: dict[str, Callable[[Drive, Event], Item | None]] = {
    "edit": _edit,
    "new_version": _edit,
    "create": _create,
    "copy": _copy,
    "rename": _relocate,
    "move": _relocate,
    "trash": lambda drive, event: _set_trashed(drive, _file(drive, event), trashed=True),
    "untrash": lambda drive, event: _set_trashed(drive, _file(drive, event), trashed=False),
    "delete": _delete,
    "trash_folder": lambda drive, event: _set_trashed(drive, _folder(drive, event), trashed=True),
    "untrash_folder": lambda drive, event: _set_trashed(drive, _folder(drive, event), trashed=False),
    "rename_folder": _rename_folder,
    "share": lambda drive, event: _give(drive, _file(drive, event), _permission(drive, event)),
    "unshare": lambda drive, event: _take(drive, _file(drive, event), _permission(drive, event)),
    "share_folder": lambda drive, event: _give(drive, _folder(drive, event), _permission(drive, event)),
    "unshare_folder": lambda drive, event: _take(drive, _folder(drive, event), _permission(drive, event)),
    "limit_folder": lambda drive, event: _limit(drive, event, limited=True),
    "unlimit_folder": lambda drive, event: _limit(drive, event, limited=False),
    "drive_member_add": lambda drive, event: _give(
        drive, _drive_root(drive, event), _permission(drive, event)
    ),
    "drive_member_remove": lambda drive, event: _take(
        drive, _drive_root(drive, event), _permission(drive, event)
    ),
    "group_add": lambda drive, event: _group(drive, event, member=True),
    "group_remove": lambda drive, event: _group(drive, event, member=False),
    "transfer_owner": _transfer,
    "clock": _clock,
}
