"""Google's client of Drive among threads."""

import asyncio
import threading
from typing import Any

from google.auth.credentials import AnonymousCredentials

from shared.gcp import clients
from shared.gcp.drive_calls import Calls
from shared.settings import DriveSettings


async def test_threads_share_a_client_and_no_connection() -> None:
    """The client's description takes megabytes, which no thread needs its own of; sockets are its own."""
    made: list[Any] = []

    def make() -> Any:
        made.append(clients.drive(DriveSettings(), AnonymousCredentials()))
        return made[-1]

    calls, together = Calls("Google Drive", make), threading.Barrier(4)

    def work(service: Any) -> tuple[int, Any]:
        together.wait(10)
        return threading.get_ident(), service.files().get(fileId="f").http

    found = await asyncio.gather(*(calls.run(work) for _ in range(4)))
    assert len(made) == 1
    assert len({thread for thread, _ in found}) == 4
    assert len({id(http) for _, http in found}) == 4
