"""files, permissions, drives and about."""

import asyncio
import re
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from local.drive.errors import ApiError, invalid, not_found
from local.drive.export import EXPORT_LIMIT, OFFERED, NotConvertible, convert
from local.drive.items import Item
from local.drive.listing import DEFAULT_PAGE, MAX_PAGE, Wanted
from local.drive.resources import drive_json, file_json, permissions_of, user_json
from local.drive.service import Call
from local.drive.viewers import CONTENT_SCOPES

FILE_FIELDS = "kind,id,name,mimeType,resourceKey"
PERMISSION_PAGE = 100
CORPORA = {"user", "domain", "drive", "allDrives"}


def _wanted(call: Call) -> Wanted:
    """What a list request asks for. Raises ApiError (400, 403, 404)."""
    drive_id = call.text("driveId") or call.text("teamDriveId")
    corpora = call.text("corpora") or ("drive" if drive_id else "user")
    with_drives = call.flag("includeItemsFromAllDrives") or call.flag("includeTeamDriveItems")
    if corpora not in CORPORA:
        raise invalid("corpora")
    if (corpora == "drive") != bool(drive_id):
        raise ApiError(
            400, "invalid", "A driveId goes with corpora=drive, and only with it.", location="corpora"
        )
    if with_drives and not call.all_drives:
        reason = "includeItemsFromAllDrives needs supportsAllDrives=true."
        raise ApiError(403, "teamDrivesNotSupported", reason, location="supportsAllDrives")
    if corpora in {"drive", "allDrives"} and not with_drives:
        reason = "These corpora need includeItemsFromAllDrives=true and supportsAllDrives=true."
        raise ApiError(403, "teamDriveQueryRequiresItems", reason, location="includeItemsFromAllDrives")
    if set((call.text("spaces") or "drive").split(",")) - {"drive", "appDataFolder", "photos"}:
        raise invalid("spaces")
    if drive_id:
        _drive_root(call, drive_id)
    return Wanted(call.text("q"), corpora, drive_id, with_drives, call.text("orderBy"))


async def list_files(call: Call) -> Response:
    """GET files."""
    mask = call.mask(f"kind,nextPageToken,incompleteSearch,files({FILE_FIELDS})", "fileList")
    wanted, size = _wanted(call), call.size(DEFAULT_PAGE, MAX_PAGE)
    items, token = call.service.listings.page(call.sight, wanted, call.text("pageToken"), size)
    inside = mask.of("files")
    files = [await file_json(call.sight, item, inside) for item in items] if "files" in mask else []
    answer = {"kind": "drive#fileList", "incompleteSearch": False}
    answer |= {"files": files} if "files" in mask else {}
    answer |= {"nextPageToken": token} if token else {}
    return JSONResponse({name: one for name, one in answer.items() if name in mask})


async def get_file(call: Call) -> Response:
    """GET files/{id}: its metadata, or with alt=media its bytes."""
    item = call.item(call.request.path_params["id"])
    if call.text("alt") == "media":
        return await _download(call, item)
    mask = call.mask(FILE_FIELDS, "file")
    return JSONResponse(await file_json(call.sight, item, mask))


async def _download(call: Call, item: Item) -> Response:
    """The bytes, whole or the range asked for (RFC 9110 14.2)."""
    call.sight.viewer.needs(CONTENT_SCOPES)
    if item.is_native:
        message = "Only files with binary content can be downloaded. Use Export with Docs Editors files."
        raise ApiError(403, "fileNotDownloadable", message, location="alt")
    if not call.sight.copies(item):
        raise ApiError(403, "cannotDownloadFile", "This file cannot be downloaded by the user.")
    try:
        content = await call.drive.read(item)
    except FileNotFoundError:
        raise not_found(item.id) from None
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(item.name)}",
    }
    asked = call.request.headers.get("range")
    if not asked:
        return Response(content, headers=headers, media_type=item.mime)
    first, last = _range(asked, len(content))
    if first > last:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return Response(b"", 416, headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers, media_type=item.mime)


def _range(asked: str, size: int) -> tuple[int, int]:
    """First and last byte of a single range; first > last when it cannot be met."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", asked.replace(" ", ""))
    if match is None or match.group(0) == "bytes=-":
        return 0, size - 1
    if not match[1]:
        return max(0, size - int(match[2])), size - 1
    return int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)


async def _converted(call: Call, item: Item, wanted: str) -> bytes:
    """The item's content in another type. Raises ApiError."""
    call.sight.viewer.needs(CONTENT_SCOPES)
    if item.mime not in OFFERED:
        raise ApiError(403, "fileNotExportable", "Export only supports Docs Editors files.")
    if not call.sight.copies(item):
        raise ApiError(403, "cannotExportFile", "This file cannot be exported by the user.")
    if wanted not in OFFERED[item.mime] and wanted != item.stored_mime:
        message = "The requested conversion is not supported."
        raise ApiError(400, "badRequest", message, location="convertTo")
    try:
        content = await call.drive.read(item)
        return await asyncio.to_thread(convert, content, item.stored_mime, wanted)
    except FileNotFoundError:
        raise not_found(item.id) from None
    except NotConvertible as error:
        raise ApiError(501, "notImplemented", f"This stand-in cannot convert {error}.") from None


