"""Making, changing and removing indexes and their endpoints, and deploying the ones on the others.

Source: google/cloud/aiplatform/v1/{index_service,index_endpoint_service,index,index_endpoint}.proto.
"""

import re
from collections.abc import Callable
from typing import Any

from google.protobuf.empty_pb2 import Empty

from local.vertex import messages as m
from local.vertex.definition import METADATA_SCHEMA, definition_of
from local.vertex.indexes import Indexes
from local.vertex.moment import micros
from local.vertex.operations import Operations
from local.vertex.paging import page
from local.vertex.refusals import exists, invalid, precondition, unimplemented
from local.vertex.resources import Resources, check_display_name, edited, matching, new_name

DEPLOYED_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,127}")


class IndexAdministration:
    """IndexService without its datapoints."""

    def __init__(self, resources: Resources, indexes: Indexes, operations: Operations) -> None:
        self._resources, self._indexes, self._operations = resources, indexes, operations

    async def create(self, request: Any) -> Any:
        """CreateIndex: empty, by what its metadata says."""
        index = m.Index()
        index.CopyFrom(request.index)
        check_display_name(index)
        index.name = new_name(request.parent, "indexes")
        index.index_update_method = index.index_update_method or m.BATCH_UPDATE
        index.metadata_schema_uri = index.metadata_schema_uri or METADATA_SCHEMA
        definition = definition_of(index)

        async def work() -> Any:
            await self._indexes.serve(index.name, definition)
            await self._resources.put(index)
            return await self.described(index)

        return await self._operations.start(index.name, m.CreateIndexOperationMetadata(), work)

    async def get(self, request: Any) -> Any:
        """GetIndex."""
        return await self.described(self._resources.index(request.name))

    async def list(self, request: Any) -> Any:
        """ListIndexes, by name."""
        known = self._resources.indexes
        names, token = page(
            matching(known, f"{request.parent}/indexes", request.filter),
            request.page_size,
            request.page_token,
        )
        described = [await self.described(known[name]) for name in names]
        return m.ListIndexesResponse(indexes=described, next_page_token=token)

    async def update(self, request: Any) -> Any:
        """UpdateIndex: the words about it. Its metadata is fixed, and contents come by upsert alone."""
        stored = self._resources.index(request.index.name)
        paths = [path for path in request.update_mask.paths if not path.startswith("metadata")]
        if len(paths) < len(request.update_mask.paths):
            raise unimplemented(
                "metadata: contents from Cloud Storage are not emulated; upsert them instead."
            )
        changed = edited(stored, request.index, paths)

        async def work() -> Any:
            await self._resources.put(changed)
            return await self.described(changed)

        return await self._operations.start(stored.name, m.UpdateIndexOperationMetadata(), work)

    async def delete(self, request: Any) -> Any:
        """DeleteIndex with its datapoints, when it is deployed nowhere."""
        name = self._resources.index(request.name).name
        self._check_undeployed(name)

        async def work() -> Any:
            self._check_undeployed(name)
            await self._resources.remove(name)
            await self._indexes.drop(name)
            return Empty()

        return await self._operations.start(name, m.DeleteOperationMetadata(), work)

    async def described(self, index: Any) -> Any:
        """The resource with what changes by itself: its size and where it is deployed."""
        described = m.Index()
        described.CopyFrom(index)
        vectors, sparse = await self._indexes.stats(index.name)
        described.index_stats.vectors_count, described.index_stats.sparse_vectors_count = vectors, sparse
        described.index_stats.shards_count = 1
        for endpoint, deployed in self._resources.deployments(index.name):
            described.deployed_indexes.add(
                index_endpoint=endpoint, deployed_index_id=deployed.id, display_name=deployed.display_name
            )
        return described

    def _check_undeployed(self, name: str) -> None:
        deployed = [one.id for _, one in self._resources.deployments(name)]
        if deployed:
            raise precondition(
                f"Index `{name}` is still deployed as {', '.join(deployed)}: undeploy it first."
            )


