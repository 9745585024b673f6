"""What an attack must meet: a status and the stable type of the problem."""

import re
from dataclasses import dataclass

import httpx

from shared.errors import AppError
from shared.identity.interfaces import AccountNotAllowed, SignInDeclined, SignInExpired, SignInFailed

_TYPE = "urn:problem-type:docent:"
_ON_A_PAGE: tuple[type[AppError], ...] = (AccountNotAllowed, SignInDeclined, SignInExpired, SignInFailed)


@dataclass(frozen=True)
class Verdict:
    """A status and the last part of a problem's type; "" for an answer that is no problem."""

    status: int
    type: str = ""


SIGN_IN_FIRST = Verdict(401, "not-signed-in")
NOT_ALLOWED = Verdict(403, "not-allowed")
NO_SUCH_THING = Verdict(404, "not-found")
EXPIRED = Verdict(400, "sign-in-expired")
DECLINED = Verdict(403, "sign-in-declined")
ANOTHER_ACCOUNT = Verdict(403, "account-not-allowed")
UNTRUSTED = Verdict(502, "sign-in-failed")
MALFORMED = Verdict(400, "malformed")
NOT_ACCEPTABLE = Verdict(422, "invalid")
TOO_LARGE = Verdict(413, "too-large")
LET_IN = Verdict(200)
LET_BACK = Verdict(303)
DONE = Verdict(204)


def verdict_on(answer: httpx.Response) -> Verdict:
    """What an answer says: a problem's own type, or that of the failure whose title a page has."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/problem+json":
        return Verdict(answer.status_code, str(answer.json()["type"]).removeprefix(_TYPE))
    title = re.search(r"<h1>(.*?)</h1>", answer.text) if kind == "text/html" else None
    found = [error.code for error in _ON_A_PAGE if title and error.title == title[1]]
    return Verdict(answer.status_code, found[0] if found else "")
