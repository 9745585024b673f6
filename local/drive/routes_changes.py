"""changes and channels."""

import re
from typing import Any

from starlette.responses import JSONResponse, Response

from local.drive.channels import FILES_SECONDS
from local.drive.errors import ApiError, invalid, not_found
from local.drive.resources import drive_json, file_json
from local.drive.service import Call
from local.drive.store import Change
from local.fields import Mask

MAX_PAGE = 1000
DEFAULT_PAGE = 100
CHANGE_FIELDS = (
    "kind,type,changeType,time,removed,fileId,driveId,file(kind,id,name,mimeType),drive(kind,id,name)"
)


def _drive_id(call: Call) -> str:
    """The shared drive whose feed is asked for. Raises ApiError (404)."""
    drive_id = call.text("driveId") or call.text("teamDriveId")
    root = call.drive.tree.get(drive_id) if drive_id in call.drive.tree.drives else None
    if drive_id and (root is None or not call.sight.sees(root)):
        raise not_found(drive_id, "driveId")
    return drive_id


async def start_page_token(call: Call) -> Response:
    """GET changes/startPageToken."""
    _drive_id(call)
    token = str(call.drive.store.last_change() + 1)
    mask = call.mask("kind,startPageToken", "startPageToken")
    return JSONResponse(mask.pick({"kind": "drive#startPageToken", "startPageToken": token}))


def _position(call: Call) -> tuple[int, int]:
    """Where the feed is read from: the start of this reading, and the page. Raises ApiError (400)."""
    token = call.text("pageToken")
    match = re.fullmatch(r"(\d{1,18})(?:~(\d{1,18}))?", token)
    last = call.drive.store.last_change()
    if not token:
        raise ApiError(400, "required", "Required parameter: pageToken", location="pageToken")
    if not match or int(match[1]) > last + 1 or int(match[2] or 0) > last + 1:
        raise invalid("pageToken")
    start = int(match[1])
    if start < int(call.drive.store.fact("first") or 0):
        raise invalid("pageToken")
    return start, int(match[2] or start)


def _feed(call: Call) -> str | None:
    """Which drive's changes: None takes all, "" only those of My Drive."""
    drive_id = _drive_id(call)
    if drive_id:
        return drive_id
    with_drives = call.flag("includeItemsFromAllDrives") or call.flag("includeTeamDriveItems")
    return None if with_drives and not call.flag("restrictToMyDrive") else ""


async def list_changes(call: Call) -> Response:
    """GET changes: the latest change of each item since the token; the last page has the new start token."""
    default = f"kind,nextPageToken,newStartPageToken,changes({CHANGE_FIELDS})"
    mask = call.mask(default, "changeList")
    start, position = _position(call)
    size, last = call.size(DEFAULT_PAGE, MAX_PAGE), call.drive.store.last_change()
    found = call.drive.store.changes(start, position, _feed(call), size + 1)
    inside = mask.of("changes")
    shown = [await _change_json(call, change, inside) for change in found[:size]]
    answer: dict[str, Any] = {"kind": "drive#changeList", "changes": [one for one in shown if one]}
    if len(found) > size:
        answer["nextPageToken"] = f"{start}~{found[size - 1].seq + 1}"
    else:
        answer["newStartPageToken"] = str(last + 1)
    return JSONResponse({name: one for name, one in answer.items() if name in mask})


async def _change_json(call: Call, change: Change, mask: Mask) -> dict[str, Any] | None:
    """The change as this viewer sees it; None when it is none of theirs."""
    item = call.drive.tree.get(change.target)
    visible = item is not None and call.sight.sees(item)
    if not visible:
        lost = call.sight.viewer.connector or call.sight.viewer.email in change.lost
        if not lost or not call.flag("includeRemoved", default=True):
            return None
    kind = change.kind
    found: dict[str, Any] = {"kind": "drive#change", "type": kind, "changeType": kind, "time": change.time}
    found["removed"] = not visible
    if change.drive_id:
        found |= {"driveId": change.drive_id, "teamDriveId": change.drive_id}
    if kind == "file":
        found["fileId"] = change.target
    if visible and item is not None and kind in mask:
        shape = drive_json(item, call.sight) if kind == "drive" else None
        found[kind] = shape or await file_json(call.sight, item, mask.of("file"))
    picked: dict[str, Any] = mask.pick(found)
    return picked


async def _body(call: Call) -> dict[str, Any]:
    try:
        body = await call.request.json()
    except ValueError:
        raise ApiError(400, "parseError", "Parse Error") from None
    if not isinstance(body, dict):
        raise ApiError(400, "parseError", "Parse Error")
    return body


async def watch_changes(call: Call) -> Response:
    """POST changes/watch: at most 7 days, an hour unless said otherwise."""
    _position(call)
    _feed(call)
    resource = f"{call.service.base}drive/v3/changes?{call.request.url.query}"
    body = await _body(call)
    return JSONResponse(call.service.channels.open(call.sight.viewer.email, body, resource))


async def watch_file(call: Call) -> Response:
    """POST files/{id}/watch: at most a day."""
    item = call.item(call.request.path_params["id"])
    resource = f"{call.service.base}drive/v3/files/{item.id}"
    opened = call.service.channels.open(
        call.sight.viewer.email, await _body(call), resource, target=item.id, most=FILES_SECONDS
    )
    return JSONResponse(opened)


async def stop_channel(call: Call) -> Response:
    """POST channels/stop."""
    body = await _body(call)
    channel_id, resource_id = str(body.get("id") or ""), str(body.get("resourceId") or "")
    call.service.channels.close(call.sight.viewer.email, channel_id, resource_id)
    return Response(status_code=204)
