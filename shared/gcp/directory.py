"""The members of groups, from the Admin SDK."""

from collections.abc import Sequence
from typing import Any

from googleapiclient.errors import HttpError

from shared.gcp.clients import directory
from shared.gcp.drive_calls import Calls, execute
from shared.settings import DriveSettings

_NOT_GRANTED = (400, 401, 403, 404)


class GoogleDirectory:
    """Directory on the Admin SDK. The organisation may not have granted it: then groups stay unknown."""

    def __init__(self, settings: DriveSettings) -> None:
        self._calls = Calls("The directory", lambda: directory(settings))

    async def members(self, group: str) -> Sequence[str] | None:
        """E-mail addresses of a group's members, nested ones too; None when the connector may not know."""

        def read(service: Any) -> Sequence[str] | None:
            try:
                return _pages(service, group)
            except HttpError as error:
                if error.resp.status in _NOT_GRANTED and "ateLimit" not in str(error.error_details):
                    return None
                raise

        return await self._calls.run(read)


def _pages(service: Any, group: str) -> list[str]:
    found: set[str] = set()
    token: str | None = None
    while True:
        page = execute(
            service.members().list(
                groupKey=group, includeDerivedMembership=True, maxResults=200, pageToken=token
            )
        )
        found |= {
            str(member["email"]).lower()
            for member in page.get("members", ())
            if member.get("email") and member.get("type", "USER") == "USER"
        }
        token = page.get("nextPageToken")
        if not token:
            return sorted(found)
