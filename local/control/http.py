"""Control in front of an ASGI app, and the HTTP face of control itself."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.control.faults import Control, Fault

ErrorBody = Callable[[int], object]


class ControlMiddleware:
    """Counts every request under the name that `name` gives it, and injects the armed faults.

    `error` shapes the body of an injected status as the real service would.
    """

    def __init__(
        self, app: ASGIApp, control: Control, name: Callable[[Scope], str], error: ErrorBody
    ) -> None:
        self._app, self._control, self._name, self._error = app, control, name, error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fault = await self._control.enter(self._name(scope))
        if fault and fault.drop:
            raise ConnectionResetError("injected: dropped")
        if fault and fault.status:
            status = int(fault.status)
            await JSONResponse(self._error(status), status)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def control_app(controls: Sequence[Control]) -> Starlette:
    """The app on a stand-in's control port; README.md lists its requests."""
    by_name = {control.service: control for control in controls}

    async def calls(request: Request) -> Response:
        if request.method == "DELETE":
            for control in controls:
                control.calls.clear()
        return JSONResponse({name: dict(control.calls) for name, control in by_name.items()})

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            for control in controls:
                control.faults.clear()
        if request.method == "POST":
            wanted = await request.json()
            service = wanted.pop("service", controls[0].service)
            if service not in by_name:
                return JSONResponse({"error": "no such service", "services": sorted(by_name)}, 404)
            try:
                by_name[service].faults.append(Fault(**wanted))
            except TypeError as error:
                return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({name: [asdict(f) for f in c.faults] for name, c in by_name.items()})

    async def round_trip(request: Request) -> Response:
        seconds = float((await request.json())["seconds"])
        for control in controls:
            control.round_trip = seconds
        return JSONResponse({"seconds": seconds})

    return Starlette(
        routes=[
            Route("/calls", calls, methods=["GET", "DELETE"]),
            Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route("/round-trip", round_trip, methods=["PUT"]),
        ]
    )
