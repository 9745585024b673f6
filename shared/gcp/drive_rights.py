"""Whether Drive would show a person a file: asked of Drive itself, with that person's own token."""

from typing import Any

import httpx

from shared.errors import Unavailable
from shared.gcp.rest import client
from shared.gcp.tracing import hooks
from shared.identity.downloads import Offer
from shared.limits.meter import happened, used
from shared.settings import DriveSettings

_CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=60)
_SEEN, _DENIED = 200, (401, 403, 404)
_OFFERED = "id,trashed,webContentLink,webViewLink,exportLinks,capabilities(canDownload)"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_EXPORTED = (
    f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet",
    f"{_OFFICE}presentationml.presentation",
    "application/pdf",
)
"""What a document of Google's own kinds is downloaded as, the first that Drive offers."""


class DriveRights:
    """FileRights and FileOffers on Drive v3's files.get.

    httpx and not google-api-python-client, because the checks of one question run at the same time over
    connections that are kept open; the latter is synchronous, with a connection a thread.
    """

    def __init__(self, settings: DriveSettings) -> None:
        self._client = client(
            base_url=settings.drive_url,
            timeout=settings.drive_timeout,
            limits=_CONNECTIONS,
            event_hooks=hooks("drive", "files.get"),
        )

    async def readable(self, access_token: str, file_id: str) -> bool:
        """Whether the token's owner can open the file now. Raises Unavailable when Drive does not say."""
        happened("access_misses")
        return await self._file(access_token, file_id, "id,trashed") is not None

    async def offer(self, access_token: str, file_id: str) -> Offer | None:
        """What Drive offers the token's owner of a file. Raises Unavailable when Drive does not say."""
        found = await self._file(access_token, file_id, _OFFERED)
        if found is None:
            return None
        links = found.get("exportLinks") or {}
        export = next((links[kind] for kind in _EXPORTED if kind in links), "")
        return Offer(
            str(found.get("webContentLink") or export),
            str(found.get("webViewLink", "")),
            bool((found.get("capabilities") or {}).get("canDownload")),
        )

    async def _file(self, access_token: str, file_id: str, fields: str) -> dict[str, Any] | None:
        """The file as the token's owner sees it; None when they do not, or it is in the trash."""
        used("drive", call=1)
        try:
            answer = await self._client.get(
                f"files/{file_id}",
                params={"fields": fields, "supportsAllDrives": "true"},
                headers={"Authorization": f"Bearer {access_token}"},
            )
        except httpx.HTTPError as error:
            raise Unavailable("Google Drive cannot be reached.", retry_after=5) from error
        if answer.status_code == _SEEN:
            found: dict[str, Any] = answer.json()
            return None if found.get("trashed", False) else found
        if answer.status_code in _DENIED and "ateLimitExceeded" not in answer.text:
            return None
        raise Unavailable("Google Drive did not say who may read what.", retry_after=5)
