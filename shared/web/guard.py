"""Who may call a route: decided here, before any handler runs; the default is a signed-in person."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from shared import log
from shared.errors import NotAllowed, NotFound, NotSignedIn
from shared.identity.refresh_tokens import SEPARATOR
from shared.identity.tokens import AccessClaims, calls_itself_ours
from shared.limits import meter
from shared.limits.admission import Admissions, Admitted, headers
from shared.limits.interfaces import Claim, Claimed
from shared.models import Person
from shared.web.client_address import address_bucket
from shared.web.described import Wire

ANSWER_HEADERS = "docent.answer_headers"
"""Where in a request's scope the headers are that its answer will carry."""
COOKIE = "__session"
"""The one cookie name that Firebase Hosting forwards to a function."""

Handler = Callable[[Request], Awaitable[Response]]
AHEAD = "docent.ahead"
"""Where in a request's scope stands what its route begins early."""
_ID = re.compile(r"(?!\.{1,2}$|__.*__$)[A-Za-z0-9_~.@:|=+-]{1,400}")
"""What may name something: no part of an address but itself, and an id that Firestore allows."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_ELSEWHERE = "This request did not come from a page of Docent's."


class Access(Enum):
    """Who may call a route."""

    PUBLIC = "anyone"
    PERSON = "a signed-in person"
    ADMIN = "an administrator"
    TASK = "Cloud Tasks, with the task service account's token"
    OPERATOR = "Cloud Scheduler with its service account's token, or an administrator"


_RAISED = (Access.ADMIN, Access.OPERATOR)


class Rate(Enum):
    """What a route's requests count as, where they are counted."""

    QUESTION = "a question of the person's"
    STRANGER = "a request from an address of somebody who is not signed in"


class People(Protocol):
    """Turns a session token into the person it stands for."""

    async def person(self, token: str) -> Person:
        """Raises NotSignedIn for anything but a live session, Unavailable when that cannot be known."""
        ...


class Prepared(Protocol):
    """Work that was begun early."""

    @property
    def claim(self) -> Claim | None:
        """What is to be claimed in the commit that counts the request."""
        ...

    def claimed(self, by: Claimed | None) -> None:
        """Note whose the claim is; None where nothing was claimed."""
        ...

    def cancel(self) -> None:
        """Nobody is going to ask for it."""
        ...


Ahead = Callable[[Request, str], Awaitable[Prepared]]


@runtime_checkable
class Claimants(Protocol):
    """People of whom a token alone already tells who they claim to be."""

    async def claims(self, token: str) -> AccessClaims:
        """What the verified token says. Raises NotSignedIn, Unavailable."""
        ...

    async def claimant(self, claims: AccessClaims) -> Person:
        """The person whose live session these claims name. Raises NotSignedIn, Unavailable."""
        ...


@runtime_checkable
class Denials(Protocol):
    """People who also keep a record of what they were denied."""

    async def denied(self, person: Person, method: str, route: str, reason: str) -> None:
        """Note it; `route` is a pattern, never what was asked for. Never raises."""
        ...


class Callers(Protocol):
    """Checks the tokens of service accounts."""

    async def verify(self, token: str, audience: str, allowed: Collection[str]) -> str:
        """The caller's e-mail address. Raises NotSignedIn unless it is one of `allowed`."""
        ...


