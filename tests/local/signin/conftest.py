"""The sign-in stand-in, run beside the test."""

import asyncio
import base64
import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from local.signin.server import SigninServer
from local.standin import Options

CLIENT_ID, SECRET = "docent.apps.googleusercontent.com", "client-secret"
REDIRECT = "http://127.0.0.1:8080/auth/callback"
CLIENTS = json.dumps([{"client_id": CLIENT_ID, "client_secret": SECRET, "redirect_uris": [REDIRECT]}])
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
DRIVE_SCOPE = "https://www.googleapis.com/auth/drive.metadata.readonly"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Issuer:
    """A running issuer and a browser-like client of it."""

    def __init__(self, options: Options) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.server = SigninServer(options)
        self.url = f"http://127.0.0.1:{self._run(self.server.start())}"
        self.http = httpx.Client(base_url=self.url, timeout=30, verify=NO_TLS)

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def close(self) -> None:
        """Stop it."""
        self.http.close()
        self._run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def asked(self, **more: str) -> dict[str, str]:
        """The parameters of a good authorization request; None leaves one out."""
        asked = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "response_type": "code"}
        asked |= {"scope": f"openid email profile {DRIVE_SCOPE}", "state": "st&te", "nonce": "n-1"}
        asked |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        return {name: value for name, value in (asked | more).items() if value != "-"}

    def choose(self, person: str, **more: str) -> dict[str, str]:
        """Choose a person on the page; returns what the redirect carries."""
        answer = self.http.post("/authorize", data=self.asked(**more) | {"person": person})
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(REDIRECT + "?")
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def token(self, **form: str) -> httpx.Response:
        """POST /token as the registered client."""
        whole = {"client_id": CLIENT_ID, "client_secret": SECRET} | form
        return self.http.post("/token", data={name: value for name, value in whole.items() if value != "-"})

    def redeem(self, code: str, /, **more: str) -> httpx.Response:
        """Exchange a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        return self.token(**(form | {"code_verifier": VERIFIER} | more))

    def sign_in(self, person: str, **more: str) -> dict[str, Any]:
        """The whole flow; returns the token answer."""
        answer = self.redeem(self.choose(person, **more)["code"])
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


Start = Callable[..., Issuer]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start an issuer of one's own."""
    running: list[Issuer] = []

    def make(state: Any = None, **settings: str) -> Issuer:
        running.append(Issuer(Options(state=state, settings={"clients": CLIENTS} | settings)))
        return running[-1]

    yield make
    for one in running:
        one.close()


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """An issuer that tests share."""
    people = {
        "mallory@example.com": {"email_verified": False},
        "consumer@example.com": {"hd": None, "name": "Con Sumer"},
    }
    made = Issuer(Options(settings={"clients": CLIENTS, "people": json.dumps(people)}))
    yield made
    made.close()
