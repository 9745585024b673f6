"""What HTTP clients share, and how the function's own account gets its tokens."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from shared.gcp.rest import TokenRequest, certificates, client

ROOT = Path(__file__).parents[3]


class Issuer(BaseHTTPRequestHandler):
    """Gives a token for the refresh token "good"."""

    def do_POST(self) -> None:
        """Answer as oauth2.googleapis.com does."""
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        good = "refresh_token=good" in asked and "grant_type=refresh_token" in asked
        said = {"access_token": "a", "expires_in": 3600} if good else {"error": "invalid_grant"}
        body = json.dumps(said).encode()
        self.send_response(200 if good else 400)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a token endpoint."""
    server = HTTPServer(("127.0.0.1", 0), Issuer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()
    thread.join()
    server.server_close()


def account(issuer: str, refresh_token: str) -> Credentials:
    """An account as google.auth finds it."""
    return Credentials(None, refresh_token, token_uri=issuer, client_id="c", client_secret="s")


def test_an_account_gets_a_token(issuer: str) -> None:
    """google.auth's own refresh works over it."""
    credentials = account(issuer, "good")
    credentials.refresh(TokenRequest())
    assert (credentials.token, credentials.valid) == ("a", True)


def test_a_refusal_is_google_auths(issuer: str) -> None:
    """google.auth reads status and body, and raises its own error."""
    with pytest.raises(RefreshError, match="invalid_grant"):
        account(issuer, "bad").refresh(TokenRequest())


def test_an_issuer_that_is_away_is_a_transport_error() -> None:
    """As google.auth asks of its transports; what was sent is not in it."""
    with pytest.raises(TransportError, match="ConnectError") as told:
        TokenRequest()("http://127.0.0.1:9/token?secret", "POST", b"secret")
    assert "secret" not in str(told.value)


async def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients there are, and each checks whom it speaks with."""
    read: list[str | None] = []
    real = ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **files: read.append("") or real(**files))
    certificates.cache_clear()
    for one in [client(trust_env=False), client(timeout=5)]:
        await one.aclose()
    assert len(read) == 1
    assert certificates().verify_mode is ssl.CERT_REQUIRED
    assert certificates().check_hostname


def test_no_second_http_library_is_imported() -> None:
    """Neither requests nor urllib3."""
    code = (
        "import sys; from shared.gcp.rest import TokenRequest, client; TokenRequest(); client()\n"
        "assert not {'requests', 'urllib3'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, check=True, timeout=60)  # noqa: S603 - ours
