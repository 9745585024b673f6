"""The HTTP of ingestion: what administrators start and see, and what Google's services call."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.ingest import indexing
from functions.ingest.answer_schemas import (
    CollectionPut,
    Estimated,
    FileAsked,
    FileList,
    PlaceList,
    ProgressList,
    RunPage,
    RunsStarted,
    RunStarted,
    Transferred,
)
from functions.ingest.schemas import (
    FileTask,
    HurryTask,
    ListFiles,
    ListPlaces,
    ListRuns,
    PutCollection,
    Reconcile,
    StartEstimate,
    StartExport,
    StartImport,
    StartSync,
    SyncTask,
    TransferTask,
    estimate_json,
    file_json,
    files_json,
    places_json,
    progress_json,
    run_json,
    transfer_json,
)
from functions.ingest.serving import last_try, retries, services
from shared.errors import AppError, Conflict
from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME
from shared.ingestion.interfaces import Collection
from shared.ingestion.runs import RunKind
from shared.limits.meter import about
from shared.log import get_logger
from shared.models import Person
from shared.web.body import query, read
from shared.web.described import Wire, described
from shared.web.guard import Access, route

_log = get_logger("ingest")


async def put_collection(request: Request) -> Response:
    """PUT /collections/{id}: create a collection, or give it another name or folder."""
    wanted = await read(request, PutCollection)
    collection_id, folder = request.path_params["collection_id"], wanted.folder_id
    if folder not in (EVERYTHING, SHARED_WITH_ME):
        folder = (await services(request).drive.folder(folder)).id
    await services(request).registry.put(Collection(collection_id, wanted.name, folder))
    return JSONResponse({"id": collection_id, "name": wanted.name, "folder_id": folder})


async def remove_collection(request: Request) -> Response:
    """DELETE /collections/{id}: no answers from it any more; what only it held leaves the index."""
    run = await services(request).registry.remove(request.path_params["collection_id"])
    return JSONResponse({"run": run_json(run)}, 202)


async def places(request: Request) -> Response:
    """GET /ingest/folders: folders to make a collection of, live from Drive, as the connector sees them."""
    wanted, choosing = query(request, ListPlaces), services(request).choosing
    if wanted.folder_id:
        return JSONResponse(places_json(await choosing.inside(wanted.folder_id, wanted.cursor)))
    return JSONResponse(places_json(await choosing.top(wanted.cursor)))


async def start_sync(request: Request) -> Response:
    """POST /ingest/sync: begin to bring a collection, or every one, up to date."""
    wanted = await read(request, StartSync)
    kind: RunKind = "reconcile" if wanted.full else "changes"
    by_person = _by_person(request)
    if wanted.collection is None:
        await services(request).building.nudge()
        runs = await services(request).registry.start_all(by_person=by_person, kind=kind)
        return JSONResponse({"runs": [run_json(run) for run in runs]}, 202)
    sync = services(request).sync
    run = await sync.start(wanted.collection, dry_run=wanted.dry_run, by_person=by_person, kind=kind)
    return JSONResponse({"run": run_json(run)}, 200 if wanted.dry_run else 202)


async def reconcile(request: Request) -> Response:
    """POST /ingest/tasks/reconcile: compare the ledger with Drive's listing; the Scheduler's, daily."""
    wanted = await read(request, Reconcile)
    chosen = [wanted.collection] if wanted.collection else None
    runs = await services(request).registry.start_all(chosen, by_person=_by_person(request), kind="reconcile")
    return JSONResponse({"runs": [run_json(run) for run in runs]}, 202)


async def cancel_run(request: Request) -> Response:
    """POST /ingest/runs/{id}/cancel: end a run; the Scheduler starts none until an administrator does."""
    run = await services(request).sync.cancel(request.path_params["run_id"])
    return JSONResponse({"run": run_json(run)})


async def status(request: Request) -> Response:
    """GET /ingest/status: every collection, its files by state, its newest run."""
    found = await services(request).ledger.progress()
    return JSONResponse({"collections": [progress_json(one) for one in found]})


async def runs(request: Request) -> Response:
    """GET /ingest/runs: the newest runs of a collection."""
    wanted = query(request, ListRuns)
    found = await services(request).ledger.history(wanted.collection, wanted.limit)
    return JSONResponse({"runs": [run_json(run) for run in found], "next_cursor": None})


async def files(request: Request) -> Response:
    """GET /ingest/files: the ledger, a page at a time."""
    wanted = query(request, ListFiles)
    page = await services(request).ledger.files(wanted.collection, wanted.state, wanted.cursor, wanted.limit)
    return JSONResponse(files_json(page))


async def reindex(request: Request) -> Response:
    """POST /ingest/files/{id}/reindex: read one file anew."""
    record = await services(request).ledger.reindex(request.path_params["file_id"])
    return JSONResponse({"file": file_json(record)}, 202)


async def estimate(request: Request) -> Response:
    """POST /ingest/estimate: what a folder would cost, from a sample of its files; nothing is written."""
    wanted = await read(request, StartEstimate)
    found = await services(request).estimator.estimate(wanted.folder_id, wanted.sample)
    return JSONResponse({"estimate": estimate_json(found)})


async def start_export(request: Request) -> Response:
    """POST /ingest/export: write a collection to Cloud Storage."""
    wanted = await read(request, StartExport)
    transfer = await services(request).moving.export(wanted.collection)
    return JSONResponse({"transfer": transfer_json(transfer)}, 202)


async def start_import(request: Request) -> Response:
    """POST /ingest/import: read an export into this project; nothing is embedded."""
    wanted = await read(request, StartImport)
    transfer = await services(request).moving.load(wanted.source, wanted.collection or "")
    return JSONResponse({"transfer": transfer_json(transfer)}, 202)


async def transfer(request: Request) -> Response:
    """GET /ingest/transfers/{id}: how far an export or import has come."""
    found = await services(request).moving.get(request.path_params["transfer_id"])
    return JSONResponse({"transfer": transfer_json(found)})


async def transfer_task(request: Request) -> Response:
    """POST /ingest/tasks/transfer: the work of an export or import, as much as one delivery may take."""
    task = await read(request, TransferTask)
    try:
        await services(request).moving.work(task.transfer)
    except Conflict:
        raise
    except Exception as error:
        if not last_try(request):
            raise
        _log.exception("transfer.given_up")
        reason = error.detail if isinstance(error, AppError) else "An unexpected error; see the logs."
        await services(request).moving.give_up(task.transfer, reason)
    return Response(status_code=204)


async def drive_notification(request: Request) -> Response:
    """POST /ingest/drive-notifications: Drive says that a feed moved; believed only as a hint."""
    sent = request.headers
    await services(request).push.notified(
        sent.get("x-goog-channel-id", "")[:128],
        sent.get("x-goog-channel-token", "")[:256],
        sent.get("x-goog-resource-state", ""),
    )
    return Response(status_code=204)


async def sync_task(request: Request) -> Response:
    """POST /ingest/tasks/sync: the work of one run, or as much of it as one delivery may take."""
    task = await read(request, SyncTask)
    try:
        run = await services(request).sync.work(task.run)
    except Conflict:
        raise
    except Exception:
        if not last_try(request):
            raise
        _log.exception("sync.given_up")
        await services(request).sync.give_up(task.run)
        return Response(status_code=204)
    if run.state == "done" and run.kind != "changes":
        await services(request).registry.renew()
    return JSONResponse({"run": run_json(run)})


async def file_task(request: Request) -> Response:
    """POST /ingest/tasks/file: the work on a file, or on some small ones side by side.

    A failure that may pass is answered with its status, so that Cloud Tasks tries again; at the last
    try it is recorded instead, so that no file is pending for ever.
    """
    task = await read(request, FileTask)
    try:
        repeated = retries(request) > 0
        collections = await services(request).files.work(task.file_ids, repeated=repeated)
        about(next(iter(collections), ""))
    except Conflict:
        raise
    except Exception as error:
        if not last_try(request):
            raise
        _log.exception("file.given_up")
        reason = error.detail if isinstance(error, AppError) else "An unexpected error; see the logs."
        await services(request).files.give_up(task.file_ids, reason)
    return Response(status_code=204)


async def hurry_task(request: Request) -> Response:
    """POST /ingest/tasks/hurry: a feed moved; sync the collections that it tells of."""
    task = await read(request, HurryTask)
    await services(request).registry.start_for(task.feed)
    return Response(status_code=204)


_ADMIN, _TASK = Access.ADMIN, Access.TASK
_SYNC = Wire(((200, RunStarted), (202, RunStarted), (202, RunsStarted)), body=StartSync)
_RECONCILE = described(RunsStarted, status=202, body=Reconcile)
_EXPORT = described(Transferred, status=202, body=StartExport)
_IMPORT = described(Transferred, status=202, body=StartImport)
_ESTIMATE = described(Estimated, body=StartEstimate)
_SYNC_TASK = described(RunStarted, None, body=SyncTask)
_RECONCILE_TASK = "/ingest/tasks/reconcile"
ROUTES = [
    route(
        "/collections/{collection_id}",
        put_collection,
        method="PUT",
        access=_ADMIN,
        wire=described(CollectionPut, body=PutCollection),
    ),
    route(
        "/collections/{collection_id}",
        remove_collection,
        method="DELETE",
        access=_ADMIN,
        wire=described(RunStarted, status=202),
    ),
    route("/ingest/folders", places, access=_ADMIN, wire=described(PlaceList, query=ListPlaces)),
    route("/ingest/sync", start_sync, method="POST", access=Access.OPERATOR, wire=_SYNC),
    route("/ingest/status", status, access=_ADMIN, wire=described(ProgressList)),
    route("/ingest/runs", runs, access=_ADMIN, wire=described(RunPage, query=ListRuns)),
    route(
        "/ingest/runs/{run_id}/cancel",
        cancel_run,
        method="POST",
        access=_ADMIN,
        wire=described(RunStarted),
    ),
    route("/ingest/files", files, access=_ADMIN, wire=described(FileList, query=ListFiles)),
    route(
        "/ingest/files/{file_id}/reindex",
        reindex,
        method="POST",
        access=_ADMIN,
        wire=described(FileAsked, status=202),
    ),
    route("/ingest/estimate", estimate, method="POST", access=_ADMIN, wire=_ESTIMATE),
    route("/ingest/export", start_export, method="POST", access=_ADMIN, wire=_EXPORT),
    route("/ingest/import", start_import, method="POST", access=_ADMIN, wire=_IMPORT),
    route("/ingest/transfers/{transfer_id}", transfer, access=_ADMIN, wire=described(Transferred)),
    *indexing.ROUTES,
    route(
        "/ingest/drive-notifications",
        drive_notification,
        method="POST",
        access=Access.PUBLIC,
        wire=described(None),
    ),
    route("/ingest/tasks/sync", sync_task, method="POST", access=_TASK, wire=_SYNC_TASK),
    route(
        "/ingest/tasks/file",
        file_task,
        method="POST",
        access=_TASK,
        wire=described(None, body=FileTask),
    ),
    route(
        "/ingest/tasks/hurry",
        hurry_task,
        method="POST",
        access=_TASK,
        wire=described(None, body=HurryTask),
    ),
    route(
        "/ingest/tasks/transfer",
        transfer_task,
        method="POST",
        access=_TASK,
        wire=described(None, body=TransferTask),
    ),
    route(_RECONCILE_TASK, reconcile, method="POST", access=Access.OPERATOR, wire=_RECONCILE),
]


def _by_person(request: Request) -> bool:
    """Whether an administrator asks, and not the Scheduler."""
    return isinstance(getattr(request.state, "person", None), Person)
