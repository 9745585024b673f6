"""The HTTP of another index beside the one that answers: build, switch, go back, discard. Each is audited."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.ingest.answer_schemas import IndexCounted, IndexNow, IndexWorkStarted
from functions.ingest.schemas import IndexTask, StartBuild, build_cost_json, build_json, index_json
from functions.ingest.serving import last_try, services
from shared.errors import AppError, Conflict
from shared.ingestion.indexes import IndexState
from shared.log import get_logger
from shared.web.body import read
from shared.web.described import Wire, described
from shared.web.guard import Access, person, route

_log = get_logger("ingest")


async def index(request: Request) -> Response:
    """GET /ingest/index: which index answers, the other one, and how far the work on it is."""
    own = services(request)
    state, build = await own.building.now()
    return JSONResponse({"index": index_json(state, build, own.building.clock.now())})


async def build(request: Request) -> Response:
    """POST /ingest/index/build: build the index of the NEXT_ settings from the stored texts, or count."""
    own, wanted = services(request), await read(request, StartBuild)
    if wanted.dry_run:
        target, answering = await own.building.planned()
        cost = await own.build_estimator.estimate(target, answering)
        return JSONResponse({"estimate": build_cost_json(cost)})
    await own.trail.require("index.build", "", person(request).subject, hold=wanted.hold)
    started = await own.building.start(hold=wanted.hold)
    return JSONResponse({"work": build_json(started, own.building.clock.now())}, 202)


async def switch(request: Request) -> Response:
    """POST /ingest/index/switch: from now on the newest index answers."""
    await services(request).trail.require("index.switch", "", person(request).subject)
    return _state(request, await services(request).building.switch())


async def rollback(request: Request) -> Response:
    """POST /ingest/index/rollback: from now on the index before the newest answers again."""
    await services(request).trail.require("index.rollback", "", person(request).subject)
    return _state(request, await services(request).building.switch(back=True))


async def discard(request: Request) -> Response:
    """POST /ingest/index/discard: empty the index that does not answer."""
    own = services(request)
    await own.trail.require("index.discard", "", person(request).subject)
    started = await own.building.discard()
    return JSONResponse({"work": build_json(started, own.building.clock.now())}, 202)


async def index_task(request: Request) -> Response:
    """POST /ingest/tasks/index: the work on another index, as much as one delivery may take."""
    task = await read(request, IndexTask)
    try:
        await services(request).building.work(task.build)
    except Conflict:
        raise
    except Exception as error:
        if not last_try(request):
            raise
        _log.exception("index.given_up")
        reason = error.detail if isinstance(error, AppError) else "An unexpected error; see the logs."
        await services(request).building.give_up(task.build, reason)
    return Response(status_code=204)


def _state(request: Request, state: IndexState) -> Response:
    return JSONResponse({"index": index_json(state, None, services(request).building.clock.now())})


_BUILD = Wire(((200, IndexCounted), (202, IndexWorkStarted)), body=StartBuild)
_NOW, _WORK = described(IndexNow), described(IndexWorkStarted, status=202)
_TASK = described(None, body=IndexTask)
ROUTES = [
    route("/ingest/index", index, access=Access.ADMIN, wire=_NOW),
    route("/ingest/index/build", build, method="POST", access=Access.ADMIN, wire=_BUILD),
    route("/ingest/index/switch", switch, method="POST", access=Access.ADMIN, wire=_NOW),
    route("/ingest/index/rollback", rollback, method="POST", access=Access.ADMIN, wire=_NOW),
    route("/ingest/index/discard", discard, method="POST", access=Access.ADMIN, wire=_WORK),
    route("/ingest/tasks/index", index_task, method="POST", access=Access.TASK, wire=_TASK),
]
