"""Making the tree of a Drive from the served folder and its sidecar."""

import unicodedata
from functools import cached_property
from typing import Any

from local.drive.items import (
    FOLDER,
    GOOGLE,
    SHORTCUT,
    Item,
    Permission,
    guess_mime,
    moment,
    stable_id,
    timestamp,
)
from local.drive.rights import Grant, Rights
from local.drive.sidecar import Listed, Sidecar, clean_path, read_list
from local.drive.tree import Tree


def _owner(email: str) -> Permission:
    return Permission("user", "owner", email)


def _with_owner(listed: Listed, owner: str) -> Listed:
    """The list with the owner in it, whom Drive always lists."""
    named = any(one.role == "owner" for one in listed.direct)
    return listed if named or not owner else Listed((_owner(owner), *listed.direct), listed.inherited)


class Builder:
    """Puts items into a tree. Without a sidecar every one of `people` may read everything."""

    def __init__(self, tree: Tree, rights: Rights, sidecar: Sidecar | None, people: tuple[str, ...]) -> None:
        self._tree, self._rights, self._people = tree, rights, people
        self._open = sidecar is None
        self.sidecar = sidecar or Sidecar()
        self._lists: dict[str, Listed] = {}
        self._start = self.sidecar.reference_time or "1970-01-01T00:00:00Z"
        self._folders: dict[str, Item] = {}
        self._building = True

    @cached_property
    def _by_place(self) -> dict[str, str]:
        """Sidecar keys by the other spellings under which a file on disk may belong to them."""
        found: dict[str, str] = {}
        for key, entry in self.sidecar.files.items():
            name = str(entry.get("name") or key.rpartition("/")[2])
            for spelling in (f"{entry.get('folder') or ''}/{name}", key):
                found.setdefault(unicodedata.normalize("NFC", clean_path(spelling)), key)
        return found

    def key_of(self, path: str) -> str:
        """The sidecar key of a file on disk: its path, its place in the Drive, or its bare name."""
        plain = unicodedata.normalize("NFC", path)
        name = plain.rpartition("/")[2]
        if path in self.sidecar.files:
            return path
        return self._by_place.get(plain) or (name if name in self.sidecar.files else path)

    def build(self) -> None:
        """The roots, the shared drives, the folders and the shortcuts; files come after with `add_file`."""
        if self._open:
            root = self._tree.root
            root.owner = self._people[0]
            root.permissions = [_owner(self._people[0])]
            root.permissions += [Permission("user", "reader", email) for email in self._people[1:]]
        for name, entry in self.sidecar.shared_drives.items():
            self._add_drive(name, entry)
        for path in sorted(self.sidecar.folders, key=lambda one: one.count("/")):
            self._add_folder(path, self.sidecar.folders[path])

    def _add_drive(self, name: str, entry: dict[str, Any]) -> None:
        drive_id = str(entry.get("id") or "0A" + stable_id("drive", name)[:15] + "PVA")
        root = Item(drive_id, f"drive:{name}", name, FOLDER, drive_id=drive_id)
        root.permissions = list(read_list(entry.get("members")).direct)
        root.created = root.modified = moment(self._start)
        self._tree.add(root)
        self._tree.drives[drive_id] = self._place(drive_id, name)

    def _place(self, drive_id: str, name: str) -> str:
        """Where a shared drive hangs in the paths: at the folder with its id, at its name, or at the top."""
        mine = [path for path, one in self.sidecar.folders.items() if one.get("driveId") == drive_id]
        mine += [
            clean_path(one.get("folder") or key.rpartition("/")[0])
            for key, one in self.sidecar.files.items()
            if one.get("driveId") == drive_id
        ]
        for path, one in self.sidecar.folders.items():
            if one.get("id") == drive_id:
                return path
        for place in (name, f"Shared drives/{name}"):
            if not mine or any(path == place or path.startswith(place + "/") for path in mine):
                return place
        return ""

    def _add_folder(self, path: str, entry: dict[str, Any]) -> None:
        """A folder as the sidecar has it: lists on folders add to what flows down, unless it is limited."""
        drive_id = str(entry.get("driveId") or "")
        if path in self._tree.drives.values() and (not drive_id or self._tree.drives.get(drive_id) == path):
            self._extend_drive(path, entry)
            return
        above, _, name = path.rpartition("/")
        parent = self._tree.folder_at(above, moment(self._start))
        if drive_id and parent.drive_id != drive_id:
            parent = self._tree.get(drive_id) or parent
        folder = Item(str(entry.get("id") or stable_id("folder", path)), path, name, FOLDER, parent.id)
        folder.owner = "" if drive_id else str(entry.get("owner") or "").lower()
        folder.drive_id = drive_id or parent.drive_id
        folder.limited = bool(entry.get("inheritedPermissionsDisabled"))
        folder.trashed = bool(entry.get("trashed"))
        folder.created = folder.modified = moment(str(entry.get("modifiedTime") or self._start))
        self._tree.add(folder)
        listed = _with_owner(read_list(entry.get("permissions")), folder.owner)
        flowing = {grant.permission.principal: grant for grant in self._rights.grants(folder)}
        kept = [] if folder.limited else [one for one in listed.inherited if one.principal not in flowing]
        folder.permissions = [
            *(
                one
                for one in listed.direct
                if one.principal not in listed.unmarked or not _flows(one, flowing.get(one.principal))
            ),
            *kept,
        ]
        self._rights.changed()

    def _extend_drive(self, path: str, entry: dict[str, Any]) -> None:
        """The entry of a shared drive's own root folder: what it lists are members."""
        drive_id = next(one for one, place in self._tree.drives.items() if place == path)
        root = self._tree.get(drive_id)
        if root is not None:
            known = {one.principal for one in root.permissions}
            listed = read_list(entry.get("permissions"))
            root.permissions += [one for one in listed.direct if one.principal not in known]

    def add_file(self, path: str, size: int, mtime_ns: int) -> Item:
        """The item of a file on disk, put in its place with its rights."""
        key = self.key_of(path)
        entry = self.sidecar.files.get(key, {})
        if self._open:
            entry = {"owner": self._people[0]}
        modified = "" if moment(str(entry.get("modifiedTime") or "")) else timestamp(mtime_ns / 1e9)
        item = self.make_file(key, entry, modified)
        item.path, item.size, item.mtime_ns = path, size, mtime_ns
        return item

    def make_file(self, key: str, entry: dict[str, Any], modified: str = "") -> Item:
        """An item with the rights that a sidecar entry lists, or, when it lists none, those of its folder."""
        below, _, base = key.rpartition("/")
        folder = self._folder(str(entry.get("folder", below) or ""))
        parent = next((one for one in map(self._known, entry.get("parents") or ()) if one), folder)
        drive_id = str(entry.get("driveId") or "")
        if drive_id and parent.drive_id != drive_id:
            parent = self._tree.get(drive_id) or parent
        name = str(entry.get("name") or unicodedata.normalize("NFC", base))
        stored = str(entry.get("mimeType") or guess_mime(name))
        item = Item(str(entry.get("id") or stable_id("file", key)), key, name, stored, parent.id)
        native = str(entry.get("nativeMimeType") or "")
        if native.startswith(GOOGLE):
            item.mime, item.stored_mime = native, stored
        item.drive_id = drive_id or parent.drive_id
        item.owner = "" if item.drive_id else str(entry.get("owner") or "").lower()
        item.trashed = bool(entry.get("trashed"))
        item.limited = bool(entry.get("inheritedPermissionsDisabled"))
        item.modified = moment(str(entry.get("modifiedTime") or "")) or modified or moment(self._start)
        item.created = moment(str(entry.get("createdTime") or "")) or item.modified
        item.link = str(entry.get("webViewLink") or "")
        item.resource_key = str(entry.get("resourceKey") or "")
        item.no_copy = bool(entry.get("copyRequiresWriterPermission"))
        item.description = str(entry.get("description") or "")
        self._tree.add(item)
        self._settle(item, entry.get("permissions"))
        return item

    def _folder(self, path: str) -> Item:
        """The folder at a path, looked up once for each path while the Drive is built."""
        folder = self._folders.get(path) if self._building else None
        if folder is None:
            folder = self._tree.folder_at(path, moment(self._start))
            if self._building:
                self._folders[path] = folder
        return folder

    def _known(self, folder_id: object) -> Item | None:
        found = self._tree.get(str(folder_id))
        return found if found and found.is_folder else None

    def _settle(self, item: Item, raw: object) -> None:
        """Split a file's complete list into its own entries and what flows from folders.

        What flows from above but is not in the list does not reach the file.
        """
        listed = self._read_list(raw)
        if not listed.direct and not listed.inherited:
            item.permissions = [_owner(item.owner)] if item.owner else []
            return
        self._rights.changed_item(item)
        grants = self._rights.grants(item)
        flowing = {grant.permission.principal: grant for grant in grants}
        own = [
            one
            for one in listed.direct
            if one.principal not in listed.unmarked or not _flows(one, flowing.get(one.principal))
        ]
        own += [one for one in listed.inherited if not _comes(one, flowing.get(one.principal))]
        item.permissions = list(_with_owner(Listed(tuple(own), ()), item.owner).direct)
        if grants:
            named = {one.principal: one for one in (*listed.direct, *listed.inherited)}
            item.withheld = [
                f"{grant.source}:{grant.permission.id}"
                for grant in grants
                if not _comes(named.get(grant.permission.principal), grant)
            ]
        self._rights.changed_item(item)

    def _read_list(self, raw: object) -> Listed:
        """An access list; those that are written alike are read once, since most are."""
        spelled = repr(raw)
        if spelled not in self._lists:
            self._lists[spelled] = read_list(raw)
        return self._lists[spelled]

    def add_shortcuts(self) -> None:
        """The shortcuts, once their targets are there; this ends the building."""
        for entry in self.sidecar.shortcuts:
            self._add_shortcut(entry)
        self._building = False
        self._folders.clear()

    def _add_shortcut(self, entry: dict[str, Any]) -> None:
        details = entry.get("shortcutDetails") or {}
        target = self._tree.by_key(str(details.get("targetDocId") or ""))
        target = target or self._tree.get(str(details.get("targetId") or ""))
        name, folder = str(entry.get("name") or ""), str(entry.get("folder") or "")
        key = f"shortcut:{clean_path(f'{folder}/{name}')}"
        item = self.make_file(key, {**entry, "name": name, "mimeType": SHORTCUT, "folder": folder}, "")
        item.target_id = str(details.get("targetId") or (target.id if target else ""))
        item.target_mime = str(details.get("targetMimeType") or (target.mime if target else ""))


def _flows(own: Permission, grant: Grant | None) -> bool:
    """Whether an entry without details is the one that flows from a folder above."""
    return grant is not None and own.role == grant.permission.role != "owner" and _comes(own, grant)


def _comes(entry: Permission | None, grant: Grant | None) -> bool:
    """Whether a listed entry and a grant from above are about the same person for the same time."""
    return entry is not None and grant is not None and entry.expires == grant.permission.expires
