"""The sign-in doctor over HTTP: for administrators, and open on one's own machine."""

from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.auth.pages import diagnosis_page
from functions.auth.schemas import Diagnosis, FindingEntry
from functions.auth.serving import services
from shared.errors import NotAllowed, NotSignedIn, Unavailable
from shared.identity.doctor import Visit
from shared.identity.interfaces import BadSecret
from shared.loopback import is_loopback
from shared.models import Person
from shared.web.client_address import client_address, forwarded
from shared.web.guard import COOKIE, Access


async def doctor(request: Request) -> Response:
    """What a sign-in needs, line by line: as a page for a browser, otherwise as JSON."""
    asking = await _admitted(request)
    findings = await services(request).doctor.examine(_visit(request, asking))
    entries = [FindingEntry.of(finding) for finding in findings]
    diagnosis = Diagnosis(
        ok=all(entry.ok for entry in entries),
        findings=entries,
        forwarded=forwarded(request),
        address=client_address(request, services(request).web.trusted_proxy_hops),
    )
    if "text/html" in request.headers.get("accept", ""):
        return diagnosis_page(diagnosis)
    return JSONResponse(diagnosis.model_dump())


async def _admitted(request: Request) -> Person | None:
    """The administrator who asks; on one's own machine anybody may, even while nobody can sign in."""
    guard = replace(request.app.state.guard, ready=None)
    try:
        await guard.admit(request, Access.ADMIN)
    except (NotSignedIn, NotAllowed, Unavailable, BadSecret):
        if not _at_home(request):
            raise
    return getattr(request.state, "person", None)


def _at_home(request: Request) -> bool:
    """Both the configured address and the one who asks are on this machine."""
    peer = request.client.host if request.client else ""
    try:
        near = ip_address(peer).is_loopback
    except ValueError:
        return False
    return near and is_loopback(urlsplit(services(request).home).netloc)


def _visit(request: Request, asking: Person | None) -> Visit:
    headers = request.headers
    pairs = [pair.strip().partition("=") for pair in headers.get("cookie", "").split(";")]
    return Visit(
        scheme=headers.get("x-forwarded-proto", request.url.scheme).partition(",")[0].strip(),
        host=headers.get("x-forwarded-host", headers.get("host", "")),
        cookies=tuple(value for name, _, value in pairs if name == COOKIE),
        person=asking,
        bearer="authorization" in headers,
    )
