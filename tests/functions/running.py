"""Docent's four functions as processes under functions-framework, on stand-ins that live in this process."""

import asyncio
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import pytest

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.runner.operator import put_secrets
from local.secrets.server import SecretsServer
from local.standin import Options
from tests.fakes.identity import sealing_secret, signing_secret
from tests.functions.provider import Provider

ROOT = Path(__file__).parents[2]
HOME = "https://docent.example.com"
"""Where people open Docent. The functions are reached behind it, in clear, as behind Google's front end."""
PROJECT = "docent-test"
CLIENT_ID = "docent-test.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-" + "c" * 28
ADMIN = "root@example.com"
TASKS_ACCOUNT = f"tasks@{PROJECT}.iam.gserviceaccount.com"
SCHEDULER_ACCOUNT = f"scheduler@{PROJECT}.iam.gserviceaccount.com"
FUNCTIONS = {
    "auth": "/auth/user",
    "chat": "/collections",
    "ingest": "/ingest/status",
    "health": "/stats",
}
"""Each function and one address of it that an administrator may read."""
COOKIE = "__session"
FIRESTORE_TIMEOUT = 4.0
T = TypeVar("T")


@dataclass(frozen=True)
class SignedIn:
    """A session as a browser holds it; `access` alone is a bearer token."""

    access: str
    refresh: str

    @classmethod
    def of(cls, answer: httpx.Response) -> Self:
        """Out of the cookie that an answer sets."""
        access, _, refresh = cookie_of(answer).value.partition("~")
        return cls(access, refresh)

    @property
    def cookie(self) -> dict[str, str]:
        """The header with which the browser's next request carries it."""
        return {"cookie": f"{COOKIE}={self.access}~{self.refresh}"}

    @property
    def bearer(self) -> dict[str, str]:
        """The header of a client without cookies."""
        return {"authorization": f"Bearer {self.access}"}

    @property
    def session_id(self) -> str:
        """The session's id, which a refresh token begins with."""
        return self.refresh.partition(".")[0]


