"""Where a person may download a file: at Drive, by the address that Drive gives this person.

Docent never passes on a file's bytes: its own account could read more than the person, and may not be lent.
"""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from shared.errors import NotAllowed, NotFound
from shared.identity.access import Grants
from shared.models import Person

_GOOGLES = (".google.com", ".googleusercontent.com")


@dataclass(frozen=True, slots=True)
class Offer:
    """What Drive offers a person of a file: addresses of its content and of its page, "" where none."""

    content: str
    page: str
    downloadable: bool


class FileOffers(Protocol):
    """Drive's view of what one person may do with one file."""

    async def offer(self, access_token: str, file_id: str) -> Offer | None:
        """None when the person cannot see the file. Raises Unavailable when Drive does not say."""
        ...


@dataclass(frozen=True)
class DriveDownloads:
    """Asks Drive with the person's own grant. `own` is an origin besides Google's that Drive may name."""

    grants: Grants
    drive: FileOffers
    own: str = ""

    async def address(self, person: Person, file_id: str, link: str) -> str:
        """Where the person gets the content, or `link` where Drive knows no such address.

        Raises NotFound when they may not open the file, NotAllowed when they may read but not download it.
        """
        token = await self.grants.access_token(person.subject)
        found = await self.drive.offer(token, file_id.rpartition("~")[2])
        if found is None:
            raise NotFound("There is no such file among your documents.")
        if not found.downloadable:
            raise NotAllowed("Its owner lets you read this file in Drive, but not download it.")
        return next((one for one in (found.content, found.page) if self._trusted(one)), link)

    def _trusted(self, address: str) -> bool:
        """Whether an address is one of Google's: a redirect must not lead elsewhere."""
        parts = urlsplit(address)
        if self.own and f"{parts.scheme}://{parts.netloc}" == self.own:
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and any(f".{host}".endswith(one) for one in _GOOGLES)


@dataclass(frozen=True)
class RecordedDownloads:
    """Where people give no Drive grant: the file's page in Drive, which decides for itself."""

    async def address(self, _person: Person, _file_id: str, link: str) -> str:
        """The file's page. Raises NotFound where the ledger knows none."""
        if not link:
            raise NotFound("Drive gave no address for this file.")
        return link
