"""Admin SDK Directory: groups and their members, for the service account only."""

import hashlib
from typing import Any

from starlette.responses import JSONResponse, Response

from local.drive.errors import ApiError, invalid
from local.drive.service import Call
from local.signin.people import account_number

MAX_RESULTS = 200


def _only_connector(call: Call) -> None:
    """People have no admin role here. Raises ApiError (403), in Google's words."""
    if not call.sight.viewer.connector:
        raise ApiError(403, "forbidden", "Not Authorized to access this resource/api")


def _group(call: Call) -> str:
    """The group asked for, by address or id. Raises ApiError (404)."""
    key = call.request.path_params["group"].lower()
    groups = call.drive.groups
    found = key if key in groups else next((one for one in groups if group_id(one) == key), None)
    if found is None:
        raise ApiError(404, "notFound", "Resource Not Found: groupKey")
    return found


def group_id(group: str) -> str:
    """A group's id: letters and digits, stable."""
    return "0" + hashlib.sha256(group.encode()).hexdigest()[:14]


def _group_json(call: Call, group: str) -> dict[str, Any]:
    return {
        "kind": "admin#directory#group",
        "id": group_id(group),
        "email": group,
        "name": group.partition("@")[0],
        "directMembersCount": str(len(call.drive.groups.members(group))),
        "adminCreated": True,
    }


def _member_json(call: Call, email: str) -> dict[str, Any]:
    is_group = email in call.drive.groups
    found = {"kind": "admin#directory#member", "email": email, "role": "MEMBER", "status": "ACTIVE"}
    found["type"] = "GROUP" if is_group else "USER"
    return found | {"id": group_id(email) if is_group else account_number(email)}


def _page(call: Call, found: list[Any]) -> tuple[list[Any], dict[str, str]]:
    """One page of a list, and what tells where the next begins."""
    raw, start = call.text("maxResults") or str(MAX_RESULTS), call.text("pageToken") or "0"
    if not raw.isdecimal() or int(raw) < 1:
        raise invalid("maxResults")
    if not start.isdecimal():
        raise invalid("pageToken")
    end = int(start) + min(int(raw), MAX_RESULTS)
    return found[int(start) : end], {"nextPageToken": str(end)} if end < len(found) else {}


async def list_members(call: Call) -> Response:
    """GET groups/{group}/members: direct ones, or with includeDerivedMembership people through groups too."""
    _only_connector(call)
    group, groups = _group(call), call.drive.groups
    found = groups.members(group)
    if call.flag("includeDerivedMembership"):
        found = list(dict.fromkeys([*found, *groups.derived(group)]))
    roles = {role.strip().upper() for role in call.text("roles").split(",") if role.strip()}
    page, token = _page(call, found if not roles or "MEMBER" in roles else [])
    members = [_member_json(call, email) for email in page]
    answer: dict[str, Any] = {"kind": "admin#directory#members"}
    return JSONResponse(answer | ({"members": members} if members else {}) | token)


async def get_member(call: Call) -> Response:
    """GET groups/{group}/members/{member}: a direct member."""
    _only_connector(call)
    email = call.request.path_params["member"].lower()
    if email not in call.drive.groups.members(_group(call)):
        raise ApiError(404, "notFound", "Resource Not Found: memberKey")
    return JSONResponse(_member_json(call, email))


async def has_member(call: Call) -> Response:
    """GET groups/{group}/hasMember/{member}: directly or through groups; only for the group's own domain."""
    _only_connector(call)
    group, email = _group(call), call.request.path_params["member"].lower()
    if email.rpartition("@")[2] != group.rpartition("@")[2]:
        raise ApiError(400, "invalid", "Invalid Input: memberKey")
    derived = call.drive.groups.derived(group)
    return JSONResponse({"isMember": email in derived or email in call.drive.groups.members(group)})


async def list_groups(call: Call) -> Response:
    """GET groups: with userKey, those that this address is a direct member of."""
    _only_connector(call)
    groups, user = call.drive.groups, call.text("userKey").lower()
    domain = call.text("domain").lower()
    if not user and not domain and not call.text("customer"):
        raise ApiError(400, "badRequest", "Bad Request")
    found = [one for one in groups if not user or user in groups.members(one)]
    page, token = _page(call, [one for one in found if not domain or one.endswith("@" + domain)])
    answer: dict[str, Any] = {"kind": "admin#directory#groups"}
    shown = [_group_json(call, one) for one in page]
    return JSONResponse(answer | ({"groups": shown} if shown else {}) | token)


async def get_group(call: Call) -> Response:
    """GET groups/{group}."""
    _only_connector(call)
    return JSONResponse(_group_json(call, _group(call)))