class EndpointAdministration:
    """IndexEndpointService. `address` is asked for host:port when an endpoint describes itself."""

    def __init__(self, resources: Resources, operations: Operations, address: Callable[[], str]) -> None:
        self._resources, self._operations, self._address = resources, operations, address

    async def create(self, request: Any) -> Any:
        """CreateIndexEndpoint: a public one."""
        endpoint = m.IndexEndpoint()
        endpoint.CopyFrom(request.index_endpoint)
        check_display_name(endpoint)
        endpoint.name = new_name(request.parent, "indexEndpoints")
        private = endpoint.enable_private_service_connect or endpoint.HasField(
            "private_service_connect_config"
        )
        if endpoint.network and private:
            raise invalid("network and private service connect are mutually exclusive.")
        if endpoint.network or private or not endpoint.public_endpoint_enabled:
            raise unimplemented("Only endpoints with public_endpoint_enabled are emulated.")
        endpoint.ClearField("deployed_indexes")

        async def work() -> Any:
            await self._resources.put(endpoint)
            return self.described(endpoint)

        return await self._operations.start(endpoint.name, m.CreateIndexEndpointOperationMetadata(), work)

    async def get(self, request: Any) -> Any:
        """GetIndexEndpoint."""
        return self.described(self._resources.endpoint(request.name))

    async def list(self, request: Any) -> Any:
        """ListIndexEndpoints, by name."""
        known = self._resources.endpoints
        names, token = page(
            matching(known, f"{request.parent}/indexEndpoints", request.filter),
            request.page_size,
            request.page_token,
        )
        described = [self.described(known[name]) for name in names]
        return m.ListIndexEndpointsResponse(index_endpoints=described, next_page_token=token)

    async def update(self, request: Any) -> Any:
        """UpdateIndexEndpoint, which is not an operation."""
        stored = self._resources.endpoint(request.index_endpoint.name)
        changed = edited(stored, request.index_endpoint, list(request.update_mask.paths))
        await self._resources.put(changed)
        return self.described(changed)

    async def delete(self, request: Any) -> Any:
        """DeleteIndexEndpoint, when nothing is deployed on it."""
        endpoint = self._resources.endpoint(request.name)
        if endpoint.deployed_indexes:
            raise precondition(
                f"IndexEndpoint `{endpoint.name}` still has deployed indexes: undeploy them first."
            )

        async def work() -> Any:
            await self._resources.remove(endpoint.name)
            return Empty()

        return await self._operations.start(endpoint.name, m.DeleteOperationMetadata(), work)

    async def deploy(self, request: Any) -> Any:
        """DeployIndex: from then on FindNeighbors finds the index under the id."""
        endpoint, wanted = self._resources.endpoint(request.index_endpoint), m.DeployedIndex()
        wanted.CopyFrom(request.deployed_index)
        if not DEPLOYED_ID.fullmatch(wanted.id):
            raise invalid("deployed_index.id: a letter, then letters, digits and underscores, 128 at most.")
        index = self._resources.index(wanted.index)
        if _location(index.name) != _location(endpoint.name):
            raise invalid("The index and the endpoint must be in the same location.")
        self._check_free(endpoint.name, wanted.id)

        async def work() -> Any:
            self._check_free(endpoint.name, wanted.id)
            self._resources.index(wanted.index)
            for when in (wanted.create_time, wanted.index_sync_time):
                when.FromMicroseconds(micros())
            endpoint.deployed_indexes.append(wanted)
            await self._resources.put(endpoint)
            return m.DeployIndexResponse(deployed_index=wanted)

        metadata = m.DeployIndexOperationMetadata(deployed_index_id=wanted.id)
        return await self._operations.start(endpoint.name, metadata, work)

    async def undeploy(self, request: Any) -> Any:
        """UndeployIndex; the index and its datapoints stay."""
        endpoint = self._resources.endpoint(request.index_endpoint)
        self._resources.deployed(endpoint.name, request.deployed_index_id)

        async def work() -> Any:
            endpoint.deployed_indexes.remove(
                self._resources.deployed(endpoint.name, request.deployed_index_id)
            )
            await self._resources.put(endpoint)
            return m.UndeployIndexResponse()

        return await self._operations.start(endpoint.name, m.UndeployIndexOperationMetadata(), work)

    async def mutate(self, request: Any) -> Any:
        """MutateDeployedIndex: its resources, which nothing here depends on."""
        endpoint, wanted = self._resources.endpoint(request.index_endpoint), request.deployed_index
        self._resources.deployed(endpoint.name, wanted.id)

        async def work() -> Any:
            deployed = self._resources.deployed(endpoint.name, wanted.id)
            for field in ("automatic_resources", "dedicated_resources"):
                if wanted.HasField(field):
                    deployed.ClearField("automatic_resources")
                    deployed.ClearField("dedicated_resources")
                    getattr(deployed, field).CopyFrom(getattr(wanted, field))
            await self._resources.put(endpoint)
            return m.MutateDeployedIndexResponse(deployed_index=deployed)

        metadata = m.MutateDeployedIndexOperationMetadata(deployed_index_id=wanted.id)
        return await self._operations.start(endpoint.name, metadata, work)

    def described(self, endpoint: Any) -> Any:
        """The resource with the address it has in this run."""
        described = m.IndexEndpoint()
        described.CopyFrom(endpoint)
        described.public_endpoint_domain_name = self._address()
        return described

    def _check_free(self, endpoint: str, deployed_id: str) -> None:
        """Raise RefusedError ALREADY_EXISTS when the id is taken anywhere in the project."""
        project = f"{'/'.join(endpoint.split('/')[:2])}/"
        for name, other in self._resources.endpoints.items():
            if name.startswith(project) and any(one.id == deployed_id for one in other.deployed_indexes):
                raise exists(f"There already exists a DeployedIndex with id `{deployed_id}` on `{name}`.")


def _location(name: str) -> str:
    return "/".join(name.split("/")[:4])
