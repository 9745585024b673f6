"""The authorization endpoint: checks the request as Google does, shows the chooser, hands out the code."""

import html
from dataclasses import dataclass
from string import Template
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from local.clock import machine
from local.signin.context import CODE_SECONDS, Client, Context, context_of
from local.signin.pages import CHOOSER, PERSON, REFUSED, SCOPE, TOLD
from local.signin.people import Person
from local.signin.store import Code

IDENTITY_SCOPES = {
    "openid",
    "email",
    "profile",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/userinfo.profile",
}
CHALLENGE_LENGTHS = range(43, 129)
"""RFC 7636 4.1."""
PASSED_ON = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "access_type",
    "prompt",
    "include_granted_scopes",
)


@dataclass(frozen=True)
class Refused(Exception):
    """The request is not one that may be answered at the redirect URI; the person sees a page."""

    status: int
    code: str
    reason: str


def _client(context: Context, asked: dict[str, str]) -> Client:
    """The client that asks. Raises Refused, with Google's names for what is wrong."""
    client = context.clients.get(asked.get("client_id", ""))
    if client is None:
        raise Refused(401, "invalid_client", "The OAuth client was not found.")
    if asked.get("redirect_uri") not in client.redirect_uris:
        raise Refused(400, "redirect_uri_mismatch", "The redirect URI is not registered for this client.")
    return client


def _problem(asked: dict[str, str]) -> str:
    """What is wrong with the rest of the request; empty when nothing is."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if not asked.get("scope", "").split():
        return "invalid_scope"
    challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
    known = method in {"S256", "plain"} and (not challenge or len(challenge) in CHALLENGE_LENGTHS)
    if not known or ("code_challenge_method" in asked and not challenge):
        return "invalid_request"
    return ""


def _back(asked: dict[str, str], **answer: str) -> Response:
    """Send the browser back to the client, with the state that it gave."""
    state = {"state": asked["state"]} if asked.get("state") else {}
    target = asked["redirect_uri"]
    joined = "&" if "?" in target else "?"
    return RedirectResponse(
        f"{target}{joined}{urlencode(state | answer)}", 302, {"Cache-Control": "no-store"}
    )


def _issue(context: Context, asked: dict[str, str], person: Person, scopes: list[str]) -> Response:
    """A code for this person's consent to these scopes."""
    consent = "consent" in asked.get("prompt", "").split()
    first = not context.store.has_offline_grant(asked["client_id"], person.email)
    code = Code(
        client_id=asked["client_id"],
        redirect_uri=asked["redirect_uri"],
        email=person.email,
        scope=" ".join(scopes),
        nonce=asked.get("nonce", ""),
        challenge=asked.get("code_challenge", ""),
        method=asked.get("code_challenge_method", "plain"),
        offline=asked.get("access_type") == "offline" and (consent or first),
        expires=machine.time() + CODE_SECONDS,
    )
    return _back(asked, code=context.store.add_code(code), scope=code.scope, authuser="0", prompt="consent")


def _refusal(refused: Refused) -> Response:
    page = Template(REFUSED).substitute(
        status=refused.status, code=html.escape(refused.code), reason=html.escape(refused.reason)
    )
    return HTMLResponse(page, refused.status, {"Cache-Control": "no-store"})


def _ordered(context: Context, hint: str) -> list[Person]:
    """The people to choose from, the hinted one first."""
    return sorted(context.people.values(), key=lambda person: hint not in {person.email, person.sub})


def _chooser(context: Context, asked: dict[str, str]) -> Response:
    """The page on which a person is chosen and the Drive scopes agreed to."""
    scopes = [scope for scope in asked["scope"].split() if scope not in IDENTITY_SCOPES]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(asked[name])}">'
        for name in PASSED_ON
        if name in asked
    )
    people = "".join(
        Template(PERSON).substitute(email=html.escape(person.email), name=html.escape(person.name))
        for person in _ordered(context, asked.get("login_hint", ""))
    )
    boxes = "".join(
        Template(SCOPE).substitute(scope=html.escape(scope), told=html.escape(TOLD.get(scope, scope)))
        for scope in scopes
    )
    page = Template(CHOOSER).substitute(
        client=html.escape(asked["client_id"].split(".")[0]), hidden=hidden, people=people, scopes=boxes
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store", "X-Frame-Options": "DENY"})


def _shown(context: Context, asked: dict[str, str]) -> Response:
    _client(context, asked)
    if problem := _problem(asked):
        return _back(asked, error=problem)
    if "none" in asked.get("prompt", "").split():
        hint = asked.get("login_hint", "")
        person = next((one for one in context.people.values() if hint in {one.email, one.sub}), None)
        if person is None:
            return _back(asked, error="login_required")
        return _issue(context, asked, person, asked["scope"].split())
    return _chooser(context, asked)


def _answered(context: Context, asked: dict[str, str], granted: set[str]) -> Response:
    _client(context, asked)
    if problem := _problem(asked):
        return _back(asked, error=problem)
    if "deny" in asked:
        return _back(asked, error="access_denied")
    person = context.people.get(asked.get("person", "").lower())
    if person is None:
        raise Refused(400, "invalid_request", "There is no such person here.")
    scopes = asked["scope"].split()
    if "granular" in asked:
        scopes = [scope for scope in scopes if scope in IDENTITY_SCOPES or scope in granted]
    return _issue(context, asked, person, scopes)


async def authorize(request: Request) -> Response:
    """GET shows the chooser (with prompt=none and a login_hint it answers at once); POST takes the choice."""
    context = context_of(request)
    try:
        if request.method == "GET":
            return _shown(context, dict(request.query_params))
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True)
        asked = dict(request.query_params) | dict(pairs)
        return _answered(context, asked, {value for name, value in pairs if name == "grant"})
    except Refused as refused:
        return _refusal(refused)
