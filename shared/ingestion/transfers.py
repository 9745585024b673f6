"""What an export or an import is, how far it has come, and what it needs from the outside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

TransferKind = Literal["export", "import"]
TransferState = Literal["queued", "running", "done", "failed"]
TRANSFER_TASK = "/ingest/tasks/transfer"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One export or import: `folder` is gs://bucket/path, `part` the next part to write or to read.

    An export goes on after the record `after`. `worker` holds the lease.
    """

    id: str
    kind: TransferKind
    collection: str
    folder: str
    state: TransferState
    started_at: datetime
    ended_at: datetime | None = None
    part: int = 0
    after: str = ""
    files: int = 0
    chunks: int = 0
    skipped: int = 0
    """Files of an import that this project knows a version of already."""
    steps: int = 0
    error: str = ""
    worker: str = ""
    leased_until: datetime | None = None


class TransferStore(Protocol):
    """The transfers, by id."""

    async def get(self, transfer_id: str) -> Transfer | None:
        """One transfer, or None."""
        ...

    async def put(self, transfer: Transfer) -> None:
        """Create or replace."""
        ...

    async def change(self, transfer_id: str, change: Callable[[Transfer], Transfer]) -> Transfer:
        """Apply `change` in a transaction; what it raises comes through. Raises NotFound."""
        ...


class ObjectStore(Protocol):
    """Cloud Storage; a name is gs://bucket/path. All may raise Unavailable, Timeout, TooMany, Upstream."""

    async def put(self, name: str, data: bytes) -> None:
        """Write an object, replacing. Raises NotFound without the bucket, NotAllowed."""
        ...

    async def get(self, name: str) -> bytes:
        """The whole object. Raises NotFound, NotAllowed."""
        ...
