"""Firebase's tokens: firebase-admin's own checks, on the local Firebase; nothing is switched off."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from firebase_admin import credentials
from google.oauth2.credentials import Credentials

from local.control.faults import Fault
from local.firebase.server import FirebaseServer
from local.standin import Options
from shared.errors import AppError
from shared.gcp.firebase_tokens import FirebaseAdminTokens
from shared.identity.interfaces import BadToken
from shared.settings import FirebaseSettings

PROJECT = "docent-test"


class Administrator(credentials.Base):
    """A credential that nobody has to refresh."""

    def get_credential(self) -> Credentials:
        """Any token will do for the stand-in."""
        return Credentials("administrator")


@dataclass
class Firebase:
    """The stand-in, and the adapter that trusts it."""

    server: FirebaseServer
    tokens: FirebaseAdminTokens
    http: httpx.AsyncClient

    async def mint(self, path: str, **fields: Any) -> dict[str, Any]:
        """A token, by the request that exists for tests."""
        answer = await self.http.post(path, json={"project": PROJECT, **fields})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


@pytest.fixture
async def firebase(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Firebase]:
    """Running, in memory."""
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    server = FirebaseServer(Options(settings={"project": PROJECT}))
    port = await server.start()
    for name, value in server.exports().items():
        monkeypatch.setenv(name, value)
    settings = FirebaseSettings(firebase_project=PROJECT)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        yield Firebase(server, FirebaseAdminTokens(settings, Administrator()), http)
    await server.stop()


async def test_a_genuine_token_gives_its_claims(firebase: Firebase) -> None:
    """Address, provider and the time of the sign-in, of a token that Firebase signed for this project."""
    account = {"sign_in_provider": "google.com", "identities": {"google.com": ["1234567890"]}}
    said = {"hd": "example.com", "firebase": account}
    minted = await firebase.mint("/local/id-token", email="alice@example.com", claims=said)
    claims = await firebase.tokens.identity(minted["idToken"])
    assert (claims["email"], claims["hd"]) == ("alice@example.com", "example.com")
    assert claims["firebase"] == account
    assert abs(claims["auth_time"] - claims["iat"]) < 5


@pytest.mark.parametrize(
    "fields",
    [{"project": "another-project"}, {"expires_in": -3600}],
    ids=["another project", "expired"],
)
async def test_a_token_that_is_not_for_us_is_refused(firebase: Firebase, fields: dict[str, Any]) -> None:
    """Signed by Firebase all the same."""
    minted = await firebase.mint("/local/id-token", email="alice@example.com", **fields)
    with pytest.raises(BadToken):
        await firebase.tokens.identity(minted["idToken"])


async def test_a_forged_token_is_refused(firebase: Firebase) -> None:
    """Without a signature, with a changed payload, with rubbish: none is believed."""
    import base64
    import json

    minted = str((await firebase.mint("/local/id-token", email="alice@example.com"))["idToken"])
    header, payload, signature = minted.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    changed = base64.urlsafe_b64encode(
        base64.urlsafe_b64decode(payload + "==").replace(b"alice", b"mally")
    ).decode()
    forged = (f"{none}.{payload}.", f"{header}.{changed.rstrip('=')}.{signature}", "x.y.z", "", "a" * 9000)
    for token in forged:
        with pytest.raises(BadToken):
            await firebase.tokens.identity(token)


async def test_a_revoked_or_disabled_account_is_refused(firebase: Firebase) -> None:
    """Firebase is asked at each token: a token that is otherwise good for an hour opens nothing."""
    for change in ({"validSince": "4000000000"}, {"disableUser": True}):
        minted = await firebase.mint(
            "/local/id-token", email=f"{len(change)}{next(iter(change))}@example.com"
        )
        claims = await firebase.tokens.identity(minted["idToken"])
        await firebase.http.post(
            f"/v1/projects/{PROJECT}/accounts:update",
            json={"localId": claims["sub"], **change},
            headers={"authorization": "Bearer administrator"},
        )
        with pytest.raises(BadToken):
            await firebase.tokens.identity(minted["idToken"])


async def test_app_check_tokens_are_verified(firebase: Firebase) -> None:
    """A genuine one passes, an ID token in its place does not."""
    app = await firebase.mint("/local/app-check-token", app_id="1:1:web:local")
    await firebase.tokens.app(app["token"])
    person = await firebase.mint("/local/id-token", email="alice@example.com")
    for token in (person["idToken"], "", "x.y.z"):
        with pytest.raises(BadToken):
            await firebase.tokens.app(token)


async def test_nobody_is_believed_while_firebase_is_silent(firebase: Firebase) -> None:
    """Certificates or accounts that cannot be had are no yes: 503 or 504, and fine again afterwards."""
    minted = await firebase.mint("/local/id-token", email="alice@example.com")
    for method in ("certs", "lookup"):
        firebase.server.control.faults = [Fault(method=method, status="503", times=0)]
        with pytest.raises(AppError) as caught:
            await firebase.tokens.identity(minted["idToken"])
        assert caught.value.status in (503, 504)
        firebase.server.control.faults = []
    await firebase.tokens.identity(minted["idToken"])
