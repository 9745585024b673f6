"""The part of the Cloud Scheduler REST API (v1) that shows jobs and runs one now."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Scope

_PATH = "/v1/{name:path}"


def rest_app(jobs: Callable[[], list[dict[str, Any]]], run: Callable[[str], dict[str, Any]]) -> Starlette:
    """The app; `jobs` shows all jobs, `run` begins one and shows it, or raises KeyError."""

    async def get(request: Request) -> Response:
        """One job, or the jobs of a location."""
        name = request.path_params["name"]
        if name.endswith("/jobs"):
            return JSONResponse({"jobs": [job for job in jobs() if job["name"].startswith(f"{name}/")]})
        found = [job for job in jobs() if job["name"] == name]
        return JSONResponse(found[0]) if found else _refused(404)

    async def post(request: Request) -> Response:
        """NAME:run; other verbs are refused."""
        name, _, verb = request.path_params["name"].rpartition(":")
        if verb != "run":
            return _refused(501)
        try:
            return JSONResponse(run(name))
        except KeyError:
            return _refused(404)

    async def change(_request: Request) -> Response:
        """What would change a job is refused."""
        return _refused(501)

    return Starlette(
        routes=[
            Route(_PATH, get, methods=["GET"]),
            Route(_PATH, post, methods=["POST"]),
            Route(_PATH, change, methods=["PATCH", "PUT", "DELETE"]),
        ]
    )


def method_name(scope: Scope) -> str:
    """What control counts a request as: jobs.run, jobs.get ..."""
    verb = scope["path"].rpartition(":")[2] if ":" in scope["path"] else scope["method"].lower()
    return f"jobs.{verb}"


def error_body(status: int) -> dict[str, Any]:
    """Google's JSON error."""
    known = {
        404: ("NOT_FOUND", "Job not found."),
        501: (
            "UNIMPLEMENTED",
            "The local Cloud Scheduler shows and runs the jobs it was started with, no more.",
        ),
    }
    name, message = known.get(status, ("UNKNOWN", f"injected: {status}"))
    return {"error": {"code": status, "message": message, "status": name}}


def _refused(status: int) -> Response:
    return JSONResponse(error_body(status), status)
