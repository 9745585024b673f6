"""The built page of chat-app, as Firebase Hosting serves it."""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from local.runner.proxy import problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
HASHED = "/assets/"
"""Vite puts a hash of the content into every name below this path, so those never change."""


class Pages:
    """Files of `folder`, and index.html for every other path that a browser asks for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if request.method not in {"GET", "HEAD"}:
            return problem(404, "Not Found", f"Nothing here takes {request.method}.")
        if not (self._folder / "index.html").is_file():
            return problem(503, "Not built", "The page is not built yet; `make run` builds it.")
        found = await self._file(path, request.scope)
        if found is not None:
            fresh = "public, max-age=31536000, immutable" if path.startswith(HASHED) else "no-cache"
            found.headers["Cache-Control"] = fresh
            return found
        if path.startswith(HASHED) or "text/html" not in request.headers.get("accept", ""):
            return problem(404, "Not Found", "There is no such page.")
        page = await self._files.get_response("index.html", request.scope)
        page.headers["Cache-Control"] = "no-cache"
        return page

    async def _file(self, path: str, scope: Scope) -> Response | None:
        try:
            return await self._files.get_response(path.lstrip("/") or "index.html", scope)
        except HTTPException:
            return None
