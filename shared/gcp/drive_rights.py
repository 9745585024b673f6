"""Whether Drive would show a person a file: asked of Drive itself, with that person's own token."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from shared.errors import Unavailable
from shared.gcp.http_calls import HttpCalls
from shared.identity.downloads import Offer
from shared.limits.meter import happened, used
from shared.settings import DriveSettings

_AT_ONCE = 64
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

    Not by google-api-python-client, because the checks of one question run at the same time over connections
    that are kept open; that is synchronous, with a connection a thread.
    """

    def __init__(self, settings: DriveSettings) -> None:
        self._http = HttpCalls(settings.drive_url, "drive", settings.drive_timeout, _AT_ONCE)

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
        asked = urlencode({"fields": fields, "supportsAllDrives": "true"})
        target = f"/files/{quote(file_id, safe='')}?{asked}"
        headers = {"authorization": f"Bearer {access_token}"}
        try:
            async with self._http.call("GET", target, headers, name="files.get") as answer:
                status, body = answer.status, await answer.whole()
        except OSError as error:
            raise Unavailable("Google Drive cannot be reached.", retry_after=5) from error
        if status == _SEEN:
            found: dict[str, Any] = json.loads(body.decode())
            return None if found.get("trashed", False) else found
        if status in _DENIED and b"ateLimitExceeded" not in body:
            return None
        raise Unavailable("Google Drive did not say who may read what.", retry_after=5)
