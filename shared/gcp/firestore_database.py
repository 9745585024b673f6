"""One Firestore database, as adapters are given it: by a channel, and by Google's client.

What requests usually do goes over the channel (firestore_wire.py). Google's client takes a tenth of a second
and 20 MB to import, so it is made when a rarer route first needs it, with a connection of its own.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.gcp.channels import opened
from shared.gcp.metering import metered
from shared.gcp.tracing import traced
from shared.settings import FirestoreSettings

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

_HOST = "firestore.googleapis.com"
_OPTIONS = [
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]
"""As Google's client has them."""


class Database:
    """A database of a project. FIRESTORE_EMULATOR_HOST is another address of Firestore."""

    def __init__(self, project: str, settings: FirestoreSettings) -> None:
        self.name = f"projects/{project}/databases/{settings.database}"
        self.emulator = settings.emulator_host
        self._project, self._id = project, settings.database

    @cached_property
    def channel(self) -> Any:
        """For bare messages; nothing is put around its calls."""
        return opened(self.emulator or _HOST, _OPTIONS, plain=bool(self.emulator))

    @cached_property
    def client(self) -> "AsyncClient":
        """Google's client, whose calls are spans and are metered; it honours the emulator by itself."""
        from google.cloud.firestore import AsyncClient

        made = AsyncClient(project=self._project, database=self._id)
        traced(made._firestore_api)  # noqa: SLF001 - the library has no other way to its channel
        metered(made._firestore_api)  # noqa: SLF001 - as above
        return made

    async def close(self) -> None:
        """Close the connections that there are."""
        if "channel" in self.__dict__:
            await self.channel.close()
        if "client" in self.__dict__:
            await self.client._firestore_api.transport.close()  # noqa: SLF001 - as above
