"""What every stand-in is: something that starts on a port of the loopback, and stops."""

import asyncio
import contextlib
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from local.control.faults import Control

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Options:
    """How to start a stand-in. `state` None keeps everything in memory; `port` 0 takes a free one."""

    port: int = 0
    state: Path | None = None
    signin: str = ""
    """The sign-in stand-in's address, for those that check or mint tokens: http://127.0.0.1:N."""
    drive: Path | None = None
    """The folder that the Drive stand-in serves."""
    settings: dict[str, str] = field(default_factory=dict)


class StandIn(Protocol):
    """A service of Google's, on this machine."""

    control: Control

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        ...

    async def stop(self) -> None:
        """Stop listening and close the store; what was acknowledged is on disk."""
        ...

    async def save(self, folder: Path) -> None:
        """Copy all state into a folder that exists and is empty, as it is at one moment."""
        ...

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied, or, for None, to the state of a first start."""
        ...

    def exports(self) -> dict[str, str]:
        """The environment variables that point a real client at this stand-in."""
        ...


class HttpServer:
    """An ASGI app on a loopback port, inside the running event loop."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._app, self._port = app, port
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; returns the port. Raises OSError when the port is taken."""
        # the protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only then
        listener = socket.socket(proto=socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, self._port))
        except OSError as error:
            listener.close()
            raise OSError(error.errno, f"port {self._port} is taken: {error.strerror}") from None
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,  # nobody in front of a stand-in may say who is calling
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.005)
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Stop listening; requests under way get a second to finish."""
        if self._server and self._task:
            self._server.should_exit = True
            await self._task
