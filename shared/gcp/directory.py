"""The members of groups, from the Admin SDK."""

import threading
from collections.abc import Sequence
from typing import Any

import anyio.to_thread
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError

from shared.errors import Unavailable
from shared.gcp.clients import directory
from shared.gcp.failures import http_failure
from shared.settings import DriveSettings

_TRIES = 3
_NOT_GRANTED = (400, 401, 403, 404)


class GoogleDirectory:
    """Directory on the Admin SDK. The organisation may not have granted it: then groups stay unknown."""

    def __init__(self, settings: DriveSettings) -> None:
        self._settings = settings
        self._local = threading.local()

    async def members(self, group: str) -> Sequence[str] | None:
        """E-mail addresses of a group's members, nested ones too; None when the connector may not know."""

        def call() -> Sequence[str]:
            if not hasattr(self._local, "service"):
                self._local.service = directory(self._settings)
            return _pages(self._local.service, group)

        try:
            return await anyio.to_thread.run_sync(call)
        except HttpError as error:
            if error.resp.status in _NOT_GRANTED:
                return None
            raise http_failure("The directory", int(error.resp.status)) from error
        except (OSError, GoogleAuthError) as error:
            raise Unavailable("The directory cannot be reached.", retry_after=5) from error


def _pages(service: Any, group: str) -> list[str]:
    found: set[str] = set()
    token: str | None = None
    while True:
        page = (
            service.members()
            .list(groupKey=group, includeDerivedMembership=True, maxResults=200, pageToken=token)
            .execute(num_retries=_TRIES)
        )
        found |= {
            str(member["email"]).lower()
            for member in page.get("members", ())
            if member.get("email") and member.get("type", "USER") == "USER"
        }
        token = page.get("nextPageToken")
        if not token:
            return sorted(found)
