"""Google Drive as the connector sees it: listing, one file, downloads and exports.

google-api-python-client is synchronous and its transport is not thread-safe, so each worker thread keeps
a service of its own.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

from shared.errors import AppError, NotFound, TooLarge, Unavailable
from shared.gcp.clients import drive
from shared.gcp.drive_permissions import groups, principals
from shared.gcp.failures import http_failure
from shared.ingestion.interfaces import DriveFile
from shared.settings import DriveSettings

Result = TypeVar("Result")
FOLDER = "application/vnd.google-apps.folder"
_NATIVE = "application/vnd.google-apps."
_OFFICE = "application/vnd.openxmlformats-officedocument."
EXPORTS = {
    f"{_NATIVE}document": "text/markdown",
    f"{_NATIVE}spreadsheet": f"{_OFFICE}spreadsheetml.sheet",
    f"{_NATIVE}presentation": f"{_OFFICE}presentationml.presentation",
}
"""Google's own types have no bytes; each is exported as the format that keeps most of its structure."""
_FIELDS = (
    "id,name,mimeType,md5Checksum,version,modifiedTime,size,webViewLink,parents,trashed,driveId,permissions"
)
_PARENTS_A_QUERY = 40
_TRIES = 4
"""Tries of one call on quota errors, 429 and 5xx, with the client's exponential wait: about 15 s in all."""
_PIECE = 8 * 1024 * 1024
_DEEPEST = 100
_SHARED_DRIVES = {"supportsAllDrives": True}


