"""Control in front of an ASGI app."""

from collections.abc import Callable

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.control.calls import Call
from local.control.faults import Control, Fault

ErrorBody = Callable[[int], object]
FAULT = "local.fault"
"""Where in the scope an app finds the fault that hit its request, if its status is no HTTP status."""


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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = [(name.decode("latin-1"), value) for name, value in scope["headers"]]
        with self._control.call(self._name(scope), headers) as call:
            fault = await self._control.meet(call)
            answer = self._answer(scope, fault)
            await answer(scope, counted_receive(receive, call), counted_send(send, call))

    def _answer(self, scope: Scope, fault: Fault | None) -> ASGIApp:
        if fault and (fault.drop or fault.status.isdecimal()):
            failing = Dropped() if fault.drop else self._refusal(int(fault.status))
            return _Late(self._app, None if fault.drop else failing) if fault.late else failing
        scope[FAULT] = fault
        return self._app

    def _refusal(self, status: int) -> Response:
        return JSONResponse(self._error(status), status)


class _Late:
    """Does the work, and then answers with `instead`, or with the first half of the answer's first part."""

    def __init__(self, app: ASGIApp, instead: Response | None) -> None:
        self._app, self._instead = app, instead

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer other than the app did; the server closes the connection of half an answer."""
        await self._app(scope, receive, _halved(send) if self._instead is None else _nowhere)
        if self._instead is not None:
            await self._instead(scope, receive, send)


async def _nowhere(_: Message) -> None:
    return


def _halved(send: Send) -> Send:
    cut = False

    async def sent(message: Message) -> None:
        nonlocal cut
        if message["type"] == "http.response.start":
            await send(message)
        elif not cut:
            cut, body = True, message.get("body", b"")
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})

    return sent


def counted_receive(receive: Receive, call: Call) -> Receive:
    """`receive`, with the body's bytes added to the call."""

    async def received() -> Message:
        message = await receive()
        call.received += len(message.get("body", b""))
        return message

    return received


def counted_send(send: Send, call: Call) -> Send:
    """`send`, with the answer's status and bytes noted in the call."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            call.status = str(message["status"])
        call.sent += len(message.get("body", b""))
        await send(message)

    return sent
