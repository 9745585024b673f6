"""The auth function as it is deployed, under functions-framework, on the local Google Cloud."""

import asyncio
import base64
import json
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from functions_framework.aio import create_asgi_app
from starlette.applications import Starlette
from starlette.types import ASGIApp

from functions.auth import main
from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.runner.operator import put_secrets
from local.secrets.server import SecretsServer
from local.signin.server import SigninServer
from local.standin import Options
from shared.gcp import clients
from shared.gcp.firestore_sessions import FirestoreSessions
from shared.gcp.oidc import PublishedKeys
from shared.identity.sessions import SessionVerifier
from shared.settings import FirestoreSettings, ProjectSettings
from tests.fakes.audit import FakeAudit, trail_of
from tests.fakes.declared import declared
from tests.fakes.identity import signing_secret

HOME = "http://127.0.0.1:8080"
PROJECT = "docent-local"
CLIENT = {
    "client_id": "docent-local.apps.googleusercontent.com",
    "client_secret": "GOCSPX-" + "c" * 28,
    "redirect_uris": [f"{HOME}/auth/callback"],
}
SOURCE = Path(main.__file__)
ALICE = "alice@example.com"


class Cloud:
    """The services that auth talks to, and a browser in front of auth."""

    def __init__(self) -> None:
        self.firestore = FirestoreServer(declared())
        self.secrets = SecretsServer(Options())
        people = {"consumer@example.com": {"hd": None}, "shaky@example.com": {"email_verified": False}}
        self.signin = SigninServer(
            Options(settings={"clients": json.dumps([CLIENT]), "people": json.dumps(people)})
        )
        self.browser = httpx.AsyncClient()
        self.auth: ASGIApp = Starlette()

    async def start(self) -> dict[str, str]:
        """Start them; returns the environment of auth."""
        exports = {"GOOGLE_CLOUD_PROJECT": PROJECT}
        for service in (self.firestore, self.secrets, self.signin):
            await service.start()
            exports |= service.exports()
        await self.keep("session-signing-keys", signing_secret("k1"))
        sealing = {"kid": "a", "key": base64.b64encode(secrets.token_bytes(32)).decode()}
        await self.keep("sealing-keys", json.dumps({"keys": [sealing]}))
        await self.keep("audit-keys", json.dumps({"keys": [sealing]}))
        await self.keep("oauth-client-secret", str(CLIENT["client_secret"]))
        return exports

    async def keep(self, name: str, value: str) -> None:
        """A new version of a secret."""
        await put_secrets(self.secrets.exports()["SECRETS_HOST"], PROJECT, {name: value})

    def open_browser(self) -> httpx.AsyncClient:
        """A browser without cookies, on auth under the framework."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.auth), base_url=HOME)

    async def stop(self) -> None:
        """Stop them all."""
        await self.browser.aclose()
        for service in (self.firestore, self.secrets, self.signin):
            await service.stop()

    async def consent(self, email: str, **form: str) -> httpx.URL:
        """Auth's login page, the provider's page, and where that sends the browser."""
        login = await self.browser.get("/auth/login", params={"return_to": "/ask"})
        assert login.status_code == 303, login.text
        async with httpx.AsyncClient(trust_env=False) as google:
            page = await google.get(login.headers["location"])
            assert page.status_code == 200, page.text
            answer = await google.post(login.headers["location"], data={"person": email, **form})
        return httpx.URL(answer.headers["location"])

    async def sign_in(self, email: str = ALICE, **form: str) -> httpx.Response:
        """The whole way; the answer is the callback's."""
        return await self.browser.get(str(await self.consent(email, **form)))


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    """All of it, for one test."""
    built = Cloud()
    environment = await built.start() | {
        "GOOGLE_CLIENT_ID": str(CLIENT["client_id"]),
        "OAUTH_REDIRECT_URI": f"{HOME}/auth/callback",
        "FRONTEND_URL": HOME,
        "CORS_ORIGINS": HOME,
        "AUTH_JWKS_URL": f"{HOME}/auth/jwks",
        "ALLOWED_DOMAINS": "example.com",
        "ADMIN_EMAILS": ALICE,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    built.auth = create_asgi_app("auth", str(SOURCE))
    built.browser = built.open_browser()
    yield built
    # The framework loads the source file anew, under the name of the file.
    await sys.modules["main"].instance_app().state.services.signin.provider._http.aclose()
    await built.stop()


async def test_a_person_signs_in_asks_who_they_are_and_signs_out(cloud: Cloud) -> None:
    """The whole way, on the real clients: provider, secrets, sessions, cookie."""
    answer = await cloud.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}/ask")
    who = (await cloud.browser.get("/auth/user")).json()
    assert (who["email"], who["domain"], who["admin"]) == (ALICE, "example.com", True)
    token = cloud.browser.cookies["__session"]
    bye = await cloud.browser.post("/auth/logout", headers={"origin": HOME})
    assert bye.status_code == 204
    stranger = cloud.open_browser()
    answer = await stranger.get("/auth/user", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("email", "status"),
    [("carol@partner.example", 403), ("consumer@example.com", 403), ("shaky@example.com", 502)],
)
async def test_whoever_does_not_belong_here_stays_outside(cloud: Cloud, email: str, status: int) -> None:
    """Another domain, an address alike without `hd`, an address nobody verified."""
    assert (await cloud.sign_in(email)).status_code == status
    assert (await cloud.browser.get("/auth/user")).status_code == 401


