"""Each function under the real functions-framework, alone, as Cloud Run starts it."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "GOOGLE_CLOUD_PROJECT": "docent-test",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
    "SECRETS_HOST": "127.0.0.1:9",
    "TASKS_HOST": "127.0.0.1:9",
    "TASKS_QUEUE": "projects/p/locations/l/queues/q",
    "TASKS_TARGET": "http://127.0.0.1:9",
    "TASKS_SERVICE_ACCOUNT": "tasks@docent-test.iam.gserviceaccount.com",
    "GENAI_BASE_URL": "http://127.0.0.1:9",
    "VECTOR_INDEX": "projects/p/locations/l/indexes/1",
    "VECTOR_ENDPOINT": "projects/p/locations/l/indexEndpoints/1",
    "VECTOR_DEPLOYED_INDEX": "docent",
    "VECTOR_INDEX_HOST": "127.0.0.1:9",
    "VECTOR_MATCH_HOST": "127.0.0.1:9",
    "GOOGLE_ISSUER": "http://127.0.0.1:9",
    "GOOGLE_CLIENT_ID": "docent-test.apps.googleusercontent.com",
    "OAUTH_REDIRECT_URI": "http://127.0.0.1:9/auth/callback",
    "FRONTEND_URL": "http://127.0.0.1:9",
    "AUTH_JWKS_URL": "http://127.0.0.1:9/auth/jwks",
    "GOOGLE_APPLICATION_CREDENTIALS": "",
}


@contextmanager
def served(function: str, credentials: Path, *, on_a_laptop: bool = False) -> Iterator[str]:
    """The address of a function that runs for as long as the block, as deployed or as on a laptop."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("functions-framework")),
        *("--source", f"functions/{function}/main.py", "--target", function),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    if on_a_laptop:
        command = [sys.executable, "-m", "local.runner.function", function, str(port)]
    settings = {**SETTINGS, "GOOGLE_APPLICATION_CREDENTIALS": str(credentials)}
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def patiently(address: str) -> httpx.Response:
    """GET, as soon as the function listens."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address, timeout=30)
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """A user's credentials that are good for nothing, in the file format of Google's clients."""
    path = tmp_path / "credentials.json"
    path.write_text(
        '{"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}',
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("function", "path"),
    [
        ("auth", "/auth/user"),
        ("chat", "/collections"),
        ("health", "/stats"),
        ("ingest", "/ingest/status"),
    ],
)
def test_a_function_alone_turns_strangers_away(function: str, path: str, credentials: Path) -> None:
    """Started by the framework's own command, with nothing else running: 401, whatever the path."""
    with served(function, credentials) as address:
        for asked in (path, "/", "/no/such/path"):
            answer = patiently(address + asked)
            assert answer.status_code == 401, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:problem-type:docent:not-signed-in"


def test_health_alone_says_that_it_is_not_well(credentials: Path) -> None:
    """Without its database health answers 503 in time, and does not hang."""
    with served("health", credentials) as address:
        answer = patiently(f"{address}/health")
        assert answer.status_code == 503
        assert answer.json()["status"] == "degraded"


FRAMEWORKS_OWN, SERVERS_OWN = 2, 5
"""Seconds after which gunicorn's and uvicorn's defaults close an idle connection."""


def test_an_idle_connection_is_kept(credentials: Path) -> None:
    """Whoever stands in front of a function closes first, deployed or here; else requests are cut off."""
    with served("chat", credentials) as deployed, served("chat", credentials, on_a_laptop=True) as local:
        idle = [connected(address) for address in (deployed, local)]
        closed, _, _ = select.select(idle, [], [], max(FRAMEWORKS_OWN, SERVERS_OWN) + 1)
        assert not closed, "an idle connection was closed"
        for connection in idle:
            assert answered(connection).startswith(b"HTTP/1.1 401")
            connection.close()


@pytest.mark.parametrize("function", ["auth", "chat", "ingest", "health"])
def test_each_function_says_how_long(function: str) -> None:
    """As soon as main.py is imported, before there is a worker, idle connections outlive Google's 600 s."""
    code = (
        f"import functions.{function}.main, uvicorn_worker\n"
        "print(uvicorn_worker.UvicornWorker.CONFIG_KWARGS['timeout_keep_alive'])"
    )
    ran = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code], cwd=ROOT, env={}, check=True, timeout=60, capture_output=True
    )
    assert int(ran.stdout) > 600


def connected(address: str) -> socket.socket:
    """A connection on which one request has been answered, now idle."""
    patiently(address)
    host, _, port = address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    assert answered(connection).startswith(b"HTTP/1.1 401")
    return connection


def answered(connection: socket.socket) -> bytes:
    """The whole answer to a request on this connection, which stays open."""
    connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answer = b""
    while not answer.endswith(b"}"):
        piece = connection.recv(65536)
        assert piece, answer
        answer += piece
    return answer
