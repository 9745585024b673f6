"""Drive v3's resources as ingestion's values."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.ingestion.drive import FeedEntry, Grant, Item

PERMISSION_FIELDS = (
    "id,type,role,emailAddress,domain,allowFileDiscovery,expirationTime,deleted,view,permissionDetails"
)
FILE_FIELDS = (
    "id,name,mimeType,md5Checksum,modifiedTime,size,webViewLink,parents,trashed,driveId,sharedWithMeTime,"
    "resourceKey,shortcutDetails(targetId,targetMimeType,targetResourceKey),"
    f"inheritedPermissionsDisabled,hasAugmentedPermissions,permissionIds,permissions({PERMISSION_FIELDS})"
)
CHANGE_FIELDS = (
    "nextPageToken,newStartPageToken,"
    f"changes(changeType,removed,fileId,driveId,time,file({FILE_FIELDS}),drive(id))"
)


def item_of(found: Mapping[str, Any]) -> Item:
    """The item that a File resource describes."""
    shortcut = found.get("shortcutDetails") or {}
    listed = found.get("permissions")
    return Item(
        id=found["id"],
        name=found.get("name", ""),
        mime_type=found.get("mimeType", ""),
        content=found.get("md5Checksum") or found.get("modifiedTime", ""),
        size=int(found.get("size", 0)),
        modified=found.get("modifiedTime", ""),
        link=found.get("webViewLink", ""),
        trashed=bool(found.get("trashed")),
        parents=tuple(found.get("parents", ())),
        drive_id=found.get("driveId", ""),
        shared=bool(found.get("sharedWithMeTime")),
        sharing=_sharing(found),
        grants=None if listed is None else grants_of(listed),
        target=shortcut.get("targetId", ""),
        target_type=shortcut.get("targetMimeType", ""),
        resource_key=shortcut.get("targetResourceKey") or found.get("resourceKey", ""),
    )


def entry_of(change: Mapping[str, Any]) -> FeedEntry:
    """The feed's entry that a Change resource describes."""
    if change.get("changeType") == "drive":
        return FeedEntry(change["driveId"], None, drive=True)
    shown = change.get("file")
    gone = change.get("removed") or not shown
    return FeedEntry(change["fileId"], None if gone or shown is None else item_of(shown))


def grants_of(permissions: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """The permissions that let somebody read the content; what is unknown grants nothing."""
    return tuple(grant for entry in permissions if (grant := _grant(entry)))


def _grant(entry: Mapping[str, Any]) -> Grant | None:
    if entry.get("deleted") or entry.get("view"):
        return None  # a "view" shows the name or the published copy, not the content
    kind, address, findable = entry.get("type"), "", True
    if kind in ("user", "group"):
        address = str(entry.get("emailAddress", "")).lower()
    elif kind == "domain":
        address = str(entry.get("domain", "")).lower()
    if kind in ("domain", "anyone"):
        findable = bool(entry.get("allowFileDiscovery"))
    if kind not in ("user", "group", "domain", "anyone") or (kind != "anyone" and not address):
        return None
    details = entry.get("permissionDetails") or [{}]
    own = any(not detail.get("inherited") for detail in details)
    expires = entry.get("expirationTime")
    return Grant(
        kind,
        address,
        str(entry.get("role", "reader")),
        findable,
        datetime.fromisoformat(expires) if expires else None,
        "" if own else str(details[0].get("inheritedFrom", "")),
    )


def _sharing(found: Mapping[str, Any]) -> str:
    """Changes whenever what is shown of the permissions does."""
    shown = [
        sorted(json.dumps(entry, sort_keys=True) for entry in found.get("permissions") or ()),
        sorted(found.get("permissionIds") or ()),
        bool(found.get("inheritedPermissionsDisabled")),
        bool(found.get("hasAugmentedPermissions")),
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
