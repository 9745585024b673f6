"""Indexes and endpoints made, changed and removed through Google's own clients, as operations."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.api_core import exceptions
from google.cloud.aiplatform_v1.services.index_endpoint_service import IndexEndpointServiceAsyncClient
from google.cloud.aiplatform_v1.services.index_endpoint_service.transports import (
    IndexEndpointServiceGrpcAsyncIOTransport,
)
from google.cloud.aiplatform_v1.services.index_service import IndexServiceAsyncClient
from google.cloud.aiplatform_v1.services.index_service.transports import IndexServiceGrpcAsyncIOTransport
from google.cloud.aiplatform_v1.services.match_service import MatchServiceAsyncClient
from google.cloud.aiplatform_v1.services.match_service.transports import MatchServiceGrpcAsyncIOTransport
from google.cloud.aiplatform_v1.types import Index, IndexEndpoint
from google.longrunning import operations_pb2 as lro
from google.longrunning.operations_pb2_grpc import OperationsStub

from local.standin import Options
from local.vertex.server import VertexServer

pytestmark = pytest.mark.source(
    "google/cloud/aiplatform/v1/index_service.proto, index_endpoint_service.proto, index.proto"
)

LOCATION = "projects/p/locations/us-central1"
BRUTE_FORCE = {"bruteForceConfig": {}}


class Cloud:
    """The three clients of one stand-in, each told the address that an endpoint names."""

    def __init__(self, server: VertexServer, channel: grpc.aio.Channel) -> None:
        self.server = server
        self.operations = OperationsStub(channel)  # type: ignore[no-untyped-call]
        self.index = IndexServiceAsyncClient(transport=IndexServiceGrpcAsyncIOTransport(channel=channel))
        self.endpoint = IndexEndpointServiceAsyncClient(
            transport=IndexEndpointServiceGrpcAsyncIOTransport(channel=channel)
        )
        self.match = MatchServiceAsyncClient(transport=MatchServiceGrpcAsyncIOTransport(channel=channel))

    async def make_index(self, method: str = "STREAM_UPDATE", name: str = "one", **config: Any) -> Index:
        """An index of two dimensions, unless `config` says otherwise."""
        config = {"dimensions": 2, "algorithmConfig": BRUTE_FORCE, **config}
        wanted = {"display_name": name, "index_update_method": method, "metadata": {"config": config}}
        operation = await self.index.create_index(parent=LOCATION, index=wanted, timeout=10)
        return await operation.result(timeout=10)

    async def make_endpoint(self, name: str = "door") -> IndexEndpoint:
        """A public endpoint."""
        wanted = {"display_name": name, "public_endpoint_enabled": True}
        operation = await self.endpoint.create_index_endpoint(
            parent=LOCATION, index_endpoint=wanted, timeout=10
        )
        return await operation.result(timeout=10)

    async def deploy(self, endpoint: str, index: str, as_id: str) -> Any:
        """Deploy an index; returns the deployed index."""
        operation = await self.endpoint.deploy_index(
            index_endpoint=endpoint, deployed_index={"id": as_id, "index": index}, timeout=10
        )
        return (await operation.result(timeout=10)).deployed_index

    async def upsert(self, index: str, **vectors: list[float]) -> None:
        """Upsert datapoints by id."""
        datapoints = [{"datapoint_id": one, "feature_vector": vector} for one, vector in vectors.items()]
        await self.index.upsert_datapoints(request={"index": index, "datapoints": datapoints}, timeout=10)

    async def nearest(self, endpoint: str, as_id: str, vector: list[float]) -> list[tuple[str, float]]:
        """Ids and distances of the neighbours."""
        asked = {"index_endpoint": endpoint, "deployed_index_id": as_id}
        queries = [{"datapoint": {"feature_vector": vector}}]
        found = await self.match.find_neighbors(request={**asked, "queries": queries}, timeout=10)
        return [
            (one.datapoint.datapoint_id, round(one.distance, 3))
            for one in found.nearest_neighbors[0].neighbors
        ]


@asynccontextmanager
async def start_cloud(state: Path | None = None, **settings: str) -> AsyncIterator[Cloud]:
    """A running stand-in in which nothing is declared."""
    server = VertexServer(Options(state=state, settings={"preload": "no", **settings}))
    await server.start()
    try:
        async with grpc.aio.insecure_channel(server.exports()["VECTOR_INDEX_HOST"]) as channel:
            yield Cloud(server, channel)
    finally:
        await server.stop()


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    """A stand-in without any index."""
    async with start_cloud() as started:
        yield started


async def test_from_nothing_to_neighbours(cloud: Cloud) -> None:
    """An index that is created, deployed and upserted into is searched at the endpoint's public address."""
    index, endpoint = await cloud.make_index(), await cloud.make_endpoint()
    assert endpoint.public_endpoint_domain_name == cloud.server.exports()["VECTOR_MATCH_HOST"]
    deployed = await cloud.deploy(endpoint.name, index.name, "live")
    assert (deployed.id, deployed.index) == ("live", index.name)
    await cloud.upsert(index.name, a=[1, 0], b=[0, 1])
    assert await cloud.nearest(endpoint.name, "live", [1, 0.5]) == [("a", 1.0), ("b", 0.5)]
    described = await cloud.index.get_index(name=index.name, timeout=10)
    assert [one.deployed_index_id for one in described.deployed_indexes] == ["live"]
    assert described.index_stats.vectors_count == 2


