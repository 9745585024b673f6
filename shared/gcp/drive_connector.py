"""Google Drive as the connector sees it: items, permissions, listings, change feeds, push, bytes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import anyio
import anyio.to_thread
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError

from shared.errors import NotFound, TooLarge, Unavailable
from shared.gcp.drive_calls import Calls, execute
from shared.gcp.drive_download import fetch, opened, trusted
from shared.gcp.drive_http import DriveHttp, JsonGet
from shared.gcp.drive_identity import Connector
from shared.gcp.drive_items import CHANGE_FIELDS, FILE_FIELDS, PERMISSION_FIELDS, entry_of, grants_of, item_of
from shared.ingestion.drive import USER_FEED, FeedPage, Grant, Item, ItemPage, TokenLost, Watch
from shared.settings import DriveSettings

Result = TypeVar("Result")
_NATIVE = "application/vnd.google-apps."
_OFFICE = "application/vnd.openxmlformats-officedocument."
EXPORTS = {
    f"{_NATIVE}document": "text/markdown",
    f"{_NATIVE}spreadsheet": f"{_OFFICE}spreadsheetml.sheet",
    f"{_NATIVE}presentation": f"{_OFFICE}presentationml.presentation",
}
"""Google's own types have no bytes; each is exported as the format that keeps most of its structure."""
_FIELDS = quote(FILE_FIELDS, safe="")
_ALL_DRIVES = {"supportsAllDrives": True}
_WITH_DRIVES = {**_ALL_DRIVES, "includeItemsFromAllDrives": True}
_PAGE = 1000
_LONGEST_WATCH = timedelta(days=7)
_LOST = (400, 404, 410)
"""How Drive answers a page token that it does not know, or whose shared drive is out of sight."""


