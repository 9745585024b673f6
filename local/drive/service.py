"""What every route of the Drive stand-in needs, and how a handler becomes a route."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from local.drive.channels import Channels
from local.drive.engine import Drive
from local.drive.errors import ApiError, invalid, not_found
from local.drive.items import Item
from local.drive.listing import Listings
from local.drive.resources import Sight
from local.drive.viewers import METADATA_SCOPES, Viewers
from local.fields import Mask, parse_fields


@dataclass
class Service:
    """The state of one Drive stand-in."""

    drive: Drive
    viewers: Viewers
    channels: Channels
    listings: Listings = field(default_factory=Listings)
    base: str = ""
    """http://127.0.0.1:PORT/, known once the server listens."""


@dataclass(frozen=True)
class Call:
    """One request: what it asks, and who asks."""

    request: Request
    service: Service
    sight: Sight

    @property
    def drive(self) -> Drive:
        """The Drive."""
        return self.service.drive

    def text(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query_params.get(name, default)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean query parameter. Raises ApiError (400)."""
        value = self.text(name).lower()
        if value not in {"", "true", "false"}:
            raise invalid(name)
        return default if not value else value == "true"

    def size(self, default: int, most: int) -> int:
        """pageSize: values above `most` are cut to it. Raises ApiError (400) below 1."""
        raw = self.text("pageSize") or str(default)
        if not raw.isdecimal() or int(raw) < 1:
            message = f"Invalid value '{raw}'. Values must be within the range: [1, {most}]"
            raise ApiError(400, "invalidParameter", message, location="pageSize")
        return min(int(raw), most)

    def mask(self, default: str, schema: str) -> Mask:
        """The fields wanted. Raises ApiError (400)."""
        return parse_fields(self.text("fields"), default, schema)

    @property
    def all_drives(self) -> bool:
        """Whether the caller says that it knows shared drives."""
        return self.flag("supportsAllDrives") or self.flag("supportsTeamDrives")

    def item(self, item_id: str) -> Item:
        """The item, when the viewer may see it; else it does not exist for them. Raises ApiError (404)."""
        item = self.drive.tree.get(item_id)
        if item is None or not self.sight.sees(item) or (item.drive_id and not self.all_drives):
            raise not_found(item_id)
        if item.resource_key and not self.sight.standing(item).listed:
            self._check_resource_key(item)
        return item

    def _check_resource_key(self, item: Item) -> None:
        """A link-shared file with a resource key needs it from those who never opened it."""
        header = self.request.headers.get("x-goog-drive-resource-keys", "")
        if f"{item.id}/{item.resource_key}" not in [one.strip() for one in header.split(",")]:
            raise not_found(item.id)


Handler = Callable[[Call], Awaitable[Response]]


def service_of(request: Request) -> Service:
    """The state of the app that serves this request."""
    found = request.app.state.service
    if not isinstance(found, Service):
        raise TypeError("the app was made without a service")
    return found


def endpoint(
    handler: Handler, scopes: frozenset[str] = METADATA_SCOPES, *, looks: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """A route for a handler: finds out who asks, checks their scopes, and answers errors as Google does.

    With `looks`, changes in the served folder are noticed first.
    """

    async def route(request: Request) -> Response:
        service = service_of(request)
        try:
            viewer = await service.viewers.viewer(request)
            viewer.needs(scopes)
            if looks:
                await service.drive.look()
            return await handler(Call(request, service, Sight(service.drive, viewer, service.base)))
        except ApiError as error:
            return error.answer()

    return route
