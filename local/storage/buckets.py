"""The requests about buckets."""

from typing import Any

from starlette.responses import Response

from local.storage.call import Call
from local.storage.errors import invalid, not_emulated
from local.storage.listing import page_size


async def insert(call: Call) -> Response:
    """POST /b?project=P: any project is accepted."""
    if not call.query.get("project"):
        raise invalid("Required parameter: project", "required")
    body = await call.json()
    return call.answer(call.engine.create_bucket(body.get("name"), body).shown(call.base))


async def list_buckets(call: Call) -> Response:
    """GET /b: all buckets, whatever the project."""
    limit = page_size(call.query)
    after = call.query.get("pageToken", "")
    found = call.engine.store.buckets(call.query.get("prefix", ""), after, limit + 1)
    answer: dict[str, Any] = {"kind": "storage#buckets"}
    if len(found) > limit:
        answer["nextPageToken"] = found[limit - 1].name
    if found:
        answer["items"] = [bucket.shown(call.base) for bucket in found[:limit]]
    return call.answer(answer)


async def get(call: Call) -> Response:
    """GET /b/BUCKET."""
    found = call.engine.bucket(call.names[0])
    call.conditions.check(found, reading=True)
    return call.answer(found.shown(call.base))


async def patch(call: Call) -> Response:
    """PATCH /b/BUCKET: what is given changes."""
    return await _change(call, whole=False)


async def update(call: Call) -> Response:
    """PUT /b/BUCKET: what is not given goes."""
    return await _change(call, whole=True)


async def _change(call: Call, *, whole: bool) -> Response:
    change = await call.json()
    changed = call.engine.change_bucket(call.names[0], change, call.conditions, whole=whole)
    return call.answer(changed.shown(call.base))


async def delete(call: Call) -> Response:
    """DELETE /b/BUCKET: 409 while it holds objects."""
    call.engine.delete_bucket(call.names[0], call.conditions)
    return Response(status_code=204)


async def test_permissions(call: Call) -> Response:
    """GET /b/BUCKET/iam/testPermissions: nobody is refused here, so every permission is held."""
    call.engine.bucket(call.names[0])
    asked = call.request.query_params.getlist("permissions")
    if not asked:
        raise not_emulated("Testing no permission")
    return call.answer({"kind": "storage#testIamPermissionsResponse", "permissions": asked})
