"""Firestore does not answer: nobody is let in, everybody hears when to come back, nothing needs a restart."""

import time
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.functions.running import FIRESTORE_TIMEOUT, FUNCTIONS, HOME, Running, SignedIn, cookie_of

OUTAGES = {
    "it says UNAVAILABLE": {"status": "UNAVAILABLE"},
    "it says INTERNAL": {"status": "INTERNAL"},
    "it is over its quota": {"status": "RESOURCE_EXHAUSTED"},
    "connections are dropped": {"drop": True},
    "it is slower than we wait": {"delay": FIRESTORE_TIMEOUT + 1},
    "nobody listens": {},
}


def outage(docent: Running, fault: dict[str, Any]) -> AbstractContextManager[None]:
    """Firestore with this fault, or without any Firestore."""
    return docent.failing(**fault) if fault else docent.without_firestore()


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
def test_while_firestore_is_down_nobody_is_let_in(
    docent: Running, admin: SignedIn, alice: SignedIn, fault: dict[str, Any]
) -> None:
    """503 unavailable with Retry-After for every session on every function, and for every way to get one."""
    login = docent.visit()
    begun = f"__session={cookie_of(login).value}"
    query = {"state": httpx.URL(login.headers["location"]).params["state"], "code": "c"}
    ours = {"origin": HOME}
    asked: list[tuple[str, str, str, dict[str, Any]]] = [
        *((name, path, "GET", {"headers": admin.bearer}) for name, path in FUNCTIONS.items()),
        *((name, path, "GET", {"headers": alice.cookie}) for name, path in FUNCTIONS.items()),
        ("auth", "/auth/refresh", "POST", {"headers": {**ours, **alice.cookie}}),
        ("auth", "/auth/refresh", "POST", {"json": {"refresh_token": alice.refresh}}),
        ("auth", "/auth/logout", "POST", {"headers": {**ours, **alice.cookie}}),
        ("auth", f"/auth/sessions/{alice.session_id}", "DELETE", {"headers": admin.bearer}),
        ("auth", "/auth/sessions", "DELETE", {"headers": alice.bearer}),
        ("chat", "/chat", "POST", {"headers": alice.bearer, "json": {"message": "x"}}),
        ("auth", "/auth/login", "GET", {}),
        ("auth", "/auth/callback", "GET", {"params": query, "headers": {"cookie": begun}}),
    ]
    with outage(docent, fault):
        answers = docent.all_of(asked)
        forged = docent.send("chat", "/collections", headers={"authorization": f"Bearer {alice.access}x"})
    for request, answer in zip(asked, answers, strict=True):
        assert (request[:3], answer.status_code) == (request[:3], 503)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert "set-cookie" not in answer.headers
    assert forged.status_code == 401
    _all_is_well(docent, admin, alice)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("status", ["INTERNAL", "RESOURCE_EXHAUSTED", "PERMISSION_DENIED"])
def test_a_session_that_cannot_be_read_lets_nobody_in(
    docent: Running, admin: SignedIn, function: str, status: str
) -> None:
    """503 while single documents cannot be read and queries can: who is asking is never assumed."""
    path = {**FUNCTIONS, "auth": "/auth/sessions"}[function]
    with docent.failing(status=status, method="BatchGetDocuments"):
        answer = docent.send(function, path, headers=admin.bearer)
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5")
    assert docent.send(function, path, headers=admin.bearer).status_code == 200


def _all_is_well(docent: Running, admin: SignedIn, alice: SignedIn) -> None:
    """Everybody is still signed in, and can sign in, in the same processes.

    A connection that was refused is tried again by gRPC in its own time, so that is waited for.
    """
    end = time.monotonic() + 60
    for name, path in FUNCTIONS.items():
        while (answer := docent.send(name, path, headers=admin.bearer)).status_code == 503:
            assert time.monotonic() < end, answer.text
            time.sleep(0.1)
        assert answer.status_code == 200
    renewed = docent.send("auth", "/auth/refresh", "POST", headers={"origin": HOME, **alice.cookie})
    assert renewed.status_code == 204
    assert docent.sign_in().access
