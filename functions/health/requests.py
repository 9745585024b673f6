"""From the id of a request to all that is known of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from shared.identity.audit_reading import AuditReader
from shared.identity.records import Link
from shared.observing.questions import Asked, QuestionLog

_CONSOLE = "https://console.cloud.google.com"


class RequestAudit(Protocol):
    """The audit trail by request."""

    async def of_request(self, request_id: str) -> Sequence[Link]:
        """The linked entries of one request, oldest first. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a request: audit entries, questions, and where its log lines and its trace are."""

    audit: Sequence[Link]
    questions: Sequence[Asked]
    logs: str
    trace: str


@dataclass(frozen=True)
class Requests:
    """Looks a request up. `here` is the address of the local control page, "" in the cloud."""

    log: QuestionLog
    reader: AuditReader
    trail: RequestAudit
    project: str
    here: str

    async def look_up(self, request_id: str) -> Known:
        """Everything, even if that is nothing: a request that was only refused leaves log lines alone.

        Raises Unavailable, Timeout.
        """
        await self.reader.page(None, 1)  # links what waits
        audit, asked = await self.trail.of_request(request_id), await self.log.of_request(request_id)
        return Known(audit, asked, *self._addresses(request_id))

    def _addresses(self, request_id: str) -> tuple[str, str]:
        if self.here:
            return f"{self.here}logs?request={request_id}", f"{self.here}?request={request_id}"
        wanted = quote(f'trace="projects/{self.project}/traces/{request_id}"', safe="")
        return (
            f"{_CONSOLE}/logs/query;query={wanted}?project={self.project}",
            f"{_CONSOLE}/traces/explorer;traceId={request_id}?project={self.project}",
        )