@pytest.mark.source("https://cloud.google.com/vertex-ai/docs/vector-search/configuring-indexes")
async def test_the_metadata_decides(cloud: Cloud) -> None:
    """Dimensions, distance measure and normalisation of a created index are kept to."""
    endpoint = await cloud.make_endpoint()
    squared = await cloud.make_index(distanceMeasureType="SQUARED_L2_DISTANCE")
    unit = await cloud.make_index(featureNormType="UNIT_L2_NORM")
    for index, name in ((squared, "squared"), (unit, "unit")):
        await cloud.deploy(endpoint.name, index.name, name)
        await cloud.upsert(index.name, a=[3, 4])
    assert await cloud.nearest(endpoint.name, "squared", [0, 0]) == [("a", 25.0)]
    assert await cloud.nearest(endpoint.name, "unit", [6, 8]) == [("a", 1.0)]
    with pytest.raises(exceptions.InvalidArgument, match="3 dimensions, the index has 2"):
        await cloud.upsert(unit.name, b=[1, 2, 3])


@pytest.mark.source("GoogleCloudPlatform/generative-ai issue 1286: the text of the refusal")
async def test_a_batch_index_takes_no_stream(cloud: Cloud) -> None:
    """An index that is not made with STREAM_UPDATE refuses datapoints, as the default method does."""
    index = await cloud.make_index(method="INDEX_UPDATE_METHOD_UNSPECIFIED")
    assert index.index_update_method.name == "BATCH_UPDATE"
    with pytest.raises(exceptions.FailedPrecondition, match="StreamUpdate is not enabled on this Index"):
        await cloud.upsert(index.name, a=[1, 0])


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 1.5}, "dimensions"),
        ({"distanceMeasureType": "HAMMING"}, "distanceMeasureType"),
        ({"featureNormType": "L1"}, "featureNormType"),
        ({"algorithmConfig": {"treeAhConfig": {}}}, "approximateNeighborsCount"),
        ({"algorithmConfig": {"hnsw": {}}}, "algorithmConfig"),
    ],
)
@pytest.mark.source("https://cloud.google.com/vertex-ai/docs/vector-search/configuring-indexes")
async def test_metadata_that_makes_no_sense(cloud: Cloud, config: dict[str, Any], named: str) -> None:
    """A wrong configuration is INVALID_ARGUMENT at once, naming the key; no index is made."""
    with pytest.raises(exceptions.InvalidArgument, match=named):
        await cloud.make_index(**config)
    assert [one async for one in await cloud.index.list_indexes(parent=LOCATION, timeout=10)] == []


@pytest.mark.source("local/vertex/README.md: what is refused")
async def test_contents_from_storage_are_refused(cloud: Cloud) -> None:
    """A batch of contents in Cloud Storage is UNIMPLEMENTED when creating and when updating."""
    metadata = {
        "contentsDeltaUri": "gs://b/batch",
        "config": {"dimensions": 2, "algorithmConfig": BRUTE_FORCE},
    }
    with pytest.raises(exceptions.MethodNotImplemented, match="contentsDeltaUri"):
        await cloud.index.create_index(
            parent=LOCATION, index={"display_name": "x", "metadata": metadata}, timeout=10
        )
    index = await cloud.make_index()
    request = {"index": {"name": index.name, "metadata": metadata}, "update_mask": {"paths": ["metadata"]}}
    with pytest.raises(exceptions.MethodNotImplemented, match="upsert"):
        await cloud.index.update_index(request=request, timeout=10)


async def test_update_index(cloud: Cloud) -> None:
    """The masked fields change and no other; an old etag is ABORTED, a fixed field INVALID_ARGUMENT."""
    index = await cloud.make_index()
    wanted = {"name": index.name, "display_name": "two", "description": "d", "labels": {"k": "v"}}
    operation = await cloud.index.update_index(
        request={"index": wanted, "update_mask": {"paths": ["display_name", "labels"]}}, timeout=10
    )
    changed = await operation.result(timeout=10)
    assert (changed.display_name, changed.description, dict(changed.labels)) == ("two", "", {"k": "v"})
    assert changed.update_time > index.update_time
    assert changed.create_time == index.create_time
    stale = {"name": index.name, "display_name": "three", "etag": index.etag}
    with pytest.raises(exceptions.Aborted, match="etag"):
        await cloud.index.update_index(request={"index": stale}, timeout=10)
    request = {"index": wanted, "update_mask": {"paths": ["index_update_method"]}}
    with pytest.raises(exceptions.InvalidArgument, match="index_update_method"):
        await cloud.index.update_index(request=request, timeout=10)


