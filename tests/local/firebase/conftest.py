"""A Firebase stand-in in a thread of its own, and firebase-admin pointed at it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import firebase_admin
import httpx
import pytest
from firebase_admin import _token_gen, _user_mgt, app_check, auth, credentials
from google.oauth2.credentials import Credentials

from local.firebase.server import FirebaseServer
from local.standin import Options

PROJECT = "docent-test"


class Administrator(credentials.Base):
    """A credential that needs nobody to refresh it."""

    def get_credential(self) -> Credentials:
        """Any token will do."""
        return Credentials("administrator")


class Firebase:
    """A running stand-in, its address, and an app of firebase-admin that asks it."""

    def __init__(self, server: FirebaseServer) -> None:
        self.server = server
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.port = self.run(server.start())
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False)
        self.app: Any = None

    def run(self, work: Any) -> Any:
        """Await something in the stand-in's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def id_token(self, email: str = "alice@example.com", **fields: Any) -> str:
        """An ID token, minted by the request that exists for tests."""
        reply = self.http.post("/local/id-token", json={"email": email, "project": PROJECT, **fields})
        return str(reply.raise_for_status().json()["idToken"])

    def verified(self, token: str, *, check_revoked: bool = False) -> dict[str, Any]:
        """What firebase-admin says about a token."""
        claims: dict[str, Any] = auth.verify_id_token(token, self.app, check_revoked=check_revoked)
        return claims

    def close(self) -> None:
        """Stop everything."""
        if self.app is not None:
            firebase_admin.delete_app(self.app)
        self.http.close()
        self.run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


StartFirebase = Callable[..., Firebase]


@pytest.fixture
def start_firebase(monkeypatch: pytest.MonkeyPatch) -> Iterator[StartFirebase]:
    """Starts stand-ins and points firebase-admin at the newest, as local/firebase/README.md describes."""
    running: list[Firebase] = []
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)

    def start(state: Path | None = None) -> Firebase:
        firebase = Firebase(FirebaseServer(Options(state=state, settings={"project": PROJECT})))
        running.append(firebase)
        exports = firebase.server.exports()
        monkeypatch.setattr(_token_gen, "ID_TOKEN_CERT_URI", exports["FIREBASE_CERTS_URL"])
        monkeypatch.setattr(_user_mgt.UserManager, "ID_TOOLKIT_URL", exports["IDENTITY_TOOLKIT_URL"])
        monkeypatch.setattr(app_check._AppCheckService, "_JWKS_URL", exports["APP_CHECK_JWKS_URL"])
        verify = f"http://127.0.0.1:{firebase.port}/v1beta/projects/{{project_id}}:verifyAppCheckToken"
        monkeypatch.setattr(app_check._AppCheckService, "_VERIFY_URL_FORMAT", verify)
        options = {"projectId": PROJECT, "httpTimeout": 10}
        firebase.app = firebase_admin.initialize_app(Administrator(), options, name=f"app-{firebase.port}")
        return firebase

    yield start
    for firebase in running:
        firebase.close()


@pytest.fixture
def firebase(start_firebase: StartFirebase) -> Firebase:
    """A running stand-in, in memory."""
    return start_firebase()
