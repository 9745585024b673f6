"""Drive v3's resources as JSON, as one viewer may see them."""

from dataclasses import dataclass
from typing import Any

from local.drive.engine import Drive
from local.drive.export import OFFERED
from local.drive.items import FOLDER, SHORTCUT, Item, Permission, timestamp
from local.drive.rights import Grant, Standing
from local.drive.viewers import Viewer
from local.fields import Mask

CONNECTOR = Standing("organizer", listed=True)
_EDITORS = {
    "document": "https://docs.google.com/document/d/{}/edit?usp=drivesdk",
    "spreadsheet": "https://docs.google.com/spreadsheets/d/{}/edit?usp=drivesdk",
    "presentation": "https://docs.google.com/presentation/d/{}/edit?usp=drivesdk",
    "folder": "https://drive.google.com/drive/folders/{}",
}


@dataclass(frozen=True)
class Sight:
    """A Drive through the eyes of one viewer."""

    drive: Drive
    viewer: Viewer
    base: str
    """http://127.0.0.1:PORT/, for links that this stand-in serves."""

    def standing(self, item: Item) -> Standing:
        """What the viewer may do with the item. The connector has every folder shared with it."""
        if self.viewer.connector:
            return CONNECTOR
        if item.id == self.drive.tree.root.id:
            return Standing("reader")
        return self.drive.rights.standing(item, self.viewer.email)

    def sees(self, item: Item) -> bool:
        """Whether the viewer may read the item when asking by id."""
        return self.standing(item).role != ""

    def finds(self, item: Item) -> bool:
        """Whether lists show it: a link alone does not, and trash is listed to owners and managers only."""
        standing = self.standing(item)
        if not standing.listed:
            return False
        manages = standing.at_least("fileOrganizer") if item.drive_id else standing.role == "owner"
        return manages or self.viewer.connector or not self.drive.tree.in_trash(item)

    def shares(self, item: Item) -> bool:
        """Whether the viewer may see and change who has access."""
        return self.standing(item).at_least("writer")

    def copies(self, item: Item) -> bool:
        """Whether the viewer may download or export it."""
        return not item.no_copy or self.standing(item).at_least("writer")


def user_json(email: str, viewer: Viewer) -> dict[str, Any]:
    """A User resource."""
    name = email.partition("@")[0].replace(".", " ").title()
    mine = {"me": email == viewer.email}
    person = Permission("user", "reader", email)
    return (
        {"kind": "drive#user", "displayName": name}
        | mine
        | {"permissionId": person.id, "emailAddress": email}
    )


def merged(grants: tuple[Grant, ...]) -> list[tuple[Grant, list[Grant]]]:
    """One entry a principal, as Drive lists them: the best grant, and all that it was made of."""
    by_principal: dict[tuple[str, str, str], list[Grant]] = {}
    for grant in grants:
        by_principal.setdefault((*grant.permission.principal, grant.permission.view), []).append(grant)
    return [(found[0], found) for found in by_principal.values()]


def permission_json(best: Grant, parts: list[Grant], item: Item) -> dict[str, Any]:
    """A Permission resource, with what is inherited told apart in permissionDetails."""
    permission = best.permission
    role = "writer" if best.inherited and permission.role == "owner" else permission.role
    found: dict[str, Any] = {"kind": "drive#permission", "id": permission.id, "type": permission.type}
    found["role"] = role
    if permission.type in {"user", "group"}:
        found["emailAddress"] = permission.address
        found["displayName"] = permission.address.partition("@")[0].replace(".", " ").title()
        found["deleted"] = False
    if permission.type == "user":
        found["pendingOwner"] = False
    if permission.type == "domain":
        found |= {"domain": permission.address, "displayName": permission.address}
    if permission.type in {"domain", "anyone"}:
        found["allowFileDiscovery"] = permission.discoverable
    if permission.expires:
        found["expirationTime"] = permission.expires
    if permission.view:
        found["view"] = permission.view
    if item.drive_id or any(part.inherited for part in parts):
        found["permissionDetails"] = [_detail(part, item) for part in parts]
    return found


def _detail(grant: Grant, item: Item) -> dict[str, Any]:
    role = "writer" if grant.inherited and grant.permission.role == "owner" else grant.permission.role
    kind = "member" if item.drive_id and grant.source == item.drive_id else "file"
    detail = {"permissionType": kind, "role": role, "inherited": grant.inherited}
    return detail | ({"inheritedFrom": grant.source} if grant.inherited else {})


def permissions_of(sight: Sight, item: Item) -> list[dict[str, Any]]:
    """Every permission of an item; those that ran out are no longer listed."""
    now = sight.drive.now()
    grants = tuple(
        grant
        for grant in sight.drive.rights.grants(item)
        if grant.permission.view or sight.drive.rights.applies(grant.permission, now)
    )
    return [permission_json(best, parts, item) for best, parts in merged(grants)]


def drive_json(root: Item, sight: Sight) -> dict[str, Any]:
    """A shared drive."""
    standing = sight.standing(root)
    manages, edits = standing.at_least("organizer"), standing.at_least("writer")
    return {
        "kind": "drive#drive",
        "id": root.id,
        "name": root.name,
        "createdTime": root.created or timestamp(0),
        "hidden": False,
        "capabilities": {
            "canListChildren": True,
            "canDownload": True,
            "canCopy": True,
            "canReadRevisions": True,
            "canComment": standing.at_least("commenter"),
            "canAddChildren": edits,
            "canRename": edits,
            "canManageMembers": manages,
            "canShare": manages,
        },
        "restrictions": {"domainUsersOnly": False, "driveMembersOnly": False},
    }