class Running:
    """The functions, what they run on, and a person's steps through them."""

    def __init__(self, folder: Path, functions: Sequence[str] = tuple(FUNCTIONS), issuer: str = "") -> None:
        """`issuer` is the address of another OpenID provider than `self.provider`.

        "chat-2" in `functions` is a second process of chat.
        """
        self.folder, self._functions, self._issuer = folder, functions, issuer
        self.settings: dict[str, str] = {}
        """Settings of the functions, beside those that all tests use."""
        self.provider = Provider(CLIENT_ID, {CLIENT_SECRET})
        self._store = Options(state=folder, settings={"firestore_indexes": str(ROOT / "terraform")})
        self.firestore = FirestoreServer(self._store)
        self.secrets = SecretsServer(Options())
        self.addresses: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        # A client that remembers nothing: what a browser would send, each test says itself. A connection that
        # is kept may be closed by its server just when the next request is sent, so none is kept.
        self.http = httpx.Client(
            timeout=30, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def wait_for(self, step: Coroutine[Any, Any, T]) -> T:
        """Run a step of the stand-ins in their own thread."""
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(30)

    @contextmanager
    def open(self) -> Iterator[Self]:
        """Start everything, stop it in the end."""
        with ExitStack() as ends:
            thread = threading.Thread(target=self._loop.run_forever, daemon=True)
            thread.start()
            ends.callback(self._loop.close)
            ends.callback(thread.join, 10)
            ends.callback(self._loop.call_soon_threadsafe, self._loop.stop)
            for name in ("provider", "firestore", "secrets"):
                self.wait_for(getattr(self, name).start())
                ends.callback(lambda one=name: self.wait_for(getattr(self, one).stop()))
            ends.callback(self.http.close)
            ends.callback(lambda: self.database.close())  # noqa: PLW0108 - made when first used
            self.keep("session-signing-keys", signing_secret("k1"))
            self.keep("sealing-keys", sealing_secret("a"))
            self.keep("audit-keys", sealing_secret("audit"))
            self.keep("oauth-client-secret", CLIENT_SECRET)
            ports = dict(zip(self._functions, free_ports(len(self._functions)), strict=True))
            self.addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
            for name, port in ports.items():
                ends.enter_context(self._process(name, port))
            with ThreadPoolExecutor(len(ports)) as pool:
                list(pool.map(self._listening, ports))
            yield self

    def keep(self, name: str, value: str) -> None:
        """A new version of a secret."""
        self.wait_for(put_secrets(self.secrets.exports()["SECRETS_HOST"], PROJECT, {name: value}))

    @contextmanager
    def failing(self, **fault: Any) -> Iterator[None]:
        """Firestore, with this fault for as long as the block lasts."""
        self.firestore.control.faults = [Fault(times=0, **fault)]
        try:
            yield
        finally:
            self.firestore.control.faults = []

    @contextmanager
    def without_firestore(self) -> Iterator[None]:
        """Nobody listens at Firestore's address for as long as the block lasts; what is stored stays."""
        port = self.firestore.exports()["FIRESTORE_EMULATOR_HOST"].rpartition(":")[2]
        self.wait_for(self.firestore.stop())
        try:
            yield
        finally:
            self.firestore = FirestoreServer(replace(self._store, port=int(port)))
            self.wait_for(self.firestore.start())

    def logs(self) -> str:
        """All that the functions printed so far."""
        return "\n".join(
            (self.folder / f"{name}.log").read_text(errors="replace") for name in self._functions
        )

    def send(self, function: str, path: str, method: str = "GET", **options: Any) -> httpx.Response:
        """One request to one function, with nothing in it that the caller did not put there."""
        self.http.cookies.clear()
        answer = self.http.request(method, self.addresses[function] + path, **options)
        self.http.cookies.clear()
        return answer

    def at_once(
        self, times: int, function: str, path: str, method: str = "GET", **options: Any
    ) -> list[httpx.Response]:
        """The same request many times, by clients that begin together."""
        return self.all_of([(function, path, method, options)] * times)

    def all_of(self, requests: Sequence[tuple[str, str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Different requests, (function, path, method, options) each, by clients that begin together."""
        begin = threading.Barrier(len(requests))

        def one(request: tuple[str, str, str, dict[str, Any]]) -> httpx.Response:
            function, path, method, options = request
            with httpx.Client(timeout=30, trust_env=False) as client:
                begin.wait(30)
                return client.request(method, self.addresses[function] + path, **options)

        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(one, requests))

    def age(self, collection: str, secret: str, seconds: float) -> None:
        """Make a stored sign-in or session `seconds` older; found by its state or its id."""
        name = hashlib.sha256(secret.encode()).hexdigest() if collection == "login_states" else secret
        reference = self.database.collection(collection).document(name)
        reference.update(_earlier(reference.get().to_dict(), timedelta(seconds=seconds)))

    @cached_property
    def database(self) -> Any:
        """Firestore as its owner sees it."""
        from google.cloud import firestore

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FIRESTORE_EMULATOR_HOST", self.firestore.exports()["FIRESTORE_EMULATOR_HOST"])
            return firestore.Client(PROJECT)

    def visit(self, return_to: str = "/ask") -> httpx.Response:
        """A browser's first step: the answer of the login page, with the pre-login cookie."""
        answer = self.send("auth", "/auth/login", params={"return_to": return_to})
        assert answer.status_code == 303, answer.text
        return answer

    def come_back(self, cookie: str, **query: str) -> httpx.Response:
        """A browser's second step, with this value in its cookie."""
        headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
        return self.send("auth", "/auth/callback", params=query, headers=headers)

    def attempt(self, return_to: str = "/ask", **consent: Any) -> httpx.Response:
        """Both steps; `consent` is what the provider says of the person. The callback's answer."""
        login = self.visit(return_to)
        location = login.headers["location"]
        code = self.provider.consent(location, **consent)
        return self.come_back(cookie_of(login).value, state=httpx.URL(location).params["state"], code=code)

    def sign_in(self, email: str = "alice@example.com", **claims: Any) -> SignedIn:
        """A new session of this person's; their subject is derived from the address."""
        answer = self.attempt(
            **{"sub": subject_of(email), "email": email, "name": email.partition("@")[0], **claims}
        )
        assert answer.status_code == 303, answer.text
        return SignedIn.of(answer)

    @contextmanager
    def _process(self, name: str, port: int) -> Iterator[None]:
        function, source = name.partition("-")[0], self._source(name)
        command = [
            str(self._program(name)),
            *("--source", str(source / "main.py"), "--target", function),
            *("--host", "127.0.0.1", "--port", str(port)),
        ]
        environment = self._environment(name)
        with (self.folder / f"{name}.log").open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - ours
                command, cwd=self._root(name), env=environment, stdout=out, stderr=out, start_new_session=True
            )
            try:
                yield
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)

    def _program(self, _name: str) -> Path:
        """What starts a function."""
        return Path(sys.executable).with_name("functions-framework")

    def _source(self, name: str) -> Path:
        """The folder with a function's main.py."""
        return ROOT / "functions" / name.partition("-")[0]

    def _root(self, _name: str) -> Path:
        """The folder that a function's modules are imported from."""
        return ROOT

    def _listening(self, name: str) -> None:
        """Return when the function answers; its first answer is the one that puts it together."""
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = httpx.get(f"{self.addresses[name]}/no/such/path", timeout=30, trust_env=False)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                assert answer.status_code == 401, self.logs()
                return

    def _environment(self, name: str) -> dict[str, str]:
        runtime = self.folder / name
        runtime.mkdir()
        credentials = self.folder / "credentials.json"
        credentials.write_text(json.dumps(_NO_CREDENTIALS), encoding="utf-8")
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self._root(name)),
            "XDG_RUNTIME_DIR": str(runtime),  # gunicorn keeps a socket there
            "CLOUDSDK_CONFIG": str(runtime),
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
            **self.firestore.exports(),
            **self.secrets.exports(),
            **_SETTINGS,
            "AUTH_JWKS_URL": f"{self.addresses['auth']}/auth/jwks",
            "GOOGLE_ISSUER": self._issuer or self.provider.issuer,
            **self.settings,
        }


