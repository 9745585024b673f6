"""The index and endpoint resources: who they are, kept as messages, without their datapoints."""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from local.vertex import messages as m
from local.vertex.definition import brute_force
from local.vertex.moment import micros
from local.vertex.refusals import aborted, invalid, missing, unimplemented
from local.vertex.settings import DeployedIndex

Keep = Callable[[str, bytes], Awaitable[None]]
Forget = Callable[[str], Awaitable[None]]

LOCATION = re.compile(r"projects/[^/]+/locations/[^/]+")
MAX_DISPLAY_NAME = 128
EDITABLE = ("display_name", "description", "labels")


class Resources:
    """Indexes and endpoints by name. Kept when they change; the declared ones are made at each start."""

    def __init__(self, keep: Keep, forget: Forget) -> None:
        self._keep, self._forget = keep, forget
        self.indexes: dict[str, Any] = {}
        self.endpoints: dict[str, Any] = {}

    def load(self, name: str, body: bytes) -> None:
        """Take back a resource as it was kept."""
        if "/indexEndpoints/" in name:
            self.endpoints[name] = m.IndexEndpoint.FromString(body)
        else:
            self.indexes[name] = m.Index.FromString(body)

    def clear(self) -> None:
        """Forget all of them, in memory."""
        self.indexes.clear()
        self.endpoints.clear()

    def declare(self, declared: DeployedIndex) -> None:
        """Make an index and its endpoint be as declared, whatever was kept of them."""
        index = self.indexes.setdefault(declared.index, m.Index(name=declared.index))
        index.display_name = index.display_name or declared.deployed_index_id
        index.index_update_method = m.STREAM_UPDATE
        index.metadata.struct_value.Clear()
        index.metadata.struct_value.update(brute_force(declared.dimensions, declared.distance))
        _stamp(index)
        endpoint = self.endpoints.setdefault(declared.endpoint, m.IndexEndpoint(name=declared.endpoint))
        endpoint.public_endpoint_enabled = True
        _stamp(endpoint)
        if not any(one.id == declared.deployed_index_id for one in endpoint.deployed_indexes):
            endpoint.deployed_indexes.add(id=declared.deployed_index_id)
        for one in endpoint.deployed_indexes:
            if one.id == declared.deployed_index_id:
                one.index = declared.index

    def index(self, name: str) -> Any:
        """An index. Raises RefusedError NOT_FOUND."""
        if name not in self.indexes:
            raise missing(f"Index `{name}` is not found.")
        return self.indexes[name]

    def endpoint(self, name: str) -> Any:
        """An endpoint. Raises RefusedError NOT_FOUND."""
        if name not in self.endpoints:
            raise missing(f"IndexEndpoint `{name}` is not found.")
        return self.endpoints[name]

    def deployed(self, endpoint: str, deployed_id: str) -> Any:
        """What an endpoint serves under an id. Raises RefusedError NOT_FOUND."""
        found = self.endpoints[endpoint].deployed_indexes if endpoint in self.endpoints else ()
        for one in found:
            if one.id == deployed_id:
                return one
        raise missing(f"Deployed index `{deployed_id}` is not found on `{endpoint}`.")

    def deployments(self, index: str) -> Iterator[tuple[str, Any]]:
        """Where an index is deployed: endpoint name and deployed index."""
        for name, endpoint in self.endpoints.items():
            for one in endpoint.deployed_indexes:
                if one.index == index:
                    yield name, one

    async def put(self, resource: Any) -> None:
        """Keep a new or changed resource; sets its times and its etag."""
        _stamp(resource)
        kind = self.endpoints if resource.DESCRIPTOR.name == "IndexEndpoint" else self.indexes
        kind[resource.name] = resource
        await self._keep(resource.name, resource.SerializeToString())

    async def remove(self, name: str) -> None:
        """Forget a resource."""
        self.indexes.pop(name, None)
        self.endpoints.pop(name, None)
        await self._forget(name)


def new_name(parent: str, collection: str) -> str:
    """A name for a new resource of a location. Raises RefusedError INVALID_ARGUMENT for another parent."""
    if not LOCATION.fullmatch(parent):
        raise invalid(f"parent must be projects/*/locations/*, not `{parent}`.")
    return f"{parent}/{collection}/{secrets.randbelow(9 * 10**18) + 10**18}"


def check_display_name(resource: Any) -> None:
    """Raise RefusedError INVALID_ARGUMENT unless it has a display name of at most 128 characters."""
    if not 1 <= len(resource.display_name) <= MAX_DISPLAY_NAME:
        raise invalid(f"display_name is required, with at most {MAX_DISPLAY_NAME} characters.")


def edited(stored: Any, wanted: Any, paths: list[str]) -> Any:
    """A copy of `stored` with the fields of `paths` from `wanted`; without paths, those that are set.

    Raises RefusedError ABORTED for an old etag, INVALID_ARGUMENT for a field that cannot be changed.
    """
    if wanted.etag and wanted.etag != stored.etag:
        raise aborted("The etag is not that of the current resource.")
    for path in paths:
        if path not in EDITABLE:
            raise invalid(f"update_mask: `{path}` cannot be changed.")
    changed = type(stored).FromString(stored.SerializeToString())
    for path in paths or [path for path in EDITABLE if getattr(wanted, path)]:
        if path == "labels":
            changed.labels.clear()
            changed.labels.update(wanted.labels)
        else:
            setattr(changed, path, getattr(wanted, path))
    check_display_name(changed)
    return changed


def matching(resources: dict[str, Any], parent: str, wanted: str) -> list[str]:
    """The names under `parent`, sorted; `wanted` may be `display_name="…"`. Raises RefusedError."""
    under = f"{parent}/"
    names = sorted(name for name in resources if name.startswith(under))
    if not wanted:
        return names
    equal = re.fullmatch(r'display_?[nN]ame\s*=\s*"([^"]*)"', wanted.strip())
    if equal is None:
        raise unimplemented('Only the filter display_name="…" is emulated.')
    return [name for name in names if resources[name].display_name == equal[1]]


def _stamp(resource: Any) -> None:
    now = micros()
    if not resource.HasField("create_time"):
        resource.create_time.FromMicroseconds(now)
    resource.update_time.FromMicroseconds(now)
    resource.etag = secrets.token_hex(8)
