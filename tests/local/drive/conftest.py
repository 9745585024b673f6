"""The Drive and sign-in stand-ins, run beside the test, and Google's own clients pointed at them."""

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from local.control.faults import Fault
from local.drive.server import DriveServer
from local.signin.people import DEFAULT_SERVICE_ACCOUNT
from local.signin.server import SigninServer
from local.standin import Options

DEMO = Path(__file__).parents[3] / "local" / "demo"
AUTH = "https://www.googleapis.com/auth/"
READ, METADATA = AUTH + "drive.readonly", AUTH + "drive.metadata.readonly"
GROUPS = AUTH + "admin.directory.group.member.readonly"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Everything is plain http here, and reading the CA bundle for each client is slow."""
CONNECTOR = DEFAULT_SERVICE_ACCOUNT


class Loop:
    """An event loop in a thread of its own, since Google's clients block."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Any) -> Any:
        """Run a coroutine there and wait for it."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(60)

    def close(self) -> None:
        """Stop the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@dataclass
class Cloud:
    """A served folder."""

    loop: Loop
    signin: SigninServer
    folder: Path
    state: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.server = self.loop.run(self._drive())
        self.base = f"http://127.0.0.1:{self.loop.run(self.server.start())}/"
        self._running = True
        self._services: list[Any] = []
        self._drives: dict[tuple[str, ...], Any] = {}
        return self

    async def _drive(self) -> DriveServer:
        issuer = self.signin.context.issuer
        return DriveServer(Options(0, self.state, issuer, self.folder, self.settings))

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server, once."""
        if self._running:
            self._running = False
            for service in self._services:
                service.close()
            self.loop.run(self.server.stop())

    def look_again(self) -> None:
        """Have the next request look at the served folder, however recent the last look was."""
        self.server.drive._next_look = 0.0

    def token(self, email: str, *scopes: str) -> str:
        """An access token of a person or of the service account."""

        async def make() -> str:
            client = "docent-local.apps.googleusercontent.com"
            return self.signin.context.access_token(email, client, " ".join(scopes or (READ,)))

        return str(self.loop.run(make()))

    def service(self, email: str = CONNECTOR, *scopes: str) -> Any:
        """Google's Drive client, signed in; the same one for the same person and scopes."""
        known = self._drives.get((email, *scopes))
        if known is not None:
            return known
        made = build(
            "drive",
            "v3",
            credentials=Credentials(self.token(email, *scopes)),
            client_options={"api_endpoint": self.server.exports()["DRIVE_URL"]},
            static_discovery=True,
            cache_discovery=False,
        )
        self._services.append(made)
        self._drives[email, *scopes] = made
        return made

    def directory(self, email: str = CONNECTOR) -> Any:
        """Google's Admin SDK client, signed in."""
        made = build(
            "admin",
            "directory_v1",
            credentials=Credentials(self.token(email, GROUPS)),
            client_options={"api_endpoint": self.server.exports()["DIRECTORY_URL"]},
            static_discovery=True,
            cache_discovery=False,
        )
        self._services.append(made)
        return made

    def http(self, email: str = CONNECTOR, *scopes: str) -> httpx.Client:
        """A plain HTTP client, signed in."""
        headers = {"Authorization": f"Bearer {self.token(email, *scopes)}"}
        client = httpx.Client(base_url=self.base, headers=headers, timeout=30, verify=NO_TLS)
        self._services.append(client)
        return client

    def play(self, *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Play events through the door; raises AssertionError when one is refused."""
        body = "".join(json.dumps(event) + "\n" for event in events)
        answer = httpx.post(self.base + "local/events", content=body, timeout=60, verify=NO_TLS)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    @contextmanager
    def fault(self, method: str, **what: Any) -> Iterator[None]:
        """Arm a fault of the Drive for one call."""
        self.server.control.faults.append(Fault(method=method, **what))
        yield
        self.server.control.faults.clear()

    def ids(self) -> dict[str, str]:
        """The ids of everything by name, as the connector sees them."""
        return {one["name"]: one["id"] for one in listed(self.service())}


def listed(service: Any, q: str = "", fields: str = "id,name", **more: Any) -> list[dict[str, Any]]:
    """Every page of files.list, shared drives included."""
    found: list[dict[str, Any]] = []
    asked = {"q": q, "fields": f"nextPageToken,files({fields})", "pageSize": 1000} | more
    asked |= {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
    request = service.files().list(**asked)
    while request is not None:
        answer = request.execute()
        found += answer["files"]
        request = service.files().list_next(request, answer)
    return found


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """The loop that the stand-ins run in."""
    made = Loop()
    yield made
    made.close()


@pytest.fixture(scope="session")
def signin(loop: Loop) -> Iterator[SigninServer]:
    """The sign-in stand-in, which every Drive asks about tokens."""
    server = SigninServer(Options())
    loop.run(server.start())
    yield server
    loop.run(server.stop())


@pytest.fixture(scope="session")
def demo(loop: Loop, signin: SigninServer) -> Iterator[Cloud]:
    """The sample Drive; tests only read it."""
    with Cloud(loop, signin, DEMO) as cloud:
        yield cloud


Serve = Callable[..., Cloud]


@pytest.fixture
def serve(loop: Loop, signin: SigninServer, tmp_path: Path) -> Iterator[Serve]:
    """Write files and a sidecar into a folder, and serve it."""
    open_clouds: list[Cloud] = []

    def start(
        files: dict[str, bytes | str],
        sidecar: dict[str, Any] | None = None,
        *,
        state: Path | None = None,
        **settings: str,
    ) -> Cloud:
        folder = tmp_path / "drive"
        below = folder / "files" if sidecar is not None else folder
        below.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            path = below / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if sidecar is not None:
            (folder / "permissions.json").write_text(json.dumps(sidecar))
        cloud = Cloud(loop, signin, folder, state, settings)
        open_clouds.append(cloud)
        return cloud.__enter__()

    yield start
    for cloud in open_clouds:
        cloud.__exit__()


ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@partner.example"
PEOPLE = (ALICE, BOB, CAROL)


def text(content: str) -> str:
    """Bytes as an event carries them."""
    return base64.b64encode(content.encode()).decode()


def user(email: str, role: str = "reader", **more: Any) -> dict[str, Any]:
    """A permission of a person."""
    return {"type": "user", "role": role, "emailAddress": email} | more


def group(email: str, role: str = "reader", **more: Any) -> dict[str, Any]:
    """A permission of a group."""
    return {"type": "group", "role": role, "emailAddress": email} | more


def office() -> dict[str, Any]:
    """A sidecar with two folders, a shared drive and a group."""
    return {
        "reference_time": "2025-04-02T09:00:00Z",
        "users": list(PEOPLE),
        "groups": {"team@example.com": [BOB]},
        "shared_drives": {"Lab": {"id": "0Alab", "members": [user(ALICE, "organizer")]}},
        "folders": {
            "A": {"owner": ALICE, "permissions": [group("team@example.com")]},
            "B": {"owner": ALICE, "permissions": []},
            "Lab": {"driveId": "0Alab"},
        },
        "files": {
            "a.txt": {"folder": "A", "owner": ALICE},
            "b.txt": {"folder": "B", "owner": ALICE, "permissions": [user(ALICE, "owner"), user(CAROL)]},
            "lab.txt": {"folder": "Lab", "owner": None, "driveId": "0Alab"},
        },
    }


OFFICE_FILES = {"a.txt": "one", "b.txt": "two", "lab.txt": "three"}


@pytest.fixture
def cloud(serve: Serve) -> Cloud:
    """The Drive of that sidecar."""
    return serve(OFFICE_FILES, office())


def who(cloud: Cloud, item_id: str) -> set[str]:
    """Who can find the item in a list."""
    return {one for one in PEOPLE if item_id in {found["id"] for found in listed(cloud.service(one))}}


class Feed:
    """Reads one viewer's change feed from now on."""

    def __init__(self, cloud: Cloud, email: str = "", **asked: Any) -> None:
        self._service = cloud.service(email) if email else cloud.service()
        self._asked = asked or {"includeItemsFromAllDrives": True, "supportsAllDrives": True}
        drive = {"driveId": asked["driveId"], "supportsAllDrives": True} if "driveId" in asked else {}
        self._token = self._service.changes().getStartPageToken(**drive).execute()["startPageToken"]

    def news(
        self, fields: str = "fileId,removed,changeType,driveId,file(name,trashed)"
    ) -> list[dict[str, Any]]:
        """What changed since the last call, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            mask = f"nextPageToken,newStartPageToken,changes({fields})"
            request = self._service.changes().list(
                pageToken=self._token, pageSize=1, fields=mask, **self._asked
            )
            answer = request.execute()
            assert ("nextPageToken" in answer) != ("newStartPageToken" in answer)
            found += answer["changes"]
            self._token = answer.get("nextPageToken") or answer["newStartPageToken"]
            if "newStartPageToken" in answer:
                return found
