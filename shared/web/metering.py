"""Gives each request a meter, and the bookkeeper the meter before the request's last byte is sent."""

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.limits import meter
from shared.limits.bookkeeper import Bookkeeper


class Metering:
    """Meters each request. After the last byte an instance may be stopped, so the bookkeeper comes first."""

    def __init__(self, app: ASGIApp, bookkeeper: Bookkeeper) -> None:
        self._app, self._bookkeeper = app, bookkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and settle what it cost, also when the caller left."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        mine, settled = self._bookkeeper.begin(), False
        meter.begin(mine)

        async def settle() -> None:
            nonlocal settled
            if not settled:
                settled = True
                with anyio.CancelScope(shield=True):
                    await self._bookkeeper.finish(mine)

        mine.settle = settle

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                await settle()
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            await settle()