class DriveConnector:
    """Drive on the connector's own account. Every call is waited for at most DRIVE_DOWNLOAD_TIMEOUT a try."""

    def __init__(self, settings: DriveSettings, connector: Connector) -> None:
        self._settings, self._connector = settings, connector
        self._calls = Calls("Google Drive", connector.drive)
        self._http = DriveHttp(connector.token, settings.drive_download_timeout)

    async def folder(self, folder_id: str) -> Item:
        """The folder of an id, of a shared drive's id, or of the alias "root". Raises NotFound."""
        found = await self.item(folder_id)
        if found is None or not found.is_folder or found.trashed:
            raise NotFound("There is no such folder, or it is not shared with Docent's account.")
        return found

    async def item(self, item_id: str, resource_key: str = "") -> Item | None:
        """One item, or None when it is gone or out of sight."""
        url = f"{self._file(item_id)}?fields={_FIELDS}&supportsAllDrives=true"
        request = JsonGet(self._http, "files.get", url, _key(item_id, resource_key))

        def find() -> Item | None:
            found = _unless_gone(lambda: execute(request))
            return None if found is None else item_of(found)

        await self._connector.ready()
        return await self._calls.translated(find)

    async def grants(self, item: Item) -> tuple[Grant, ...] | None:
        """Who may read the item; None when the connector may not know: that narrows."""

        def read(service: Any) -> tuple[Grant, ...] | None:
            try:
                return grants_of(_permissions(service, item))
            except HttpError as error:
                if error.resp.status in (403, 404) and "ateLimit" not in str(error.error_details):
                    return None
                raise

        return await self._run(read)

    async def children(self, folders: Sequence[str], token: str) -> ItemPage:
        """What is directly in any of the folders, trash left out. A folder that is gone has nothing in it."""
        inside = " or ".join(f"'{_quoted(folder)}' in parents" for folder in folders)
        page = await self._list(f"({inside}) and trashed = false", token)
        if page is not None:
            return page
        if len(folders) == 1:
            return ItemPage(())
        # one that is gone fails the query for all: ask for each by itself
        pages = [await self._all_children(folder) for folder in folders]
        return ItemPage(tuple(item for items in pages for item in items))

    async def shared_with_me(self, token: str) -> ItemPage:
        """What others have shared with the connector directly, trash left out."""
        return await self._list("sharedWithMe = true and trashed = false", token) or ItemPage(())

    async def drives(self) -> Sequence[str]:
        """The ids of the shared drives that the connector is a member of."""

        def read(service: Any) -> list[str]:
            found: list[str] = []
            token: str | None = None
            while True:
                request = service.drives().list(
                    pageSize=100, pageToken=token, fields="nextPageToken,drives(id)"
                )
                page = execute(request)
                found += [drive["id"] for drive in page.get("drives", ())]
                token = page.get("nextPageToken")
                if not token:
                    return found

        return await self._run(read)

    async def start_token(self, feed: str) -> str:
        """Where a feed stands now."""

        def read(service: Any) -> str:
            request = service.changes().getStartPageToken(**_feed(feed), **_ALL_DRIVES)
            return str(execute(request)["startPageToken"])

        return await self._run(read)

    async def changes(self, feed: str, token: str) -> FeedPage:
        """The changes since a token, a page at a time. Raises TokenLost."""

        def read(service: Any) -> FeedPage:
            request = service.changes().list(
                pageToken=token,
                pageSize=_PAGE,
                includeRemoved=True,
                fields=CHANGE_FIELDS,
                **_feed(feed),
                **_WITH_DRIVES,
            )
            try:
                page = execute(request)
            except HttpError as error:
                if error.resp.status in _LOST:
                    raise TokenLost from error
                raise
            entries = tuple(entry_of(change) for change in page.get("changes", ()))
            last = "newStartPageToken" in page
            return FeedPage(entries, str(page["newStartPageToken" if last else "nextPageToken"]), last)

        return await self._run(read)

    async def watch(self, feed: str, token: str, channel: str, secret: str, address: str) -> Watch:
        """Have Drive post to `address` when the feed moves, for as long as it allows: 7 days."""
        until = datetime.now(UTC) + _LONGEST_WATCH
        body = {"id": channel, "type": "web_hook", "address": address, "token": secret}
        body["expiration"] = str(round(until.timestamp() * 1000))

        def open_channel(service: Any) -> Watch:
            request = service.changes().watch(pageToken=token, body=body, **_feed(feed), **_WITH_DRIVES)
            found = execute(request)
            expires = datetime.fromtimestamp(int(found.get("expiration", 0)) / 1000, UTC)
            return Watch(channel, str(found["resourceId"]), expires)

        return await self._run(open_channel)

    async def stop(self, channel: str, resource: str) -> None:
        """Close a push channel; one that is closed already is no error."""

        def close(service: Any) -> None:
            request = service.channels().stop(body={"id": channel, "resourceId": resource})
            _unless_gone(lambda: execute(request))

        await self._run(close)

    async def download(self, item: Item, target: Path, limit: int) -> None:
        """Write the content (exported, for Google's own types) to `target`; TooLarge over `limit` bytes."""
        export = EXPORTS.get(item.mime_type)
        if item.mime_type.startswith(_NATIVE) and not export:
            # a form, a map has no text to export; extraction says so of an empty file
            await anyio.Path(target).touch()
            return
        if item.size > limit and not export:
            raise TooLarge(f"The file is larger than {limit // 2**20} MB, so it is not read.")
        await self._connector.ready()
        base = self._file(item.id)
        if export is None:
            await self._fetch(f"{base}?alt=media&supportsAllDrives=true", item, target, limit)
            return
        try:
            await self._fetch(f"{base}/export?mimeType={quote(export)}", item, target, limit)
        except TooLarge:
            if (await anyio.Path(target).stat()).st_size > limit:
                raise
            # over the 10 MB that files.export gives
            await self._fetch(await self._export_link(item, export), item, target, limit)

    async def _export_link(self, item: Item, export: str) -> str:
        def read(service: Any) -> str:
            found = execute(service.files().get(fileId=item.id, fields="exportLinks", **_ALL_DRIVES))
            return str(found.get("exportLinks", {}).get(export, ""))

        link = await self._run(read)
        if not trusted(link, self._settings.drive_url):
            raise TooLarge("Google exports at most 10 MB of such a document; this one is larger.")
        return link

    async def _fetch(self, url: str, item: Item, target: Path, limit: int) -> None:
        def write() -> None:
            with opened(target) as out:
                fetch(self._http, url, _key(item.id, item.resource_key), out, limit)

        try:
            await anyio.to_thread.run_sync(write)
        except GoogleAuthError as error:
            raise Unavailable("Google Drive cannot be reached.", retry_after=5) from error

    def _file(self, item_id: str) -> str:
        return f"{self._settings.drive_url}files/{quote(item_id, safe='')}"

    async def _list(self, query: str, token: str) -> ItemPage | None:
        """A page of what a query finds; None when a folder in it is gone."""

        def read(service: Any) -> ItemPage | None:
            request = service.files().list(
                q=query,
                fields=f"nextPageToken,files({FILE_FIELDS})",
                pageSize=_PAGE,
                pageToken=token or None,
                **_WITH_DRIVES,
            )
            page = _unless_gone(lambda: execute(request))
            if page is None:
                return None
            return ItemPage(tuple(map(item_of, page.get("files", ()))), str(page.get("nextPageToken") or ""))

        return await self._run(read)

    async def _all_children(self, folder: str) -> list[Item]:
        items: list[Item] = []
        token = ""
        while True:
            page = await self.children([folder], token)
            items += page.items
            token = page.next_token
            if not token:
                return items

    async def _run(self, work: Callable[[Any], Result]) -> Result:
        await self._connector.ready()
        return await self._calls.run(work)


def _permissions(service: Any, item: Item) -> Iterator[dict[str, Any]]:
    token: str | None = None
    while True:
        request = service.permissions().list(
            fileId=item.id,
            fields=f"nextPageToken,permissions({PERMISSION_FIELDS})",
            pageSize=100,
            pageToken=token,
            **_ALL_DRIVES,
        )
        page = execute(_keyed(request, item.id, item.resource_key))
        yield from page.get("permissions", ())
        token = page.get("nextPageToken")
        if not token:
            return


def _unless_gone(call: Callable[[], Any]) -> Any:
    """What `call` returns; None when Google answers that there is no such thing, or not for us."""
    try:
        return call()
    except HttpError as error:
        if error.resp.status == 404:  # noqa: PLR2004
            return None
        raise


def _keyed(request: Any, item_id: str, resource_key: str) -> Any:
    """The request with the key that old link-shared files ask for."""
    request.headers.update(_key(item_id, resource_key))
    return request


def _key(item_id: str, resource_key: str) -> dict[str, str]:
    return {"X-Goog-Drive-Resource-Keys": f"{item_id}/{resource_key}"} if resource_key else {}


def _feed(feed: str) -> dict[str, str]:
    return {} if feed == USER_FEED else {"driveId": feed}


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
