"""The HTTP of ingestion: what administrators start and see, and what Cloud Tasks calls."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.ingest.schemas import FileTask, PutCollection, StartSync, SyncTask, progress_json, run_json
from functions.ingest.wiring import Services
from shared.errors import AppError, Conflict, Malformed
from shared.ingestion.interfaces import Collection
from shared.log import get_logger
from shared.web.body import read
from shared.web.guard import Access, route

_log = get_logger("ingest")


def services(request: Request) -> Services:
    """What this function was wired with."""
    found = request.app.state.services
    assert isinstance(found, Services)  # noqa: S101 - wiring decides this once
    return found


async def put_collection(request: Request) -> Response:
    """PUT /collections/{id}: create a collection, or give it another name or folder."""
    wanted = await read(request, PutCollection)
    collection_id = request.path_params["collection_id"]
    folder = await services(request).drive.folder(wanted.folder_id)
    await services(request).collections.put(Collection(collection_id, wanted.name, folder))
    return JSONResponse({"id": collection_id, "name": wanted.name, "folder_id": folder})


async def start_sync(request: Request) -> Response:
    """POST /ingest/sync: begin to bring a collection up to date."""
    wanted = await read(request, StartSync)
    run = await services(request).sync.start(wanted.collection, dry_run=wanted.dry_run)
    return JSONResponse({"run": run_json(run)}, 200 if wanted.dry_run else 202)


async def status(request: Request) -> Response:
    """GET /ingest/status: every collection, its files by state, its newest run."""
    found = await services(request).ledger.progress()
    return JSONResponse({"collections": [progress_json(one) for one in found]})


async def sync_task(request: Request) -> Response:
    """POST /ingest/tasks/sync: the work of one run."""
    task = await read(request, SyncTask)
    run = await services(request).sync.work(task.collection, task.run)
    return JSONResponse({"run": run_json(run)})


async def file_task(request: Request) -> Response:
    """POST /ingest/tasks/file: the work on one file.

    A failure that may pass is answered with its status, so that Cloud Tasks tries again; at the last
    try it is recorded instead, so that no file is pending for ever.
    """
    task = await read(request, FileTask)
    try:
        await services(request).files.process(task.collection, task.file_id)
    except Conflict:
        raise
    except Exception as error:
        if _retries(request) + 1 < services(request).max_attempts:
            raise
        _log.exception("file.given_up")
        reason = error.detail if isinstance(error, AppError) else "An unexpected error; see the logs."
        await services(request).files.give_up(task.file_id, reason)
    return Response(status_code=204)


ROUTES = [
    route("/collections/{collection_id}", put_collection, method="PUT", access=Access.ADMIN),
    route("/ingest/sync", start_sync, method="POST", access=Access.OPERATOR),
    route("/ingest/status", status, access=Access.ADMIN),
    route("/ingest/tasks/sync", sync_task, method="POST", access=Access.TASK),
    route("/ingest/tasks/file", file_task, method="POST", access=Access.TASK),
]


def _retries(request: Request) -> int:
    """How often this task was tried before; the header can be trusted behind the task's token."""
    value = request.headers.get("x-cloudtasks-taskretrycount", "0")
    if not value.isdigit():
        raise Malformed("X-CloudTasks-TaskRetryCount is not a number.")
    return int(value)
