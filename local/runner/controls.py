"""The control ports of all processes as one, at /local/... of the gateway; this machine only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.runner.proxy import problem

_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
_CLIENTS = {"127.0.0.1", "::1"}


class Controls:
    """Answers /local/stack with what runs, and /local/control/... with what the control ports say."""

    def __init__(self, ports: Sequence[int], about: Mapping[str, object]) -> None:
        self._about = dict(about)
        self._bases = [f"http://127.0.0.1:{port}" for port in ports]
        self._client = httpx.AsyncClient(timeout=10, trust_env=False)

    async def close(self) -> None:
        """Close the connections to the control ports."""
        await self._client.aclose()

    async def answer(self, request: Request) -> Response:
        """Answer one request; 404 to whoever is not on this machine, or is a page of another site."""
        if not _from_here(request):
            return problem(404, "Not Found", "There is no such page.")
        if request.url.path == "/local/stack":
            return JSONResponse(self._about)
        path = request.url.path.removeprefix("/local/control")
        try:
            if request.method == "POST":
                return await self._routed(path, await request.json())
            return await self._merged(request.method, path, await request.body())
        except (httpx.HTTPError, ValueError) as error:
            return problem(502, "Bad Gateway", f"A control port did not answer ({type(error).__name__}).")

    async def _merged(self, method: str, path: str, body: bytes) -> Response:
        replies = await asyncio.gather(
            *(self._client.request(method, base + path, content=body) for base in self._bases)
        )
        wrong = next((reply for reply in replies if reply.is_error), None)
        if wrong is not None:
            return Response(wrong.content, wrong.status_code, media_type=wrong.headers.get("content-type"))
        merged: dict[str, Any] = {}
        for reply in replies:
            merged |= reply.json()
        return JSONResponse(merged)

    async def _routed(self, path: str, wanted: dict[str, Any]) -> Response:
        services = await asyncio.gather(*(self._client.get(base + "/calls") for base in self._bases))
        homes = {name: base for base, r in zip(self._bases, services, strict=True) for name in r.json()}
        home = homes.get(wanted.get("service", ""))
        if home is None:
            return problem(404, "Not Found", f"`service` is one of {', '.join(sorted(homes))}.")
        reply = await self._client.post(home + path, json=wanted)
        return Response(reply.content, reply.status_code, media_type=reply.headers.get("content-type"))


def _from_here(request: Request) -> bool:
    """Whether this machine asks, and not a page that made its name point here (DNS rebinding)."""
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    foreign = request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    return request.client is not None and request.client.host in _CLIENTS and host in _HOSTS and not foreign
