"""The Drive stand-in: Drive v3, the Admin SDK's groups, and a door for what people do."""

import json
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.drive import routes_changes, routes_directory, routes_files
from local.drive.channels import Channels
from local.drive.engine import Drive
from local.drive.errors import injected_body
from local.drive.events import apply
from local.drive.service import Service, endpoint, service_of
from local.drive.store import DriveStore
from local.drive.viewers import CONTENT_SCOPES, GROUP_SCOPES, Viewers
from local.signin.people import DEFAULT_SERVICE_ACCOUNT
from local.standin import LOOPBACK, HttpServer, Options

_FILE = "drive.sqlite"
DEMO = Path(__file__).parent.parent / "demo"
V3, DIRECTORY = "/drive/v3", "/admin/directory/v1"


async def take_events(request: Request) -> Response:
    """POST /local/events: one event as JSON a line, one line of answer each; the first that fails ends it."""
    drive, lines = service_of(request).drive, []
    await drive.look()
    for line in (await request.body()).splitlines():
        if not line.strip():
            continue
        try:
            lines.append(apply(drive, dict(json.loads(line))))
        except (TypeError, ValueError) as error:
            lines.append({"error": str(error)})
            break
    failed = bool(lines) and "error" in lines[-1]
    body = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)
    return Response(body, 400 if failed else 200, media_type="application/x-ndjson")


ROUTES = [
    Route(f"{V3}/files", endpoint(routes_files.list_files, looks=True)),
    Route(f"{V3}/files/{{id}}", endpoint(routes_files.get_file)),
    Route(f"{V3}/files/{{id}}/export", endpoint(routes_files.export_file, CONTENT_SCOPES)),
    Route(
        f"{V3}/files/{{id}}/download", endpoint(routes_files.start_download, CONTENT_SCOPES), methods=["POST"]
    ),
    Route(f"{V3}/files/{{id}}/watch", endpoint(routes_changes.watch_file), methods=["POST"]),
    Route(f"{V3}/files/{{id}}/permissions", endpoint(routes_files.list_permissions)),
    Route(f"{V3}/files/{{id}}/permissions/{{permission}}", endpoint(routes_files.get_permission)),
    Route(f"{V3}/changes/startPageToken", endpoint(routes_changes.start_page_token, looks=True)),
    Route(f"{V3}/changes", endpoint(routes_changes.list_changes, looks=True)),
    Route(f"{V3}/changes/watch", endpoint(routes_changes.watch_changes, looks=True), methods=["POST"]),
    Route(f"{V3}/channels/stop", endpoint(routes_changes.stop_channel), methods=["POST"]),
    Route(f"{V3}/drives", endpoint(routes_files.list_drives)),
    Route(f"{V3}/drives/{{id}}", endpoint(routes_files.get_drive)),
    Route(f"{V3}/about", endpoint(routes_files.about)),
    Route("/export/{id}", endpoint(routes_files.export_link, CONTENT_SCOPES)),
    Route(f"{DIRECTORY}/groups", endpoint(routes_directory.list_groups, GROUP_SCOPES)),
    Route(f"{DIRECTORY}/groups/{{group}}", endpoint(routes_directory.get_group, GROUP_SCOPES)),
    Route(f"{DIRECTORY}/groups/{{group}}/members", endpoint(routes_directory.list_members, GROUP_SCOPES)),
    Route(
        f"{DIRECTORY}/groups/{{group}}/members/{{member}}",
        endpoint(routes_directory.get_member, GROUP_SCOPES),
    ),
    Route(
        f"{DIRECTORY}/groups/{{group}}/hasMember/{{member}}",
        endpoint(routes_directory.has_member, GROUP_SCOPES),
    ),
    Route("/local/events", take_events, methods=["POST"]),
    Route(
        f"{V3}/{{rest:path}}",
        endpoint(routes_files.refuse_writing),
        methods=["POST", "PUT", "PATCH", "DELETE"],
    ),
]


NAMES = [
    (r"/local/events", "local.events"),
    (r"/export/[^/]+", "files.exportLink"),
    (r".*/groups/[^/]+/members", "members.list"),
    (r".*/groups/[^/]+/members/[^/]+", "members.get"),
    (r".*/groups/[^/]+/hasMember/[^/]+", "members.hasMember"),
    (r".*/groups/[^/]+", "groups.get"),
    (r".*/files/[^/]+/permissions", "permissions.list"),
    (r".*/files/[^/]+/permissions/[^/]+", "permissions.get"),
    (r".*/files/[^/]+/export", "files.export"),
    (r".*/files/[^/]+/watch", "files.watch"),
    (r".*/files/[^/]+/download", "files.startDownload"),
    (r".*/changes/startPageToken", "changes.getStartPageToken"),
    (r".*/changes/watch", "changes.watch"),
    (r".*/channels/stop", "channels.stop"),
    (r".*/about", "about.get"),
    (r".*/(groups|files|changes|drives)", r"\1.list"),
    (r".*/(files|drives)/[^/]+", r"\1.get"),
]
"""Paths, and the names under which they are counted; the first that fits the whole path counts."""


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed: files.list, files.download, ..."""
    path = str(scope["path"])
    found = next((name for name in NAMES if re.fullmatch(name[0], path)), None)
    name = re.sub(f"^{found[0]}$", found[1], path) if found else "unknown"
    return "files.download" if name == "files.get" and b"alt=media" in scope["query_string"] else name


class DriveServer:
    """Google Drive on the loopback, over the folder in `Options.drive` (the sample Drive without one).

    Settings: `service_account` (whose token sees everything), `folder_changes` ("folder", or "descendants" to
    report a folder's change for everything below it too).
    """

    def __init__(self, options: Options) -> None:
        settings = options.settings
        self.control = Control("drive")
        self._store = DriveStore(options.state / _FILE if options.state else None)
        spread = settings.get("folder_changes") == "descendants"
        self.drive = Drive(options.drive or DEMO, self._store, spread=spread)
        self._viewers = Viewers(options.signin, settings.get("service_account") or DEFAULT_SERVICE_ACCOUNT)
        self._channels = Channels(self.drive, self._store)
        app = Starlette(routes=ROUTES)
        self._service = Service(self.drive, self._viewers, self._channels)
        app.state.service = self._service
        guarded = ControlMiddleware(app, self.control, method_name, injected_body)
        self._server, self._port = HttpServer(guarded, options.port), 0

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        self._port = await self._server.start()
        self._service.base = f"http://{LOOPBACK}:{self._port}/"
        self._channels.start()
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the store; what was acknowledged is on disk."""
        await self._server.stop()
        await self._channels.stop()
        await self._viewers.close()
        self._store.close()

    async def save(self, folder: Path) -> None:
        """Copy what people did, the change feed and the channels; the served folder itself is not copied."""
        self._store.save(folder / _FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: the served folder as it is, with a feed that begins.

        What changed in the served folder since the copy is reported as changes, as after a restart.
        """
        self._store.restore(folder and folder / _FILE)
        self.drive.restored()
        self._channels.load()
        self._viewers.forget()

    def exports(self) -> dict[str, str]:
        """The addresses for googleapiclient's `client_options={"api_endpoint": ...}`."""
        base = f"http://{LOOPBACK}:{self._port}/"
        return {"DRIVE_URL": base + "drive/v3/", "DIRECTORY_URL": base}