@dataclass(frozen=True)
class Guard:
    """What is needed to know who is calling. `origins` are the pages that may send unsafe requests.

    Somebody signed in who is turned away is noted, when `people` can.
    """

    people: People
    origins: frozenset[str] = frozenset()
    callers: Callers | None = None
    audience: str = ""
    task_accounts: frozenset[str] = field(default_factory=frozenset)
    scheduler_accounts: frozenset[str] = field(default_factory=frozenset)
    ready: Callable[[], Awaitable[None]] | None = None
    """Raises an AppError while a secret is missing or a placeholder: nobody is served until it is mended."""
    admissions: Admissions | None = None
    """Counts what routes say is to be counted; without it nothing is."""
    trusted_hops: int = 0
    """Proxies of ours that append to X-Forwarded-For."""

    async def admit(self, request: Request, access: Access, rate: Rate | None = None) -> None:
        """Let the request through or raise NotSignedIn, NotAllowed, Unavailable, or what `ready` raises.

        A person is left in `request.state.person`. TooMany when the `rate` is over its limit.
        """
        if rate is Rate.STRANGER and self.admissions is not None:
            standings = await self.admissions.address(address_bucket(request, self.trusted_hops))
            answer_with(request, headers(standings))
        if access is Access.PUBLIC:
            return
        if self.ready is not None:
            await self.ready()
        if access is Access.TASK:
            await self._service(request, self.task_accounts)
            return
        if access is Access.OPERATOR and await self._is_scheduler(request):
            return
        person = await self._person(request, rate)
        try:
            self._permit(request, access, person)
        except NotAllowed as refusal:
            await self._note(request, person, refusal)
            raise

    async def _person(self, request: Request, rate: Rate | None) -> Person:
        token = _bearer(request) or session_cookie(request)
        if not token:
            raise NotSignedIn("Sign in first.")
        # another site's request is refused below, and must not use up the person's questions before that
        if rate is Rate.QUESTION and self.admissions is not None and self._of_ours(request):
            person = await self._asker(request, token, self.admissions)
        else:
            person = await self.people.person(token)
        request.state.person = person
        log.bind(person=log.pseudonym(person.subject))
        if (counting := meter.current()) is not None:
            counting.subject = person.subject
        return person

    async def _asker(self, request: Request, token: str, admissions: Admissions) -> Person:
        """The person, counted while their session is read: the token alone says under whose name."""
        if isinstance(self.people, Claimants):
            claims = await self.people.claims(token.partition(SEPARATOR)[0])
            reading = self.people.claimant(claims)
            person, admitted = await self._counted(request, reading, claims.subject, admissions)
        else:
            known = await self.people.person(token)
            person, admitted = await admissions.admit(known.subject, _already(known))
        answer_with(request, headers(admitted.standings))
        if (counting := meter.current()) is not None:
            counting.admitted = admitted
        return person

    async def _counted(
        self, request: Request, reading: Coroutine[Any, Any, Person], subject: str, admissions: Admissions
    ) -> tuple[Person, Admitted]:
        """The session is read while the body is, and then the question counted and claimed beside both."""
        found = asyncio.ensure_future(reading)
        prepared = None
        try:
            if (ahead := request.scope.get(AHEAD)) is not None:
                prepared = await ahead(request, subject)
            person, admitted = await admissions.admit(subject, found, prepared.claim if prepared else None)
        except BaseException:
            _forget(found)
            if prepared is not None:
                prepared.cancel()
            raise
        if prepared is not None:
            prepared.claimed(admitted.charge.claimed)
        request.state.ahead = prepared
        return person, admitted

    def _permit(self, request: Request, access: Access, person: Person) -> None:
        if not self._of_ours(request):
            raise NotAllowed(_ELSEWHERE)
        if access in _RAISED and not person.admin:
            raise NotAllowed("Only an administrator may do this.")

    async def _note(self, request: Request, person: Person, refusal: NotAllowed) -> None:
        if isinstance(self.people, Denials):
            route = getattr(request.scope.get("route"), "path", "")
            await self.people.denied(person, request.method, route, refusal.detail)

    def require_same_origin(self, request: Request) -> None:
        """Raise NotAllowed unless one of our pages sent the request: a cookie travels by itself."""
        if not self._same_origin(request):
            raise NotAllowed(_ELSEWHERE)

    def _of_ours(self, request: Request) -> bool:
        """Whether whoever holds the credentials sent the request knowingly."""
        return bool(_bearer(request)) or request.method in _SAFE or self._same_origin(request)

    def _same_origin(self, request: Request) -> bool:
        origin = request.headers.get("origin")
        if origin is None:
            return request.headers.get("sec-fetch-site") in ("same-origin", "none")
        sent = origin.encode()
        return any(hmac.compare_digest(sent, known.encode()) for known in self.origins)

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


class Described(Route):
    """A Route that knows what it takes and answers, and whom."""

    def __init__(self, *args: Any, wire: Wire | None, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wire, self.access = wire, access


def route(
    path: str,
    handler: Handler,
    *,
    method: str = "GET",
    access: Access = Access.PERSON,
    rate: Rate | None = None,
    ahead: Ahead | None = None,
    wire: Wire | None = None,
) -> Route:
    """One line of a function's ROUTES: a path, a method, who may call it, how often, and what crosses over.

    `ahead` is what a question's route begins while it is found out who asks. It is told the subject that the
    token names, raises nothing, and returns what can be stopped again; `request.state.ahead` is that. What
    stands in the path in the place of an id and could be none is nothing: it goes into addresses of Google's.
    """

    async def admitted(request: Request) -> Response:
        if ahead is not None:
            request.scope[AHEAD] = ahead
        await request.app.state.guard.admit(request, access, rate)
        if not all(_ID.fullmatch(str(value)) for value in request.path_params.values()):
            raise NotFound("There is nothing at this address.")
        return await handler(request)

    admitted.__doc__ = handler.__doc__
    return Described(
        path, admitted, methods=[method], name=getattr(handler, "__name__", path), wire=wire, access=access
    )


def session_cookie(connection: HTTPConnection) -> str:
    """What the browser holds of ours; "" when it brings nothing, or two things that cannot both be ours.

    A site beside this one can set a cookie of the same name for their parent domain (RFC 6265, 8.6).
    Another program's is passed over; two of Docent's own would let that site choose who is asking.
    """
    header = "; ".join(connection.headers.getlist("cookie"))
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    values = {value.strip() for name, _, value in pairs if name == COOKIE} - {""}
    if len(values) == 1:
        return values.pop()
    ours = {value for value in values if calls_itself_ours(value.partition(SEPARATOR)[0])}
    return ours.pop() if len(ours) == 1 else ""


def answer_with(request: HTTPConnection, fields: Mapping[str, str]) -> None:
    """Put these headers on the request's answer, whatever it will be."""
    request.scope.setdefault(ANSWER_HEADERS, {}).update(fields)


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


def _forget(work: "asyncio.Future[Person]") -> None:
    """End what nobody waits for any more; its failure is nobody's business."""
    work.add_done_callback(lambda done: done.cancelled() or done.exception())
    work.cancel()


async def _already(person: Person) -> Person:
    return person
