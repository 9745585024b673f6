"""Callers without a session, on every route there is; and those who say that they are Google Cloud."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.auth import routes as auth
from functions.chat import routes as chat
from functions.health import routes as health
from functions.ingest import routes as ingest
from tests.functions.attacks.verdict import (
    NO_SUCH_THING,
    NOT_ACCEPTABLE,
    SIGN_IN_FIRST,
    Verdict,
    verdict_on,
)
from tests.functions.forging import GOOGLE_KEY, THIEVES_RSA_KEY, now, public_pem
from tests.functions.running import HOME, SCHEDULER_ACCOUNT, TASKS_ACCOUNT, Running, SignedIn

ROUTES = {"auth": auth.ROUTES, "chat": chat.ROUTES, "health": health.ROUTES, "ingest": ingest.ROUTES}
OPEN = {
    "GET /auth/login",
    "GET /auth/callback",
    "GET /auth/jwks",
    "POST /auth/firebase",
    "GET /health",
    "GET /health/live",
    "POST /ingest/drive-notifications",
}
"""What may be asked without a session; adding to it is a decision."""
ALL = [
    (function, method, one.path)
    for function, routes in ROUTES.items()
    for one in routes
    for method in sorted((one.methods or set()) - {"HEAD"})
    if f"{method} {one.path}" not in OPEN
]


@pytest.mark.parametrize(("function", "method", "path"), ALL)
def test_every_route_turns_strangers_away(docent: Running, function: str, method: str, path: str) -> None:
    """401 not-signed-in on each route of each function, whatever is sent along."""
    headers = {"origin": HOME, "content-type": "application/json"}
    answer = docent.send(function, path, method, headers=headers, content=b"{}")
    assert verdict_on(answer) == SIGN_IN_FIRST
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("channel", [None, "", "a" * 32, "a" * 5000, "..", "a/b", "__x__", "sync_state"])
def test_a_strangers_notification_is_of_no_channel(docent: Running, channel: str | None) -> None:
    """Drive's address says 404 to whoever knows no channel and its secret, however the channel is spelt."""
    named = {} if channel is None else {"x-goog-channel-id": channel}
    headers = {"x-goog-channel-token": "", "x-goog-resource-state": "change", **named}
    answer = docent.send("ingest", "/ingest/drive-notifications", "POST", headers=headers)
    assert verdict_on(answer) == NO_SUCH_THING


@pytest.mark.parametrize("function", ROUTES)
@pytest.mark.parametrize(
    "path", ["/", "/.env", "/auth", "/AUTH/USER", "//auth/user", "/auth/user/", "/auth/..;/x"]
)
def test_a_stranger_does_not_learn_what_exists(docent: Running, function: str, path: str) -> None:
    """401 not-signed-in for what is not there, exactly as for what is."""
    assert verdict_on(docent.send(function, path)) == SIGN_IN_FIRST


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost"},
        {"host": "127.0.0.1:8080"},
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"origin": "http://localhost"},
    ],
    ids=str,
)
def test_the_doctor_is_not_open_to_who_says_localhost(docent: Running, headers: dict[str, str]) -> None:
    """401 not-signed-in: only a Docent whose own address is local is open to its developer."""
    assert verdict_on(docent.send("auth", "/auth/doctor", headers=headers)) == SIGN_IN_FIRST


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "google's"])
def test_firebase_is_no_way_in_unless_it_is_configured(docent: Running, token: str) -> None:
    """404 not-found, whatever is brought: an id_token of Google's is no token of Firebase's."""
    given = docent.provider.id_token("nonce") if token == "google's" else token
    headers = {"origin": HOME}
    answer = docent.send("auth", "/auth/firebase", "POST", headers=headers, json={"id_token": given})
    assert verdict_on(answer) == NO_SUCH_THING
    assert "set-cookie" not in answer.headers


