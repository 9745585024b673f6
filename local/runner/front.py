"""The listening end of the gateway."""

import asyncio
import contextlib
import logging
import socket

import uvicorn
from starlette.types import ASGIApp

from local.standin import LOOPBACK

_POLL = 0.02
_PATIENCE = 1.0
"""Seconds that a request which was cut off gets to notice."""


class Front:
    """Serves an app as the first proxy of a chain: no caller is believed about where it comes from.

    The headers of an answer are the app's alone, so that a function's own pass through unchanged.
    """

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._port = port
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        listener = socket.socket(proto=socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, self._port))
        except OSError:
            listener.close()
            raise
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._serving.done():
                await self._serving
            await asyncio.sleep(_POLL)
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Stop listening; requests under way get a second to finish, and no traceback when they do not."""
        if self._serving is None:
            return
        self._server.should_exit = True
        log = logging.getLogger("uvicorn.error")
        level = log.level
        log.setLevel(logging.CRITICAL + 1)
        try:
            await self._serving
            cut_off = self._server.server_state.tasks
            if cut_off:
                await asyncio.wait(cut_off, timeout=_PATIENCE)
        finally:
            log.setLevel(level)
