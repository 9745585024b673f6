"""Control in front of an ASGI app, and the HTTP face of control itself."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.control.faults import Control, Fault

ErrorBody = Callable[[int], object]


class Dropped(Response):
    """A connection that ends before its answer is complete: what an injected drop looks like to a client."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's
        """Promise a body, send none; the server then closes the connection."""
        headers = [(b"content-length", b"1"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class ControlMiddleware:
    """Counts every request under the name that `name` gives it, and injects the armed faults.

    `error` shapes the body of an injected status as the real service would.
    """

    def __init__(
        self, app: ASGIApp, control: Control, name: Callable[[Scope], str], error: ErrorBody
    ) -> None:
        self._app, self._control, self._name, self._error = app, control, name, error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail as the armed fault says."""
        fault = await self._control.enter(self._name(scope)) if scope["type"] == "http" else None
        if fault and fault.drop:
            await Dropped()(scope, receive, send)
        elif fault and fault.status:
            status = int(fault.status)
            await JSONResponse(self._error(status), status)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


@dataclass(frozen=True)
class _Face:
    """The requests of the control port."""

    controls: Sequence[Control]

    async def calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            for control in self.controls:
                control.calls.clear()
        return JSONResponse({control.service: dict(control.calls) for control in self.controls})

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            for control in self.controls:
                control.faults.clear()
        if request.method == "POST":
            refused = self._arm(await request.json())
            if refused:
                return refused
        return JSONResponse({c.service: [asdict(fault) for fault in c.faults] for c in self.controls})

    def _arm(self, wanted: dict[str, object]) -> Response | None:
        service = wanted.pop("service", self.controls[0].service)
        control = next((one for one in self.controls if one.service == service), None)
        if control is None:
            known = sorted(one.service for one in self.controls)
            return JSONResponse({"error": "no such service", "services": known}, 404)
        try:
            control.faults.append(Fault(**wanted))  # type: ignore[arg-type]
        except TypeError as error:
            return JSONResponse({"error": str(error)}, 422)
        return None

    async def round_trip(self, request: Request) -> Response:
        seconds = float((await request.json())["seconds"])
        for control in self.controls:
            control.round_trip = seconds
        return JSONResponse({"seconds": seconds})


def control_app(controls: Sequence[Control]) -> Starlette:
    """The app on a stand-in's control port; README.md lists its requests."""
    face = _Face(controls)
    return Starlette(
        routes=[
            Route("/calls", face.calls, methods=["GET", "DELETE"]),
            Route("/faults", face.faults, methods=["GET", "POST", "DELETE"]),
            Route("/round-trip", face.round_trip, methods=["PUT"]),
        ]
    )