def cookie_of(answer: httpx.Response) -> Any:
    """The attributes of the cookie that an answer sets."""
    return SimpleCookie(answer.headers["set-cookie"])[COOKIE]


def subject_of(email: str) -> str:
    """The number under which the provider knows an address."""
    return str(sum(letter << 8 * (place % 6) for place, letter in enumerate(email.encode())))


def _earlier(document: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """Every moment in a document, moved into the past."""
    moved: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, datetime):
            moved[name] = value - by
        elif isinstance(value, dict):
            moved[name] = value | _earlier(value, by)
    return moved


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    with ExitStack() as probes:
        found = []
        for _ in range(count):
            probe = probes.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found.append(int(probe.getsockname()[1]))
        return found


_NO_CREDENTIALS = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
_NOBODY = "127.0.0.1:9"
_SETTINGS = {
    "GOOGLE_CLOUD_PROJECT": PROJECT,
    "FIRESTORE_TIMEOUT": str(FIRESTORE_TIMEOUT),
    "SECRETS_REFRESH_AFTER": "1",
    "FRONTEND_URL": HOME,
    "OAUTH_REDIRECT_URI": f"{HOME}/auth/callback",
    "GOOGLE_CLIENT_ID": CLIENT_ID,
    "ALLOWED_DOMAINS": "example.com,example.org",
    "ADMIN_EMAILS": ADMIN,
    "CORS_ORIGINS": "https://app.example.com",
    "BUDGET_ORGANISATION": "1000",
    "RATELIMIT_ADDRESS": "100000/minute",  # all these sign-ins come from one machine
    "TASKS_HOST": _NOBODY,
    "TASKS_QUEUE": "projects/p/locations/l/queues/q",
    "TASKS_TARGET": HOME,
    "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
    "SCHEDULER_SERVICE_ACCOUNT": SCHEDULER_ACCOUNT,
    "GENAI_BASE_URL": f"http://{_NOBODY}",
    "VECTOR_INDEX": "projects/p/locations/l/indexes/1",
    "VECTOR_ENDPOINT": "projects/p/locations/l/indexEndpoints/1",
    "VECTOR_DEPLOYED_INDEX": "docent",
    "VECTOR_INDEX_HOST": _NOBODY,
    "VECTOR_MATCH_HOST": _NOBODY,
}
