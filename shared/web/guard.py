"""Who may call a route: decided here, before any handler runs; the default is a signed-in person."""

import hmac
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from shared import log
from shared.errors import NotAllowed, NotSignedIn
from shared.models import Person

COOKIE = "__session"
"""The one cookie name that Firebase Hosting forwards to a function."""

Handler = Callable[[Request], Awaitable[Response]]
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Access(Enum):
    """Who may call a route."""

    PUBLIC = "anyone"
    PERSON = "a signed-in person"
    ADMIN = "an administrator"
    TASK = "Cloud Tasks, with the task service account's token"
    OPERATOR = "Cloud Scheduler with its service account's token, or an administrator"


class People(Protocol):
    """Turns a session token into the person it stands for."""

    async def person(self, token: str) -> Person:
        """Raises NotSignedIn for anything but a live session, Unavailable when that cannot be known."""
        ...


class Callers(Protocol):
    """Checks the tokens of service accounts."""

    async def verify(self, token: str, audience: str, allowed: Collection[str]) -> str:
        """The caller's e-mail address. Raises NotSignedIn unless it is one of `allowed`."""
        ...


@dataclass(frozen=True)
class Guard:
    """What is needed to know who is calling. `origins` are the pages that may send unsafe requests."""

    people: People
    origins: frozenset[str] = frozenset()
    callers: Callers | None = None
    audience: str = ""
    task_accounts: frozenset[str] = field(default_factory=frozenset)
    scheduler_accounts: frozenset[str] = field(default_factory=frozenset)

    async def admit(self, request: Request, access: Access) -> None:
        """Let the request through or raise NotSignedIn, NotAllowed, Unavailable.

        A person is left in `request.state.person`.
        """
        if access is Access.PUBLIC:
            return
        if access is Access.TASK:
            await self._service(request, self.task_accounts)
            return
        if access is Access.OPERATOR and await self._is_scheduler(request):
            return
        person = await self._person(request)
        if access in (Access.ADMIN, Access.OPERATOR) and not person.admin:
            raise NotAllowed("Only an administrator may do this.")

    async def _person(self, request: Request) -> Person:
        bearer = _bearer(request)
        token = bearer or request.cookies.get(COOKIE, "")
        if not token:
            raise NotSignedIn("Sign in first.")
        if not bearer and request.method not in _SAFE:
            self.require_same_origin(request)
        person = await self.people.person(token)
        request.state.person = person
        log.bind(person=log.pseudonym(person.subject))
        return person

    def require_same_origin(self, request: Request) -> None:
        """Raise NotAllowed unless one of our pages sent the request: a cookie travels by itself."""
        origin = request.headers.get("origin")
        if origin is not None:
            sent = origin.encode()
            if any(hmac.compare_digest(sent, known.encode()) for known in self.origins):
                return
        elif request.headers.get("sec-fetch-site") in ("same-origin", "none"):
            return
        raise NotAllowed("This request did not come from a page of Docent's.")

    async def _service(self, request: Request, allowed: Collection[str]) -> None:
        token = _bearer(request)
        if not token or self.callers is None or not allowed:
            raise NotSignedIn("This address is for Google Cloud's own callers.")
        await self.callers.verify(token, self.audience, allowed)

    async def _is_scheduler(self, request: Request) -> bool:
        try:
            await self._service(request, self.scheduler_accounts)
        except NotSignedIn:
            return False
        return True


def route(path: str, handler: Handler, *, method: str = "GET", access: Access = Access.PERSON) -> Route:
    """One line of a function's ROUTES: a path, a method, who may call it."""

    async def admitted(request: Request) -> Response:
        await request.app.state.guard.admit(request, access)
        return await handler(request)

    admitted.__doc__ = handler.__doc__
    return Route(path, admitted, methods=[method], name=getattr(handler, "__name__", path))


def origin_of(address: str) -> str:
    """The origin of an address as a browser sends it: scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def person(request: HTTPConnection) -> Person:
    """The person whom the guard admitted."""
    found = request.state.person
    assert isinstance(found, Person)  # noqa: S101 - a route without a guard is a bug, not an input
    return found


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
