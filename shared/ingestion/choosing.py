"""The folders that a collection can be made of, as the connector sees them, one level at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.errors import AppError
from shared.ingestion.drive import Drive, Item

_ROOT = "root"
_MOST_PAGES = 5
"""Drive's pages that one answer looks through for folders; past these the caller asks for the rest."""

PlaceKind = Literal["my-drive", "drive", "shared", "folder"]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to choose: My Drive, a shared drive, one that was shared with the connector, or any other."""

    kind: PlaceKind
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PlacePage:
    """Some places; `token` is empty on the last page."""

    places: Sequence[Place]
    token: str = ""


@dataclass(frozen=True)
class Choosing:
    """Lists folders live from Drive; keeps nothing."""

    drive: Drive

    async def top(self, token: str) -> PlacePage:
        """Where one begins: My Drive, the shared drives, and page by page what others have shared.

        Raises TooMany, Unavailable, Timeout, Upstream.
        """
        drives = [] if token else await self._drives()
        shared, token = await self._folders("", token)
        return PlacePage([*drives, *(Place("shared", one.id, one.name) for one in shared)], token)

    async def inside(self, folder_id: str, token: str) -> PlacePage:
        """The folders directly in a folder. Raises NotFound and as `top`."""
        if not token:
            await self.drive.folder(folder_id)
        folders, token = await self._folders(folder_id, token)
        return PlacePage([Place("folder", one.id, one.name) for one in folders], token)

    async def _drives(self) -> list[Place]:
        """My Drive, then the shared drives by name; one that cannot be looked at is left out."""
        known = [_ROOT, *await self.drive.drives()]
        found = await asyncio.gather(*(self._named(one) for one in known))
        mine, others = found[0], sorted((one for one in found[1:] if one), key=lambda one: one.name.lower())
        return [*([mine] if mine else []), *others]

    async def _named(self, folder_id: str) -> Place | None:
        try:
            found = await self.drive.folder(folder_id)
        except AppError:
            return None
        return Place("my-drive" if folder_id == _ROOT else "drive", found.id, found.name)

    async def _folders(self, folder_id: str, token: str) -> tuple[list[Item], str]:
        """Folders of Drive's next pages: until there are some, or enough pages held none."""
        found: list[Item] = []
        for _ in range(_MOST_PAGES):
            page = await (
                self.drive.children([folder_id], token) if folder_id else self.drive.shared_with_me(token)
            )
            found += [item for item in page.items if item.is_folder]
            token = page.next_token
            if found or not token:
                break
        return sorted(found, key=lambda item: item.name.lower()), token