async def test_what_is_deployed_cannot_be_deleted(cloud: Cloud) -> None:
    """Index and endpoint are deleted after undeploying, not before; then they and the datapoints are gone."""
    index, endpoint = await cloud.make_index(), await cloud.make_endpoint()
    await cloud.deploy(endpoint.name, index.name, "live")
    with pytest.raises(exceptions.FailedPrecondition, match="live"):
        await cloud.index.delete_index(name=index.name, timeout=10)
    with pytest.raises(exceptions.FailedPrecondition, match="undeploy"):
        await cloud.endpoint.delete_index_endpoint(name=endpoint.name, timeout=10)
    undeploying = await cloud.endpoint.undeploy_index(
        index_endpoint=endpoint.name, deployed_index_id="live", timeout=10
    )
    await undeploying.result(timeout=10)
    with pytest.raises(exceptions.NotFound):
        await cloud.nearest(endpoint.name, "live", [1, 0])
    await (await cloud.index.delete_index(name=index.name, timeout=10)).result(timeout=10)
    await (await cloud.endpoint.delete_index_endpoint(name=endpoint.name, timeout=10)).result(timeout=10)
    with pytest.raises(exceptions.NotFound):
        await cloud.upsert(index.name, a=[1, 0])
    with pytest.raises(exceptions.NotFound):
        await cloud.endpoint.get_index_endpoint(name=endpoint.name, timeout=10)


@pytest.mark.source("google/cloud/aiplatform/v1/index_endpoint.proto, DeployedIndex.id")
async def test_deployed_index_ids(cloud: Cloud) -> None:
    """An id begins with a letter, and is taken for the whole project once it is used."""
    index = await cloud.make_index()
    first, second = await cloud.make_endpoint("first"), await cloud.make_endpoint("second")
    for wrong in ("1st", "a-b", "a" * 129):
        with pytest.raises(exceptions.InvalidArgument, match="letter"):
            await cloud.deploy(first.name, index.name, wrong)
    await cloud.deploy(first.name, index.name, "live")
    with pytest.raises(exceptions.AlreadyExists, match="live"):
        await cloud.deploy(second.name, index.name, "live")
    await cloud.deploy(second.name, index.name, "live_2")
    with pytest.raises(exceptions.NotFound):
        await cloud.deploy(second.name, f"{LOCATION}/indexes/1", "other")


async def test_mutate_deployed_index(cloud: Cloud) -> None:
    """The replicas of a deployed index change; what it serves does not."""
    index, endpoint = await cloud.make_index(), await cloud.make_endpoint()
    await cloud.deploy(endpoint.name, index.name, "live")
    wanted = {"id": "live", "automatic_resources": {"min_replica_count": 2, "max_replica_count": 5}}
    operation = await cloud.endpoint.mutate_deployed_index(
        index_endpoint=endpoint.name, deployed_index=wanted, timeout=10
    )
    changed = (await operation.result(timeout=10)).deployed_index
    assert (changed.index, changed.automatic_resources.max_replica_count) == (index.name, 5)


async def test_update_endpoint(cloud: Cloud) -> None:
    """UpdateIndexEndpoint answers with the changed endpoint itself."""
    endpoint = await cloud.make_endpoint()
    changed = await cloud.endpoint.update_index_endpoint(
        index_endpoint={"name": endpoint.name, "description": "d"},
        update_mask={"paths": ["description"]},
        timeout=10,
    )
    assert (changed.description, changed.display_name) == ("d", "door")


@pytest.mark.source("local/vertex/README.md: what is refused")
@pytest.mark.parametrize("wanted", [{}, {"network": "projects/1/global/networks/n"}])
async def test_only_public_endpoints(cloud: Cloud, wanted: dict[str, Any]) -> None:
    """An endpoint that is not public is UNIMPLEMENTED: there is no network to be private in."""
    with pytest.raises(exceptions.MethodNotImplemented, match="public_endpoint_enabled"):
        await cloud.endpoint.create_index_endpoint(
            parent=LOCATION, index_endpoint={"display_name": "x", **wanted}, timeout=10
        )


