"""The control ports of all processes as one, at /local/... of the gateway; this machine only."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from local.control.app import from_here, page_file, refusal, traced
from local.control.calls import Call
from local.control.faults import Control
from local.outgoing import loopback_client
from local.runner.proxy import problem
from local.runner.spans import Spans
from local.runner.whole_state import NotDone, WholeState

_PREFIX = "/local/control"


class Controls:
    """Answers /local/stack with what runs, and /local/control/... with what the control ports say.

    `functions` is the control of what passes the gateway; `spans` are what the functions tell of themselves;
    `state` saves and restores all services.
    """

    def __init__(
        self,
        ports: Sequence[int],
        about: Mapping[str, object],
        functions: Control,
        spans: Spans | None = None,
    ) -> None:
        self._about, self.functions, self.spans = dict(about), functions, spans or Spans()
        self._bases = [f"http://127.0.0.1:{port}" for port in ports]
        self._client = loopback_client(timeout=60)
        self.state = WholeState(self._client, self._bases, functions)

    async def close(self) -> None:
        """Close the connections to the control ports."""
        await self._client.aclose()

    async def answer(self, request: Request) -> Response:
        """Answer one request; 404 to whoever is not on this machine, or is a page of another site."""
        if not from_here(request):
            return problem(404, "Not Found", "There is no such page.")
        if request.url.path == "/local/stack":
            return JSONResponse(self._about)
        if request.url.path == _PREFIX:
            return RedirectResponse(f"{_PREFIX}/")
        path = request.url.path.removeprefix(_PREFIX)
        page = page_file(path.removeprefix("/")) if request.method == "GET" else None
        return page or await self._told(request, path)

    async def _told(self, request: Request, path: str) -> Response:
        try:
            return await self._answered(request, path)
        except (ValueError, KeyError) as error:
            return refusal(422, f"{type(error).__name__}: {error}")
        except NotDone as error:
            return refusal(error.status, str(error))
        except httpx.HTTPError as error:
            return problem(502, "Bad Gateway", f"A control port did not answer ({type(error).__name__}).")

    async def _answered(self, request: Request, path: str) -> Response:
        words = path.strip("/").split("/")
        if done := await self._of_state(request, words) or await self._of_spans(request, path):
            return done
        if words == ["traces"]:
            return await self._traces(request, path)
        if request.method == "POST":
            return await self._routed(path, await request.json())
        query = f"?{request.url.query}" if request.url.query else ""
        return await self._merged(request.method, path + query, await request.body())

    async def _of_state(self, request: Request, words: Sequence[str]) -> Response | None:
        match [request.method, *words]:
            case ["GET", "snapshots"]:
                return JSONResponse({"snapshots": await self.state.snapshots()})
            case ["POST", "snapshots"]:
                saved = await self.state.save((await request.json())["name"])
                return JSONResponse({"snapshots": [saved]}, 201)
            case ["POST", "snapshots", name, "restore"]:
                await self.state.restore(name)
                return JSONResponse({"restored": name})
            case ["DELETE", "snapshots", name]:
                await self.state.delete(name)
                return JSONResponse({"snapshots": await self.state.snapshots()})
            case ["DELETE", "state"]:
                return JSONResponse({"reset": await self.state.reset()})
        return None

    async def _of_spans(self, request: Request, path: str) -> Response | None:
        wanted = request.query_params.get("request", "")
        if request.method == "POST" and self.spans.takes(path):
            return self.spans.write(await request.json())
        if path == "/spans":
            return JSONResponse({"spans": self.spans.of(wanted)})
        if path == "/logs":
            return JSONResponse({"lines": self.spans.lines(wanted)})
        return None

    async def _merged(self, method: str, path: str, body: bytes) -> Response:
        replies = await self._all(method, path, body)
        wrong = next((reply for reply in replies if reply.is_error), None)
        if wrong is not None:
            return Response(wrong.content, wrong.status_code, media_type=wrong.headers.get("content-type"))
        merged: dict[str, Any] = {}
        for reply in replies:
            merged |= reply.json()
        return JSONResponse(merged)

    async def _traces(self, request: Request, path: str) -> Response:
        """The calls of all services and of the functions, in the order of their beginning."""
        replies = await self._all(request.method, f"{path}?{request.url.query}", b"")
        if request.method == "DELETE":
            self.functions.traces.clear()
        calls = [Call(**one) for reply in replies for one in reply.json()["traces"]]
        return JSONResponse({"traces": traced([*calls, *self.functions.traces], request)})

    async def _all(self, method: str, path: str, body: bytes) -> list[httpx.Response]:
        asked = (self._client.request(method, base + path, content=body) for base in self._bases)
        return list(await asyncio.gather(*asked))

    async def _routed(self, path: str, wanted: dict[str, Any]) -> Response:
        services = await self._all("GET", "/calls", b"")
        homes = {name: base for base, r in zip(self._bases, services, strict=True) for name in r.json()}
        home = homes.get(wanted.get("service", ""))
        if home is None:
            return problem(404, "Not Found", f"`service` is one of {', '.join(sorted(homes))}.")
        reply = await self._client.post(home + path, json=wanted)
        return Response(reply.content, reply.status_code, media_type=reply.headers.get("content-type"))
