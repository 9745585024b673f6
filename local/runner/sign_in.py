"""Signs a person in as a browser would: through the function's login, the sign-in page, and back."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx

from local.outgoing import loopback_client

SESSION_COOKIE = "__session"
CALLBACK = "/auth/callback"


class NotSignedIn(Exception):
    """The person could not be signed in; says where it stopped, with HTTP's `status` (0: none)."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


async def sign_in(base: str, person: str) -> str:
    """The person's session token: the first part of the session cookie, which is a bearer token too.

    Raises NotSignedIn, and httpx.TransportError when nothing answers.
    """
    async with loopback_client(base_url=base, follow_redirects=True, timeout=30) as browser:
        page = await browser.get("/auth/login")
        _expect(page, "the sign-in page")
        form = form_for(person.lower(), page.text)
        back = await browser.request(
            form.method,
            page.url.join(form.action),
            content=urlencode([*form.fields, (form.choice, person.lower())]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        return _token([*back.history, back])


def _token(steps: list[httpx.Response]) -> str:
    """The session that the callback gave; before it, the cookie of that name holds something else."""
    for step in steps:
        if step.url.path == CALLBACK and step.is_redirect and SESSION_COOKIE in step.cookies:
            # what follows the tilde renews the session; a script only needs the token
            return step.cookies[SESSION_COOKIE].partition("~")[0]
        if step.url.path == CALLBACK:
            break
    _expect(steps[-1], "the way back from the sign-in page")
    raise NotSignedIn(f"{steps[-1].url.path} gave no session")


def _expect(response: httpx.Response, what: str) -> None:
    if not response.is_error:
        return
    detail = response.reason_phrase
    if "json" in response.headers.get("content-type", ""):
        detail = response.json().get("detail", detail)
    raise NotSignedIn(f"{what} answered {response.status_code}: {detail}", response.status_code)


@dataclass
class _Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choice: str = ""
    people: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    """Reads the forms of a page: what they send untouched, and the buttons that are people."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(found.get("action", ""), found.get("method", "get").upper()))
        elif not self.forms:
            return
        elif tag == "input" and (found.get("type") == "hidden" or "checked" in found):
            self.forms[-1].fields.append((found.get("name", ""), found.get("value", "")))
        elif tag == "button" and "@" in found.get("value", ""):
            self.forms[-1].choice = found.get("name", "")
            self.forms[-1].people.append(found["value"])


def form_for(person: str, page: str) -> _Form:
    """The form of a sign-in page that signs this person in. Raises NotSignedIn."""
    parser = _Forms()
    parser.feed(page)
    for form in parser.forms:
        if person in form.people:
            return form
    people = [person for form in parser.forms for person in form.people]
    raise NotSignedIn(
        f"{person} is not among the people who can sign in: {', '.join(people) or 'nobody'}", 403
    )