@pytest.mark.source("https://google.aip.dev/158 and https://google.aip.dev/160")
async def test_listing(cloud: Cloud) -> None:
    """Lists come page by page, of their own location only, and by display name when asked."""
    made = sorted([(await cloud.make_index(name=f"index-{n}")).name for n in range(3)])
    request: dict[str, Any] = {"parent": LOCATION, "page_size": 2}
    pages = await cloud.index.list_indexes(request=request, timeout=10)
    assert [[one.name for one in page.indexes] async for page in pages.pages] == [made[:2], made[2:]]
    request = {"parent": LOCATION, "filter": 'display_name="index-1"'}
    named = await cloud.index.list_indexes(request=request, timeout=10)
    assert [one.display_name async for one in named] == ["index-1"]
    elsewhere = await cloud.index.list_indexes(parent="projects/p/locations/europe-west1", timeout=10)
    assert [one async for one in elsewhere] == []
    endpoint = await cloud.make_endpoint()
    doors = await cloud.endpoint.list_index_endpoints(parent=LOCATION, timeout=10)
    assert [one.name async for one in doors] == [endpoint.name]


@pytest.mark.source("google/longrunning/operations.proto")
async def test_operations_take_time_on_demand() -> None:
    """With a delay the operation is first not done; WaitOperation sees it through."""
    async with start_cloud(operation_delay="0.3") as cloud:
        wanted = {
            "display_name": "x",
            "metadata": {"config": {"dimensions": 2, "algorithmConfig": BRUTE_FORCE}},
        }
        started = await cloud.index.create_index(parent=LOCATION, index=wanted, timeout=10)
        name = started.operation.name
        assert not started.operation.done
        assert [one async for one in await cloud.index.list_indexes(parent=LOCATION, timeout=10)] == []
        done = await cloud.operations.WaitOperation(lro.WaitOperationRequest(name=name), timeout=10)
        assert done.done
        index = Index.deserialize(done.response.value)
        assert name.startswith(f"{index.name}/operations/")
        listed = await cloud.operations.ListOperations(lro.ListOperationsRequest(name=index.name), timeout=10)
        assert [one.name for one in listed.operations] == [name]
        await cloud.operations.DeleteOperation(lro.DeleteOperationRequest(name=name), timeout=10)
        with pytest.raises(grpc.aio.AioRpcError, match="NOT_FOUND"):
            await cloud.operations.GetOperation(lro.GetOperationRequest(name=name), timeout=10)


@pytest.mark.source("google/longrunning/operations.proto")
async def test_a_failed_operation_holds_its_error() -> None:
    """Of two deployments under one id that are both under way, the later ends with an error."""
    async with start_cloud(operation_delay="0.2") as cloud:
        index, endpoint = await asyncio.gather(cloud.make_index(), cloud.make_endpoint())
        results = await asyncio.gather(
            *(cloud.deploy(endpoint.name, index.name, "live") for _ in range(2)), return_exceptions=True
        )
        (refused,) = [one for one in results if isinstance(one, exceptions.GoogleAPICallError)]
        assert "already exists a DeployedIndex" in str(refused)
        described = await cloud.endpoint.get_index_endpoint(name=endpoint.name, timeout=10)
        assert [one.id for one in described.deployed_indexes] == ["live"]


@pytest.mark.source("local/vertex/README.md: what is on disk")
async def test_all_of_it_survives_a_restart(tmp_path: Path) -> None:
    """Indexes, endpoints, deployments, datapoints and finished operations are there after a restart."""
    async with start_cloud(tmp_path) as cloud:
        index, endpoint = await cloud.make_index(), await cloud.make_endpoint()
        await cloud.deploy(endpoint.name, index.name, "live")
        await cloud.upsert(index.name, a=[1, 0])
    async with start_cloud(tmp_path) as cloud:
        assert await cloud.nearest(endpoint.name, "live", [1, 0]) == [("a", 1.0)]
        again = await cloud.index.get_index(name=index.name, timeout=10)
        assert (again.etag, again.create_time) == (index.etag, index.create_time)
        listed = await cloud.operations.ListOperations(
            lro.ListOperationsRequest(name=endpoint.name), timeout=10
        )
        assert [one.done for one in listed.operations] == [True, True]


@pytest.mark.source("local/control/README.md")
async def test_saved_and_restored(tmp_path: Path) -> None:
    """A saved state comes back whole after changes; restoring nothing leaves nothing."""
    async with start_cloud() as cloud:
        index, endpoint = await cloud.make_index(), await cloud.make_endpoint()
        await cloud.deploy(endpoint.name, index.name, "live")
        await cloud.upsert(index.name, a=[1, 0])
        await cloud.server.save(tmp_path)
        await cloud.upsert(index.name, b=[0, 1])
        later = await cloud.make_index()
        await cloud.server.restore(tmp_path)
        assert await cloud.nearest(endpoint.name, "live", [1, 0]) == [("a", 1.0)]
        with pytest.raises(exceptions.NotFound):
            await cloud.index.get_index(name=later.name, timeout=10)
        await cloud.server.restore(None)
        assert [one async for one in await cloud.index.list_indexes(parent=LOCATION, timeout=10)] == []
