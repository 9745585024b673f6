"""The HTTP face of control: what a control port answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.clock import machine
from local.control.calls import Call
from local.control.faults import Control, Fault
from local.control.snapshots import HOLD_LIMIT, NoSnapshot, Snapshots

_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
_CLIENTS = {"127.0.0.1", "::1"}
_SHOWN = 200
"""How many calls are told when nobody says how many."""
_PAGE = Path(__file__).parent / "page"
_PAGE_FILES = {"": "index.html", "page.js": "page.js", "page.css": "page.css"}
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def from_here(request: Request) -> bool:
    """Whether this machine asks, and not a page that made its name point here (DNS rebinding)."""
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    foreign = request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    return request.client is not None and request.client.host in _CLIENTS and host in _HOSTS and not foreign


class OnlyFromHere:
    """Refuses what comes from another machine, or from a page of another site."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or 404."""
        if scope["type"] == "http" and not from_here(Request(scope)):
            await refusal(404, "there is nothing here")(scope, receive, send)
            return
        await self._app(scope, receive, send)


def refusal(status: int, sentence: str, **more: object) -> Response:
    """An error as control tells it."""
    return JSONResponse({"error": sentence, **more}, status)


def page_file(name: str) -> Response | None:
    """A file of the page for people, by what follows the last slash of its address."""
    file = _PAGE_FILES.get(name)
    return FileResponse(_PAGE / file, headers=_PAGE_HEADERS) if file else None


def traced(calls: Sequence[Call], request: Request) -> list[dict[str, Any]]:
    """The calls that ?request=ID asks for, in the order of their beginning; of all the last ?last=N."""
    wanted, last = request.query_params.get("request", ""), request.query_params.get("last", "")
    found = sorted((one for one in calls if wanted in {"", one.request}), key=lambda one: one.began)
    return [asdict(one) for one in found[-(int(last) if last.isdecimal() and int(last) else _SHOWN) :]]


@dataclass(frozen=True)
class _Face:
    """The requests of the control port."""

    controls: Sequence[Control]
    snapshots: Snapshots

    async def page(self, request: Request) -> Response:
        return page_file(request.url.path.rpartition("/")[2]) or refusal(404, "there is no such page")

    async def calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            for control in self.controls:
                control.calls.clear()
        return JSONResponse({control.service: dict(control.calls) for control in self.controls})

    async def billed(self, request: Request) -> Response:
        if request.method == "DELETE":
            for control in self.controls:
                control.billed.clear()
        return JSONResponse({control.service: dict(control.billed) for control in self.controls})

    async def traces(self, request: Request) -> Response:
        if request.method == "DELETE":
            for control in self.controls:
                control.traces.clear()
        return JSONResponse({"traces": traced([one for c in self.controls for one in c.traces], request)})

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._disarm(request.query_params.get("service"), request.query_params.get("id"))
        if request.method == "POST":
            refused = self._arm(await request.json())
            if refused:
                return refused
        return JSONResponse({c.service: [asdict(fault) for fault in c.faults] for c in self.controls})

    def _arm(self, wanted: dict[str, object]) -> Response | None:
        service = wanted.pop("service", self.controls[0].service)
        control = next((one for one in self.controls if one.service == service), None)
        if control is None:
            return refusal(404, "no such service", services=sorted(one.service for one in self.controls))
        try:
            control.faults.append(Fault(**wanted))  # type: ignore[arg-type]
        except TypeError as error:
            return refusal(422, str(error))
        return None

    def _disarm(self, service: str | None, number: str | None) -> None:
        for control in self.controls:
            if service in {None, control.service}:
                control.faults = [one for one in control.faults if number not in {None, str(one.id)}]

    async def round_trip(self, request: Request) -> Response:
        if request.method == "PUT":
            seconds = float((await request.json())["seconds"])
            for control in self.controls:
                control.round_trip = seconds
        return JSONResponse({"seconds": max(control.round_trip for control in self.controls)})

    async def clock(self, request: Request) -> Response:
        if request.method == "PUT":
            machine.skew = float((await request.json())["seconds"])
        return JSONResponse({"seconds": machine.skew})

    async def hold(self, request: Request) -> Response:
        if request.method == "PUT":
            seconds = min(float((await request.json())["seconds"]), HOLD_LIMIT)
            for control in self.controls:
                control.hold(seconds)
        else:
            for control in self.controls:
                control.release()
        return JSONResponse({"held": [one.service for one in self.controls if one.held]})

    async def list_snapshots(self, request: Request) -> Response:
        if request.method == "POST":
            saved = await self.snapshots.save((await request.json())["name"])
            return JSONResponse({"snapshots": [asdict(saved)]}, 201)
        return JSONResponse({"snapshots": [asdict(one) for one in self.snapshots.kept()]})

    async def restore(self, request: Request) -> Response:
        await self.snapshots.restore(request.path_params["name"])
        return JSONResponse({"restored": request.path_params["name"]})

    async def delete_snapshot(self, request: Request) -> Response:
        self.snapshots.delete(request.path_params["name"])
        return JSONResponse({"snapshots": [asdict(one) for one in self.snapshots.kept()]})

    async def reset(self, _: Request) -> Response:
        await self.snapshots.reset()
        return JSONResponse({"reset": [one.service for one in self.controls]})


async def _not_understood(_: Request, error: Exception) -> Response:
    return refusal(422, f"{type(error).__name__}: {error}")


async def _no_snapshot(_: Request, error: Exception) -> Response:
    return refusal(404, str(error))


Endpoint = Callable[[Request], Awaitable[Response]]


def control_app(controls: Sequence[Control], snapshots: Snapshots | None = None) -> Starlette:
    """The app on a stand-in's control port; README.md lists its requests."""
    face = _Face(controls, snapshots or Snapshots([], None))
    table: list[tuple[str, Endpoint, list[str]]] = [
        ("/calls", face.calls, ["GET", "DELETE"]),
        ("/billed", face.billed, ["GET", "DELETE"]),
        ("/traces", face.traces, ["GET", "DELETE"]),
        ("/faults", face.faults, ["GET", "POST", "DELETE"]),
        ("/round-trip", face.round_trip, ["GET", "PUT"]),
        ("/clock", face.clock, ["GET", "PUT"]),
        ("/hold", face.hold, ["PUT", "DELETE"]),
        ("/snapshots", face.list_snapshots, ["GET", "POST"]),
        ("/snapshots/{name}", face.delete_snapshot, ["DELETE"]),
        ("/snapshots/{name}/restore", face.restore, ["POST"]),
        ("/state", face.reset, ["DELETE"]),
        ("/{file}", face.page, ["GET"]),
        ("/", face.page, ["GET"]),
    ]
    return Starlette(
        routes=[Route(path, endpoint, methods=methods) for path, endpoint, methods in table],
        middleware=[Middleware(OnlyFromHere)],
        exception_handlers={ValueError: _not_understood, KeyError: _not_understood, NoSnapshot: _no_snapshot},
    )
