"""Whether Drive would show a person a file: asked of Drive itself, with that person's own token."""

import httpx

from shared.errors import Unavailable
from shared.gcp.tracing import hooks
from shared.limits.meter import happened, used
from shared.settings import DriveSettings

_CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=60)
_SEEN, _DENIED = 200, (401, 403, 404)


class DriveRights:
    """FileRights on Drive v3's files.get.

    httpx and not google-api-python-client, because the checks of one question run at the same time over
    connections that are kept open; the latter is synchronous, with a connection a thread.
    """

    def __init__(self, settings: DriveSettings) -> None:
        self._client = httpx.AsyncClient(
            base_url=settings.drive_url,
            timeout=settings.drive_timeout,
            limits=_CONNECTIONS,
            event_hooks=hooks("drive", "files.get"),
        )

    async def readable(self, access_token: str, file_id: str) -> bool:
        """Whether the token's owner can open the file now. Raises Unavailable when Drive does not say."""
        used("drive", call=1)
        happened("access_misses")
        try:
            answer = await self._client.get(
                f"files/{file_id}",
                params={"fields": "id,trashed", "supportsAllDrives": "true"},
                headers={"Authorization": f"Bearer {access_token}"},
            )
        except httpx.HTTPError as error:
            raise Unavailable("Google Drive cannot be reached.", retry_after=5) from error
        if answer.status_code == _SEEN:
            return not answer.json().get("trashed", False)
        if answer.status_code in _DENIED and "ateLimitExceeded" not in answer.text:
            return False
        raise Unavailable("Google Drive did not say who may read what.", retry_after=5)
