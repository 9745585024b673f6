"""The function's own account: where it is found, and how it gets its tokens."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from shared.errors import Unavailable
from shared.gcp import own_account
from shared.gcp.own_account import ATTEMPTS, MachineAccount, TokenRequest, credentials

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class Issuer(BaseHTTPRequestHandler):
    """Gives a token for the refresh token "good", and the machine's own."""

    statuses: list[int]
    """What the metadata server answers next; 200 when there are none."""
    flavor = "Google"

    def do_POST(self) -> None:
        """Answer as oauth2.googleapis.com does."""
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        good = "refresh_token=good" in asked and "grant_type=refresh_token" in asked
        said = {"access_token": "a", "expires_in": 3600} if good else {"error": "invalid_grant"}
        self._say(200 if good else 400, said)

    def do_GET(self) -> None:
        """Answer as the metadata server does."""
        status = self.statuses.pop(0) if self.statuses else 200
        place = "/computeMetadata/v1/instance/service-accounts/default/token?scopes="
        asked = self.path.startswith(place) and self.headers["metadata-flavor"] == "Google"
        self._say(
            status if asked else 403, {"access_token": self.path.partition("scopes=")[2], "expires_in": 9}
        )

    def _say(self, status: int, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("metadata-flavor", self.flavor)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Where both are."""
    server = HTTPServer(("127.0.0.1", 0), Issuer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for between attempts, and no server is behind a proxy."""
    monkeypatch.setattr(own_account, "_WAIT", 0)
    monkeypatch.setattr(Issuer, "statuses", [], raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")


def account(server: str, refresh_token: str) -> Credentials:
    """An account as google.auth finds it."""
    return Credentials(
        None, refresh_token, token_uri=f"http://{server}/token", client_id="c", client_secret="s"
    )


def test_an_account_gets_a_token(server: str) -> None:
    """google.auth's own refresh works over it."""
    found = account(server, "good")
    found.refresh(TokenRequest())
    assert (found.token, found.valid) == ("a", True)


def test_a_refusal_is_google_auths(server: str) -> None:
    """google.auth reads status and body, and raises its own error."""
    with pytest.raises(RefreshError, match="invalid_grant"):
        account(server, "bad").refresh(TokenRequest())


def test_an_issuer_that_is_away_is_a_transport_error() -> None:
    """As google.auth asks of its transports; what was sent is not in it."""
    with pytest.raises(TransportError, match="ConnectError") as told:
        TokenRequest()("http://127.0.0.1:9/token?secret", "POST", b"secret")
    assert "secret" not in str(told.value)


def test_on_google_cloud_the_machine_tells_its_account(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the scopes asked for, for as long as it says; another account that is given goes first."""
    monkeypatch.setenv("GCE_METADATA_HOST", server)
    found = credentials([SCOPE, "x"])
    assert isinstance(found, MachineAccount)
    assert not found.valid
    found.refresh(TokenRequest())
    assert found.token == "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform%2Cx"
    assert found.expired, "nine seconds are too few to begin a call with"
    headers: dict[str, str] = {}
    found.apply(headers)
    assert headers["authorization"] == f"Bearer {found.token}"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere")
    with pytest.raises(Unavailable):
        credentials([SCOPE])


def test_a_deployed_function_needs_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google sets K_SERVICE, and the metadata server has its documented name."""
    monkeypatch.delenv("GCE_METADATA_HOST", raising=False)
    monkeypatch.setenv("K_SERVICE", "chat")
    assert "http://metadata.google.internal/computeMetadata/v1/" in credentials([SCOPE])._address


@pytest.mark.parametrize("statuses", [[503], [429, 500]])
def test_a_metadata_server_that_begins_late_is_asked_again(server: str, statuses: list[int]) -> None:
    """It is on this machine, and says 503 until it is ready."""
    Issuer.statuses = [*statuses]
    found = MachineAccount(server, ["x"])
    found.refresh(TokenRequest())
    assert found.token == "x"


@pytest.mark.parametrize(("statuses", "left"), [([503] * (ATTEMPTS + 1), 1), ([404, 404], 1)])
def test_a_metadata_server_that_refuses_is_a_refresh_error(
    server: str, statuses: list[int], left: int
) -> None:
    """After three attempts, or at once when there is no such account."""
    Issuer.statuses = [*statuses]
    with pytest.raises(RefreshError):
        MachineAccount(server, ["x"]).refresh(TokenRequest())
    assert len(Issuer.statuses) == left


def test_who_does_not_say_that_he_is_googles_gives_no_token(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A captive portal answers 200 to anything."""
    monkeypatch.setattr(Issuer, "flavor", "None")
    with pytest.raises(RefreshError):
        MachineAccount(server, ["x"]).refresh(TokenRequest())


def test_an_account_that_cannot_be_had_now_is_no_failure_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nobody gives one, a request hears 503 and when to come again."""
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(Unavailable):
        credentials([SCOPE])
