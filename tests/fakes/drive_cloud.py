"""The Drive stand-in with the product's connector in front of it, as somebody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from google.oauth2.credentials import Credentials

from local.drive.server import DriveServer
from local.signin.people import DEFAULT_SERVICE_ACCOUNT
from local.standin import Options
from shared.gcp import clients
from shared.gcp.drive_connector import DriveConnector
from shared.settings import DriveSettings


@dataclass
class As:
    """Credentials of somebody: without a sign-in, the stand-in takes the address itself as the token."""

    settings: DriveSettings
    email: str = DEFAULT_SERVICE_ACCOUNT
    made: list[Any] = field(default_factory=list)

    async def ready(self) -> None:
        """Always."""

    def drive(self) -> Any:
        """A client of Drive v3."""
        self.made.append(clients.drive(self.settings, Credentials(self.email)))
        return self.made[-1]

    def token(self, refused: str = "") -> str:
        """The address."""
        return self.email


@dataclass
class DriveCloud:
    """A served folder."""

    server: DriveServer
    settings: DriveSettings
    opened: list[Any] = field(default_factory=list)

    def connector(self, email: str = DEFAULT_SERVICE_ACCOUNT) -> DriveConnector:
        """The connector, going to Drive as this person."""
        identity = As(self.settings, email, self.opened)
        connector = DriveConnector(self.settings, identity)  # type: ignore[arg-type]
        self.opened.append(connector._http)
        return connector

    async def people(self, *events: dict[str, Any]) -> None:
        """Do what people do."""
        base = self.settings.drive_url.removesuffix("drive/v3/")
        headers = {"Authorization": f"Bearer {DEFAULT_SERVICE_ACCOUNT}"}
        async with httpx.AsyncClient(trust_env=False) as client:
            for event in events:
                answer = await client.post(f"{base}local/events", json=event, headers=headers)
                assert answer.status_code == httpx.codes.OK, answer.text

    def calls(self) -> dict[str, int]:
        """What was asked since the last time, people's doings apart."""
        found = {name: count for name, count in self.server.control.calls.items() if "local." not in name}
        self.server.control.calls.clear()
        return found


@asynccontextmanager
async def drive_cloud(folder: Path) -> AsyncIterator[DriveCloud]:
    """A running stand-in over a folder."""
    server = DriveServer(Options(drive=folder))
    await server.start()
    addresses = server.exports()
    settings = DriveSettings(drive_url=addresses["DRIVE_URL"], directory_url=addresses["DIRECTORY_URL"])
    cloud = DriveCloud(server, settings)
    try:
        yield cloud
    finally:
        for one in cloud.opened:
            one.close()
        await server.stop()