async def test_a_callback_replayed_or_opened_elsewhere_is_refused(cloud: Cloud) -> None:
    """State, code and browser belong together and work once."""
    address = str(await cloud.consent(ALICE))
    assert (await cloud.open_browser().get(address)).status_code == 400
    assert (await cloud.browser.get(address)).status_code == 303
    assert (await cloud.browser.get(address)).status_code == 400


async def test_saying_no_at_google_is_understood(cloud: Cloud) -> None:
    """403 and a way to try again."""
    answer = await cloud.sign_in(deny="1")
    assert answer.status_code == 403
    assert "Try again" in answer.text


async def test_another_function_admits_and_stops_admitting(cloud: Cloud) -> None:
    """By auth's public keys and the session document; from the moment the session is ended, not any more."""
    await cloud.sign_in()
    token = cloud.browser.cookies["__session"]
    keys = (await cloud.browser.get("/auth/jwks")).json()
    published = _Published(keys)
    async with httpx.AsyncClient(transport=httpx.MockTransport(published.answer)) as http:
        project, settings = ProjectSettings(google_cloud_project=PROJECT), FirestoreSettings()
        db = clients.firestore(project, settings)
        source = PublishedKeys(http, f"{HOME}/auth/jwks", "ES256", 5.0)
        verifier = SessionVerifier(source, FirestoreSessions(db, 5.0), HOME, trail_of(FakeAudit()))
        assert (await verifier.person(token)).email == ALICE
        await cloud.browser.post("/auth/logout", headers={"origin": HOME})
        with pytest.raises(Exception, match="ended"):
            await verifier.person(token)
        await db.close()
    assert published.calls == 1


class _Published:
    """Auth's key set, as another function fetches it."""

    def __init__(self, keys: object) -> None:
        self.keys, self.calls = keys, 0

    def answer(self, _request: httpx.Request) -> httpx.Response:
        self.calls += 1
        return httpx.Response(200, json=self.keys)


async def test_firestore_down_lets_nobody_in_and_recovers(cloud: Cloud) -> None:
    """503 with Retry-After for a session that is good, and no restart afterwards."""
    await cloud.sign_in()
    cloud.firestore.control.faults = [Fault(status="UNAVAILABLE", times=0)]
    answer = await cloud.browser.get("/auth/user")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (await cloud.browser.get("/auth/login")).status_code == 503
    cloud.firestore.control.faults = []
    assert (await cloud.browser.get("/auth/user")).status_code == 200


async def test_rotating_the_signing_keys_signs_nobody_out(cloud: Cloud) -> None:
    """Old tokens live on, the new key is published, and new sign-ins work."""
    await cloud.sign_in()
    await cloud.keep("session-signing-keys", signing_secret("k2", "k1"))
    assert (await cloud.browser.get("/auth/user")).status_code == 200
    await cloud.sign_in()
    assert (await cloud.browser.get("/auth/user")).status_code == 200


async def test_twenty_sign_ins_at_once(cloud: Cloud) -> None:
    """Twenty browsers, one person: all get in, each with a session of its own."""

    async def one() -> str:
        own = Cloud.__new__(Cloud)
        own.browser = cloud.open_browser()
        assert (await own.sign_in()).status_code == 303
        return own.browser.cookies["__session"]

    assert len(set(await asyncio.gather(*(one() for _ in range(20))))) == 20
    sessions = await cloud.open_browser().get(
        "/auth/sessions", headers={"authorization": f"Bearer {await one()}"}
    )
    assert len(sessions.json()["sessions"]) == 21