def _capabilities(sight: Sight, item: Item) -> dict[str, bool]:
    standing = sight.standing(item)
    edits, copies = standing.at_least("writer"), sight.copies(item)
    return {
        "canListChildren": item.is_folder,
        "canDownload": copies and not item.is_folder,
        "canCopy": copies and not item.is_folder,
        "canReadRevisions": edits and not item.is_folder,
        "canComment": standing.at_least("commenter"),
        "canEdit": edits,
        "canRename": edits,
        "canShare": edits,
        "canAddChildren": edits and item.is_folder,
        "canTrash": standing.at_least("fileOrganizer"),
        "canUntrash": standing.at_least("fileOrganizer"),
        "canDelete": standing.at_least("organizer"),
    }


def _link(item: Item) -> str:
    kind = item.mime.rpartition(".")[2] if item.is_native else ""
    return item.link or _EDITORS.get(kind, "https://drive.google.com/file/d/{}/view?usp=drivesdk").format(
        item.id
    )


def _ownership(sight: Sight, item: Item) -> dict[str, Any]:
    """Fields that only items of My Drive have."""
    me = sight.viewer
    if item.drive_id:
        return {}
    owned = bool(item.owner) and item.owner == me.email
    found: dict[str, Any] = {"ownedByMe": owned, "owners": []}
    if item.owner:
        found["owners"] = [user_json(item.owner, me)]
        found["lastModifyingUser"] = user_json(item.owner, me)
    if not owned and sight.standing(item).listed:
        found["sharedWithMeTime"] = item.created
    return found


def _binary(item: Item) -> dict[str, Any]:
    """Fields that only items with bytes of their own have."""
    suffix = item.name.rpartition(".")[2] if "." in item.name else ""
    return {
        "originalFilename": item.name,
        "fileExtension": suffix,
        "fullFileExtension": suffix,
        "size": str(item.size),
        "quotaBytesUsed": str(item.size),
        "headRevisionId": f"{item.id[:12]}{item.content[:16] or f'{item.mtime_ns:x}'}",
        "webContentLink": f"https://drive.google.com/uc?id={item.id}&export=download",
    }


def _plain(sight: Sight, item: Item) -> dict[str, Any]:
    """The fields that cost nothing to know."""
    drive = sight.drive
    trashed = drive.tree.in_trash(item)
    found: dict[str, Any] = {"kind": "drive#file", "id": item.id, "name": item.name, "mimeType": item.mime}
    found |= {"starred": sight.viewer.email in item.starred, "trashed": trashed}
    found |= {"explicitlyTrashed": item.trashed, "spaces": ["drive"], "version": str(item.version)}
    found |= {"createdTime": item.created, "modifiedTime": item.modified, "webViewLink": _link(item)}
    found |= {"viewedByMe": False, "copyRequiresWriterPermission": item.no_copy, "writersCanShare": True}
    found |= {"inheritedPermissionsDisabled": item.limited, "isAppAuthorized": True}
    found |= {"hasThumbnail": False, "thumbnailVersion": "0", "viewersCanCopyContent": not item.no_copy}
    parent = drive.tree.get(item.parent)
    if parent is not None and sight.sees(parent):
        found["parents"] = [item.parent]
    if trashed and item.trashed_at:
        found["trashedTime"] = item.trashed_at
    if item.description:
        found["description"] = item.description
    if item.drive_id:
        found |= {"driveId": item.drive_id, "teamDriveId": item.drive_id}
    if item.resource_key:
        found["resourceKey"] = item.resource_key
    if item.mime == SHORTCUT:
        found["shortcutDetails"] = {"targetId": item.target_id, "targetMimeType": item.target_mime}
    if item.mime in OFFERED:
        links = {kind: f"{sight.base}export/{item.id}?mimeType={kind}" for kind in OFFERED[item.mime]}
        found["exportLinks"] = links
    return found


async def file_json(sight: Sight, item: Item, mask: Mask) -> dict[str, Any]:
    """A File resource, cut to the mask; checksums and access lists are worked out only when wanted."""
    found = _plain(sight, item) | _ownership(sight, item)
    if not item.is_native:
        found |= _binary(item)
    elif item.mime not in {FOLDER, SHORTCUT}:
        found |= {"quotaBytesUsed": str(item.size), "size": str(item.size)}
    if ("md5Checksum" in mask or "sha256Checksum" in mask) and not item.is_native:
        md5, sha256 = await sight.drive.checksums(item)
        found |= {"md5Checksum": md5, "sha256Checksum": sha256}
    if "capabilities" in mask:
        found["capabilities"] = _capabilities(sight, item)
    if (
        "shared" in mask
        or "permissionIds" in mask
        or "permissions" in mask
        or "hasAugmentedPermissions" in mask
    ):
        listed = permissions_of(sight, item)
        found |= {"shared": len(listed) > 1, "permissionIds": [one["id"] for one in listed]}
        if item.drive_id:
            found["hasAugmentedPermissions"] = any(
                not one.inherited for one in sight.drive.rights.grants(item)
            )
        elif sight.shares(item):
            found["permissions"] = listed
    picked: dict[str, Any] = mask.pick(found)
    return picked
