"""The requests about objects, apart from their bytes."""

from typing import Any

from starlette.responses import Response

from local.storage.call import Call
from local.storage.conditions import Conditions, number
from local.storage.engine import Source
from local.storage.errors import invalid
from local.storage.listing import Wanted, page, shown


async def list_objects(call: Call) -> Response:
    """GET .../o."""
    (bucket,) = call.names
    call.engine.bucket(bucket)
    found = page(call.engine.store, bucket, Wanted.read(call.query), call.query.get("pageToken"))
    return call.answer(shown(found, call.base))


async def patch(call: Call) -> Response:
    """PATCH .../o/OBJECT: what is given changes."""
    return await _change(call, whole=False)


async def update(call: Call) -> Response:
    """PUT .../o/OBJECT: what is not given goes."""
    return await _change(call, whole=True)


async def _change(call: Call, *, whole: bool) -> Response:
    found = call.engine.object(call.names[0], call.names[1], call.generation)
    change = await call.json()
    changed = call.engine.change(found, change, call.conditions, whole=whole)
    return call.answer(changed.shown(call.base))


async def delete(call: Call) -> Response:
    """DELETE .../o/OBJECT."""
    bucket, name = call.names
    call.engine.delete(bucket, name, call.generation, call.conditions)
    return Response(status_code=204)


async def copy(call: Call) -> Response:
    """POST .../copyTo/...: answers the new object."""
    return call.answer(await _copied(call))


async def rewrite(call: Call) -> Response:
    """POST .../rewriteTo/...: always done in one call."""
    resource = await _copied(call)
    size = resource["size"]
    answer = {"totalBytesRewritten": size, "objectSize": size, "done": True, "resource": resource}
    return call.answer({"kind": "storage#rewriteResponse", **answer})


async def _copied(call: Call) -> dict[str, Any]:
    from_bucket, from_name, bucket, name = call.names
    source = _source(call, from_bucket, from_name)
    fields = await call.json() | {"name": name}
    made = await call.engine.copy(source, bucket, fields, call.conditions)
    return made.shown(call.base)


async def move(call: Call) -> Response:
    """POST .../moveTo/o/NAME: the object under its new name."""
    bucket, from_name, name = call.names
    made = await call.engine.move(_source(call, bucket, from_name), name, call.conditions)
    return call.answer(made.shown(call.base))


async def compose(call: Call) -> Response:
    """POST .../compose: joins the sourceObjects of the body."""
    bucket, name = call.names
    body = await call.json()
    entries = body.get("sourceObjects")
    if not isinstance(entries, list) or not all(isinstance(one, dict) and one.get("name") for one in entries):
        raise invalid("You must provide at least one source component.", "required")
    sources = [_component(bucket, entry) for entry in entries]
    fields = dict(body.get("destination") or {}) | {"name": name}
    made = await call.engine.compose(sources, bucket, fields, call.conditions)
    return call.answer(made.shown(call.base))


def _source(call: Call, bucket: str, name: str) -> Source:
    conditions = Conditions.read(call.query, "ifSource")
    return Source(bucket, name, number(call.query, "sourceGeneration"), conditions)


def _component(bucket: str, entry: dict[str, Any]) -> Source:
    wanted = {key: str(value) for key, value in (entry.get("objectPreconditions") or {}).items()}
    generation = number(
        {"generation": str(entry["generation"])} if entry.get("generation") else {}, "generation"
    )
    return Source(bucket, str(entry["name"]), generation, Conditions.read(wanted))