async def export_file(call: Call) -> Response:
    """GET files/{id}/export: at most 10 MB."""
    item, wanted = call.item(call.request.path_params["id"]), call.text("mimeType")
    if not wanted:
        raise ApiError(400, "required", "Required parameter: mimeType", location="mimeType")
    content = await _converted(call, item, wanted)
    if len(content) > EXPORT_LIMIT:
        message = "This file is too large to be exported."
        raise ApiError(403, "exportSizeLimitExceeded", message)
    return Response(content, media_type=wanted)


async def export_link(call: Call) -> Response:
    """GET /export/{id}: where exportLinks and files.download point to; it has no size limit."""
    item = call.drive.tree.get(call.request.path_params["id"])
    if item is None or not call.sight.sees(item):
        raise not_found(call.request.path_params["id"])
    if item.is_native:
        wanted = call.text("mimeType")
        return Response(await _converted(call, item, wanted), media_type=wanted)
    return await _download(call, item)


async def start_download(call: Call) -> Response:
    """POST files/{id}/download: the long-running operation, done at once."""
    item, wanted = call.item(call.request.path_params["id"]), call.text("mimeType")
    if item.is_native:
        await _converted(call, item, wanted)
    uri = f"{call.service.base}export/{item.id}" + (f"?mimeType={quote(wanted)}" if wanted else "?alt=media")
    kind = "type.googleapis.com/google.apps.drive.v3.DownloadFileResponse"
    response = {"@type": kind, "downloadUri": uri, "partialDownloadAllowed": not item.is_native}
    return JSONResponse({"name": f"operations/{item.id}", "done": True, "response": response})


async def list_permissions(call: Call) -> Response:
    """GET files/{id}/permissions: for those who may share the item, and for members of its shared drive."""
    item = call.item(call.request.path_params["id"])
    if not item.drive_id and not call.sight.shares(item):
        message = "The user does not have sufficient permissions for this file."
        raise ApiError(403, "insufficientFilePermissions", message)
    mask = call.mask("kind,nextPageToken,permissions(kind,id,type,role)", "permissionList")
    found = permissions_of(call.sight, item)
    size = call.size(PERMISSION_PAGE if item.drive_id else max(len(found), 1), PERMISSION_PAGE)
    if not call.text("pageSize") and not item.drive_id:
        size = max(len(found), 1)
    start = call.text("pageToken") or "0"
    if not start.isdecimal():
        raise invalid("pageToken")
    page, rest = found[int(start) : int(start) + size], int(start) + size < len(found)
    answer = {"kind": "drive#permissionList", "permissions": page}
    answer |= {"nextPageToken": str(int(start) + size)} if rest else {}
    return JSONResponse(mask.pick(answer))


async def get_permission(call: Call) -> Response:
    """GET files/{id}/permissions/{permission}."""
    item = call.item(call.request.path_params["id"])
    wanted = call.request.path_params["permission"]
    if not item.drive_id and not call.sight.shares(item):
        message = "The user does not have sufficient permissions for this file."
        raise ApiError(403, "insufficientFilePermissions", message)
    for one in permissions_of(call.sight, item):
        if one["id"] == wanted:
            return JSONResponse(call.mask("kind,id,type,role", "permission").pick(one))
    raise ApiError(404, "notFound", f"Permission not found: {wanted}.", location="permissionId")


def _drive_root(call: Call, drive_id: str) -> Item:
    root = call.drive.tree.get(drive_id) if drive_id in call.drive.tree.drives else None
    if root is None or not call.sight.sees(root):
        raise not_found(drive_id, "driveId")
    return root


async def list_drives(call: Call) -> Response:
    """GET drives: the shared drives that the viewer is a member of."""
    mask = call.mask("kind,nextPageToken,drives(kind,id,name)", "driveList")
    roots = [call.drive.tree.get(one) for one in sorted(call.drive.tree.drives)]
    found = [drive_json(one, call.sight) for one in roots if one and call.sight.sees(one)]
    size, start = call.size(10, PERMISSION_PAGE), call.text("pageToken") or "0"
    if not start.isdecimal():
        raise invalid("pageToken")
    end = int(start) + size
    answer = {"kind": "drive#driveList", "drives": found[int(start) : end]}
    return JSONResponse(mask.pick(answer | ({"nextPageToken": str(end)} if end < len(found) else {})))


async def get_drive(call: Call) -> Response:
    """GET drives/{id}."""
    root = _drive_root(call, call.request.path_params["id"])
    return JSONResponse(call.mask("kind,id,name", "drive").pick(drive_json(root, call.sight)))


async def about(call: Call) -> Response:
    """GET about: who asks, and what can be exported; `fields` is required, as in Drive."""
    if not call.text("fields"):
        message = "The 'fields' parameter is required for this method."
        raise ApiError(400, "required", message, location="fields")
    viewer = call.sight.viewer
    found = {
        "kind": "drive#about",
        "user": user_json(viewer.email, viewer),
        "storageQuota": {"usage": str(sum(item.size for item in call.drive.tree))},
        "exportFormats": {kind: list(offered) for kind, offered in OFFERED.items()},
        "importFormats": {},
        "maxUploadSize": "5242880000000",
        "appInstalled": True,
        "canCreateDrives": False,
    }
    return JSONResponse(call.mask("*", "about").pick(found))


async def refuse_writing(call: Call) -> Response:
    """Whatever would change the Drive: this product reads only, and events come through another door."""
    _ = call
    message = "This stand-in's API is read-only; use `python -m local drive` to change the Drive."
    raise ApiError(501, "notImplemented", message)