class DriveConnector:
    """Drive on the connector's own account."""

    def __init__(self, settings: DriveSettings) -> None:
        self._settings = settings
        self._local = threading.local()

    async def folder(self, folder_id: str) -> str:
        """The folder's own id, for an id or the alias "root". Raises NotFound."""
        found = await self._run(lambda service: self._get(service, folder_id))
        if found is None or found["mimeType"] != FOLDER:
            raise NotFound("There is no such folder, or it is not shared with Docent's service account.")
        return str(found["id"])

    async def listing(self, folder_id: str) -> Sequence[DriveFile]:
        """Every file below a folder, trashed ones left out. Raises NotFound, Unavailable, Upstream."""
        return await self._run(lambda service: list(self._walk(service, folder_id)))

    async def file(self, file_id: str, folder_id: str) -> DriveFile | None:
        """One file, or None when it is gone, out of sight, or no longer below the folder."""

        def find(service: Any) -> DriveFile | None:
            found = self._get(service, file_id)
            if found is None:
                return None
            folders = self._above(service, found, folder_id)
            return None if folders is None else self._described(service, found, folders)

        return await self._run(find)

    async def download(self, file: DriveFile, target: Path, limit: int) -> None:
        """Write the content (exported, for Google's own types) to `target`; TooLarge over `limit` bytes."""
        too_large = TooLarge(f"The file is larger than {limit // 2**20} MB, so it is not read.")
        if file.size > limit:
            raise too_large

        def nothing(_: Any) -> None:
            target.touch()

        def fetch(service: Any) -> None:
            export = EXPORTS.get(file.mime_type)
            request = (
                service.files().export_media(fileId=file.id, mimeType=export)
                if export
                else service.files().get_media(fileId=file.id, **_SHARED_DRIVES)
            )
            with target.open("wb") as out:
                media = MediaIoBaseDownload(out, request, chunksize=_PIECE)
                done = False
                while not done:
                    _, done = media.next_chunk(num_retries=_TRIES)
                    if out.tell() > limit:
                        raise too_large

        # a form, a map, a drawing has no text to export; extraction says so of an empty file
        readable = file.mime_type in EXPORTS or not file.mime_type.startswith(_NATIVE)
        await self._run(fetch if readable else nothing)

    async def _run(self, work: Callable[[Any], Result]) -> Result:
        """Run `work` in a thread with that thread's service; translate what it raises."""

        def call() -> Result:
            if not hasattr(self._local, "service"):
                self._local.service = drive(self._settings)
            return work(self._local.service)

        try:
            return await anyio.to_thread.run_sync(call)
        except HttpError as error:
            raise _ours(error) from error
        except (OSError, GoogleAuthError) as error:
            raise Unavailable("Google Drive cannot be reached.", retry_after=5) from error

    def _get(self, service: Any, file_id: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = (
                service.files()
                .get(fileId=file_id, fields=_FIELDS, **_SHARED_DRIVES)
                .execute(num_retries=_TRIES)
            )
        except HttpError as error:
            if error.resp.status == 404:  # noqa: PLR2004 - gone, or not shared with us
                return None
            raise
        return found

    def _walk(self, service: Any, folder_id: str) -> Iterator[DriveFile]:
        """Breadth first, many folders a query: calls grow with the depth, not with the folders."""
        above: dict[str, tuple[str, ...]] = {folder_id: (folder_id,)}
        level = [folder_id]
        while level:
            below: list[str] = []
            for start in range(0, len(level), _PARENTS_A_QUERY):
                for found in self._children(service, level[start : start + _PARENTS_A_QUERY]):
                    parent = next((name for name in found.get("parents", ()) if name in above), None)
                    if parent is None:
                        continue
                    if found["mimeType"] != FOLDER:
                        yield self._described(service, found, above[parent])
                    elif found["id"] not in above:
                        above[found["id"]] = (*above[parent], found["id"])
                        below.append(found["id"])
            level = below

    def _children(self, service: Any, folders: Sequence[str]) -> Iterator[dict[str, Any]]:
        inside = " or ".join(f"'{_quoted(folder)}' in parents" for folder in folders)
        token: str | None = None
        while True:
            page = (
                service.files()
                .list(
                    q=f"({inside}) and trashed = false",
                    fields=f"nextPageToken,files({_FIELDS})",
                    pageSize=1000,
                    pageToken=token,
                    includeItemsFromAllDrives=True,
                    **_SHARED_DRIVES,
                )
                .execute(num_retries=_TRIES)
            )
            yield from page.get("files", ())
            token = page.get("nextPageToken")
            if not token:
                return

    def _above(self, service: Any, found: dict[str, Any], top: str) -> tuple[str, ...] | None:
        """The folders from `top` down to the file's own, or None when `top` is not above it."""
        path: list[str] = []
        parents = found.get("parents", ())
        while parents and len(path) < _DEEPEST:
            path.append(parents[0])
            if parents[0] == top:
                return tuple(reversed(path))
            parent = self._get(service, parents[0])
            parents = parent.get("parents", ()) if parent else ()
        return None

    def _described(self, service: Any, found: dict[str, Any], folders: tuple[str, ...]) -> DriveFile:
        permissions = found.get("permissions")
        if permissions is None:  # never filled for items of shared drives
            permissions = list(self._permissions(service, found["id"]))
        return DriveFile(
            id=found["id"],
            name=found["name"],
            mime_type=found["mimeType"],
            content=found.get("md5Checksum") or found.get("modifiedTime", ""),
            size=int(found.get("size", 0)),
            modified=found.get("modifiedTime", ""),
            link=found.get("webViewLink", ""),
            trashed=bool(found.get("trashed")),
            folders=folders,
            principals=principals(permissions),
            groups=groups(permissions),
        )

    def _permissions(self, service: Any, file_id: str) -> Iterator[dict[str, Any]]:
        """The permissions of one file; none when the connector may not read them: that narrows."""
        token: str | None = None
        while True:
            try:
                page = (
                    service.permissions()
                    .list(
                        fileId=file_id,
                        fields="nextPageToken,permissions",
                        pageSize=100,
                        pageToken=token,
                        **_SHARED_DRIVES,
                    )
                    .execute(num_retries=_TRIES)
                )
            except HttpError as error:
                if error.resp.status in (403, 404):
                    return
                raise
            yield from page.get("permissions", ())
            token = page.get("nextPageToken")
            if not token:
                return


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _ours(error: HttpError) -> AppError:
    if error.resp.status == 403 and "ateLimitExceeded" in str(error.error_details):  # noqa: PLR2004
        return http_failure("Google Drive", 429)
    if "exportSizeLimitExceeded" in str(error.error_details):
        return TooLarge("Google exports at most 10 MB of a document of its own types; this one is larger.")
    return http_failure("Google Drive", int(error.resp.status))