@dataclass(frozen=True)
class Called:
    """The OIDC token of the tasks account, with these claims and headers on top, and this key."""

    name: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    verdict: Verdict = SIGN_IN_FIRST
    header: Mapping[str, Any] = field(default_factory=dict)
    key: object = GOOGLE_KEY

    def token(self, docent: Running) -> str:
        """The token."""
        usual = {"aud": HOME, "azp": "1", "sub": "1", "email": TASKS_ACCOUNT, "hd": None, "name": None}
        return docent.provider.id_token("", {**usual, "nonce": None, **self.claims}, self.header, self.key)


CALLS = [
    # the control: let in, and its empty task is not acceptable
    Called("nothing changed", verdict=NOT_ACCEPTABLE),
    Called("aud another service", {"aud": "https://another.example.com"}),
    Called("aud missing", {"aud": None}),
    Called("aud ours with a slash", {"aud": HOME + "/"}),
    Called("aud ours among others", {"aud": [HOME, "x"]}),
    Called("iss another", {"iss": "https://evil.example"}),
    Called("iss missing", {"iss": None}),
    Called("expired an hour ago", {"exp": now() - 3600}),
    Called("exp missing", {"exp": None}),
    Called("another service account", {"email": "tasks@evil.iam.gserviceaccount.com"}),
    Called("the scheduler's account", {"email": SCHEDULER_ACCOUNT}),
    Called("the account's name as a beginning", {"email": TASKS_ACCOUNT + ".evil.example"}),
    Called("the account's name in capitals", {"email": TASKS_ACCOUNT.upper()}),
    Called("e-mail a list", {"email": [TASKS_ACCOUNT]}),
    Called("e-mail missing", {"email": None}),
    Called("email_verified false", {"email_verified": False}),
    Called("email_verified the word true", {"email_verified": "true"}),
    Called("alg none", header={"alg": "none"}, key=None),
    Called("HS256 with the public key", header={"alg": "HS256"}, key=public_pem(GOOGLE_KEY)),
    Called("signed by a thief", key=THIEVES_RSA_KEY),
    Called("kid unknown", header={"kid": "another"}),
    Called("crit", header={"crit": ["x"]}),
]


@pytest.mark.parametrize("case", CALLS, ids=lambda case: case.name)
def test_only_cloud_tasks_brings_tasks(docent: Running, case: Called) -> None:
    """401 not-signed-in for whoever is not the one account, with a token for the one audience."""
    headers = {"authorization": f"Bearer {case.token(docent)}"}
    for path in ("/ingest/tasks/sync", "/ingest/tasks/file"):
        assert verdict_on(docent.send("ingest", path, "POST", headers=headers, json={})) == case.verdict


@pytest.mark.parametrize(
    "headers",
    [
        {"x-cloudtasks-queuename": "ingest", "x-cloudtasks-taskname": "1"},
        {"x-cloudscheduler": "true", "user-agent": "Google-Cloud-Scheduler"},
        {"x-appengine-queuename": "ingest"},
        {"x-goog-authenticated-user-email": f"accounts.google.com:{TASKS_ACCOUNT}"},
        {"x-serverless-authorization": "Bearer x"},
        {"x-forwarded-for": "127.0.0.1"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_header_is_no_proof_of_being_google(docent: Running, headers: dict[str, str]) -> None:
    """401 not-signed-in: what anybody can write counts for nothing."""
    for path in ("/ingest/tasks/file", "/ingest/sync"):
        assert verdict_on(docent.send("ingest", path, "POST", headers=headers, json={})) == SIGN_IN_FIRST


def test_an_administrator_is_not_cloud_tasks(docent: Running, admin: SignedIn) -> None:
    """401 not-signed-in: a task's address is for tasks alone."""
    for headers in (admin.bearer, {**admin.cookie, "origin": HOME}):
        for path in ("/ingest/tasks/file", "/ingest/tasks/sync"):
            answer = docent.send("ingest", path, "POST", headers=headers, json={})
            assert verdict_on(answer) == SIGN_IN_FIRST
