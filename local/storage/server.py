"""The Cloud Storage stand-in: its paths, and the server."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.standin import LOOPBACK, HttpServer, Options
from local.storage import buckets, downloads, objects, uploads
from local.storage.call import Call
from local.storage.engine import Engine
from local.storage.errors import ApiError, injected_body, not_emulated

Handler = Callable[[Call], Awaitable[Response]]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_V1, _ONE = r"(?:/storage/v1|/download/storage/v1)", "([^/]+)"
_BUCKET = f"{_V1}/b/{_ONE}"
_OBJECT = f"{_BUCKET}/o/{_ONE}"
_UPLOAD = f"/upload/storage/v1/b/{_ONE}/o"


@dataclass(frozen=True)
class Door:
    """A method and a pattern of the path as it was sent: names in it are quoted, so %2F is part of a name."""

    method: str
    path: str
    name: str
    handler: Handler


DOORS = [
    Door("POST", _UPLOAD, "objects.insert", uploads.insert),
    Door("PUT", _UPLOAD, "objects.resume", uploads.resume),
    Door("DELETE", _UPLOAD, "objects.cancel", uploads.cancel),
    Door("GET", f"/download/storage/v1/b/{_ONE}/o/{_ONE}", "objects.download", downloads.get),
    Door("GET", f"{_V1}/b", "buckets.list", buckets.list_buckets),
    Door("POST", f"{_V1}/b", "buckets.insert", buckets.insert),
    Door("GET", _BUCKET, "buckets.get", buckets.get),
    Door("PATCH", _BUCKET, "buckets.patch", buckets.patch),
    Door("PUT", _BUCKET, "buckets.update", buckets.update),
    Door("DELETE", _BUCKET, "buckets.delete", buckets.delete),
    Door("GET", f"{_BUCKET}/iam/testPermissions", "buckets.testIamPermissions", buckets.test_permissions),
    Door("GET", f"{_BUCKET}/o", "objects.list", objects.list_objects),
    Door("GET", _OBJECT, "objects.get", downloads.get),
    Door("PATCH", _OBJECT, "objects.patch", objects.patch),
    Door("PUT", _OBJECT, "objects.update", objects.update),
    Door("DELETE", _OBJECT, "objects.delete", objects.delete),
    Door("POST", f"{_OBJECT}/compose", "objects.compose", objects.compose),
    Door("POST", f"{_OBJECT}/copyTo/b/{_ONE}/o/{_ONE}", "objects.copy", objects.copy),
    Door("POST", f"{_OBJECT}/rewriteTo/b/{_ONE}/o/{_ONE}", "objects.rewrite", objects.rewrite),
    Door("POST", f"{_OBJECT}/moveTo/o/{_ONE}", "objects.move", objects.move),
]
"""What is answered; README.md says the same in words."""


def door(scope: Scope) -> tuple[Door, tuple[str, ...]] | None:
    """The door that a request is for, and the names in its path."""
    path = scope["raw_path"].decode("latin-1").partition("?")[0]
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    for each in DOORS:
        match = re.fullmatch(each.path, path) if each.method == method else None
        if match:
            return each, tuple(unquote(name) for name in match.groups())
    return None


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed; alt=media is objects.download."""
    found = door(scope)
    name = found[0].name if found else "unknown"
    return "objects.download" if name == "objects.get" and b"alt=media" in scope["query_string"] else name


class StorageServer:
    """Cloud Storage on the loopback, any project.

    Settings: `buckets`, names separated by commas, that exist from the start.
    """

    def __init__(self, options: Options) -> None:
        self.control = Control("storage")
        self._options, self._port = options, options.port
        self._engine: Engine | None = None
        app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=METHODS)],
            exception_handlers={ApiError: _refused},
        )
        guarded = ControlMiddleware(app, self.control, method_name, injected_body)
        self._server = HttpServer(guarded, options.port)

    async def start(self) -> int:
        """Open the index, listen; returns the port. Raises OSError when the port is taken."""
        engine = Engine(self._options.state)
        self._declare(engine)
        self._engine = engine
        try:
            self._port = await self._server.start()
        except OSError:
            engine.close()
            raise
        engine.base = f"http://{LOOPBACK}:{self._port}"
        return self._port

    async def stop(self) -> None:
        """Stop listening and close the index; what was acknowledged is on disk."""
        await self._server.stop()
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    async def save(self, folder: Path) -> None:
        """Copy buckets, objects and unfinished uploads into a folder."""
        self._open().save(folder)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: the declared buckets, empty."""
        engine = self._open()
        engine.restore(folder)
        self._declare(engine)

    def _open(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("start() Cloud Storage first")
        return self._engine

    def _declare(self, engine: Engine) -> None:
        for name in filter(None, self._options.settings.get("buckets", "").split(",")):
            if engine.store.bucket(name.strip()) is None:
                engine.create_bucket(name.strip(), {})

    def exports(self) -> dict[str, str]:
        """Where google-cloud-storage finds this stand-in, and no reads of buckets besides."""
        return {
            "STORAGE_EMULATOR_HOST": f"http://{LOOPBACK}:{self._port}",
            "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA": "true",
        }

    async def _answer(self, request: Request) -> Response:
        found = door(request.scope)
        if found is None or self._engine is None:
            raise not_emulated(f"{request.method} {request.url.path}")
        return await found[0].handler(Call(request, found[1], self._engine))


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, ApiError):
        return error.answer()
    raise error
