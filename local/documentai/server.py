"""The Document AI stand-in: processors.process of v1, for an OCR processor of any name."""

import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.documentai.document import document
from local.documentai.reader import DocumentReader
from local.documentai.request import MAX_DOCUMENT, read_request
from local.httperrors import ApiError, injected_body, json_object, refused
from local.standin import LOOPBACK, HttpServer, Options

PROCESS = re.compile(
    r"/v1/projects/[^/]+/locations/[^/]+/processors/[^/:]+(?:/processorVersions/[^/:]+)?:process"
)
MAX_BODY = MAX_DOCUMENT * 4 // 3 + 1024 * 1024


def method_name(scope: Scope) -> str:
    """The name under which a request is counted and faults are armed."""
    return "processors.process" if PROCESS.fullmatch(scope["path"]) else "unknown"


class DocumentAiServer:
    """Document AI on the loopback: any project, location and processor; each is an OCR processor."""

    def __init__(self, options: Options) -> None:
        self.control = Control("documentai")
        self._reader = DocumentReader()
        everything = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=everything)],
            exception_handlers={ApiError: refused},
        )
        guarded = ControlMiddleware(app, self.control, method_name, injected_body)
        self._server, self._port = HttpServer(guarded, options.port), 0

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        self._port = await self._server.start()
        return self._port

    async def stop(self) -> None:
        """Stop listening and end the child; nothing is stored."""
        await self._server.stop()
        await self._reader.close()

    async def save(self, folder: Path) -> None:
        """Nothing is stored, so nothing is copied."""

    async def restore(self, folder: Path | None) -> None:
        """Nothing is stored, so nothing is to be undone."""

    def exports(self) -> dict[str, str]:
        """The address in the place of https://LOCATION-documentai.googleapis.com/."""
        return {"DOCUMENTAI_URL": f"http://{LOOPBACK}:{self._port}/"}

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if request.method != "POST" or not PROCESS.fullmatch(path):
            raise ApiError(501, f"{request.method} {path} is not emulated by the local Document AI.")
        asked = read_request(await json_object(request, MAX_BODY))
        pages = await self._reader.pages(asked.content, asked.options)
        return JSONResponse({"document": asked.mask.pick(document(asked.mime_type, pages))})
