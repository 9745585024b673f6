"""A streaming reverse proxy, as far as Firebase Hosting in front of a function is one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger("local.gateway")

SESSION_COOKIE = "__session"
"""The only cookie that Firebase Hosting passes on."""

_PER_CONNECTION = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers of one connection, which a proxy does not pass on (RFC 9110, 7.6.1)."""

_TIMEOUT = {"connect": 5.0, "write": 60.0, "read": 300.0, "pool": 5.0}
"""Seconds; `read` is the longest silence within an answer."""


@dataclass(frozen=True)
class Manners:
    """How a front end may turn out to behave; the default is what Docent is set up for."""

    adds: tuple[str, ...] = ()
    """Addresses that it appends to X-Forwarded-For behind the client's, as each further proxy does."""
    hides: str = ""
    """What it appends in the client's place when the client sent the header itself."""
    holds_back: bool = False
    """Whether an answer is passed on only when all of it is there."""
    drops: frozenset[bytes] = frozenset()
    """Headers, in small letters, that it does not pass on, in either direction."""


class ClientGone(Exception):
    """The caller hung up."""


def problem(status: int, title: str, detail: str) -> JSONResponse:
    """An error of the gateway's own, shaped as RFC 9457 has it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


class Proxy:
    """Passes a request on to one of the functions and its answer back, both as they come."""

    def __init__(self, targets: Mapping[str, str], manners: Manners = Manners()) -> None:
        self._targets, self._manners = dict(targets), manners
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60.0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)

    async def close(self) -> None:
        """Close the connections to the functions."""
        await self._transport.aclose()

    async def forward(self, role: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the function of this role answers; 502 when it is not there."""
        inbox = _Inbox(receive)
        passing = asyncio.create_task(self._pass(role, scope, inbox, send))
        watching = asyncio.create_task(inbox.hung_up())
        try:
            await asyncio.wait({passing, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (passing, watching):
                if not task.done():
                    task.cancel()
            outcomes = await asyncio.gather(passing, watching, return_exceptions=True)
        if isinstance(outcomes[0], Exception) and not isinstance(outcomes[0], ClientGone):
            raise outcomes[0]

    async def _pass(self, role: str, scope: Scope, inbox: "_Inbox", send: Send) -> None:
        request = _upstream(scope, self._targets[role], inbox, self._manners)
        try:
            answer = await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            detail = f"The {role} function did not answer ({type(error).__name__})."
            await problem(502, "Bad Gateway", detail)(scope, inbox.receive, send)
            return
        try:
            headers = [one for one in _kept(answer) if one[0] not in self._manners.drops]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
            async for chunk in _whole(answer) if self._manners.holds_back else answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except httpx.TransportError as error:
            # Returning without an end makes the server cut the connection: the caller sees the loss.
            log.warning("%s broke off an answer: %s", role, type(error).__name__)
        finally:
            await asyncio.shield(asyncio.ensure_future(answer.aclose()))


class _Inbox:
    """The caller's side of a connection: first the body, then the news that it hung up."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self._body_read = asyncio.Event()

    def no_body(self) -> None:
        self._body_read.set()

    async def body(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._next()
            more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]
        self._body_read.set()

    async def hung_up(self) -> None:
        """Return when the caller has gone; before the body has been read, `body` notices that."""
        await self._body_read.wait()
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> Message:
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        return message


async def _whole(answer: httpx.Response) -> AsyncIterator[bytes]:
    yield b"".join([piece async for piece in answer.aiter_raw()])


def _upstream(scope: Scope, target: str, inbox: _Inbox, manners: Manners) -> httpx.Request:
    base = httpx.URL(target)
    query = scope["query_string"]
    path = scope.get("raw_path") or scope["path"].encode()
    url = base.copy_with(raw_path=path + (b"?" + query if query else b""))
    incoming = scope["headers"]
    names = {name for name, _ in incoming}
    has_body = b"transfer-encoding" in names or b"content-length" in names
    if not has_body:
        inbox.no_body()
    return httpx.Request(
        scope["method"],
        url,
        headers=_forwarded(scope, incoming, manners),
        content=inbox.body() if has_body else None,
        extensions={"timeout": _TIMEOUT},
    )


def _forwarded(
    scope: Scope, incoming: list[tuple[bytes, bytes]], manners: Manners
) -> list[tuple[bytes, bytes]]:
    client = (scope.get("client") or ("unknown", 0))[0].encode()
    host, seen, kept = b"", [], []
    for name, value in incoming:
        if name == b"host":
            host = value
        elif name == b"x-forwarded-for":
            seen.append(value)
        elif name == b"cookie":
            kept += [(name, part) for part in _session_cookie(value)]
        elif name not in _PER_CONNECTION | manners.drops and name not in {
            b"x-forwarded-proto",
            b"x-forwarded-host",
        }:
            kept.append((name, value))
    told = manners.hides.encode() if seen and manners.hides else client
    added = [one.encode() for one in manners.adds]
    return [
        *kept,
        (b"x-forwarded-for", b", ".join([*seen, told, *added])),
        (b"x-forwarded-proto", scope["scheme"].encode()),
        (b"x-forwarded-host", host),
    ]


def _session_cookie(header: bytes) -> list[bytes]:
    pairs = [pair.strip() for pair in header.split(b";")]
    return [pair for pair in pairs if pair.partition(b"=")[0] == SESSION_COOKIE.encode()][:1]


def _kept(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _PER_CONNECTION
    ]
