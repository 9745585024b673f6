"""Vector Search through Google's own clients: datapoints, distances, ranking, refusals.

Expected behaviour: the proto comments of google.cloud.aiplatform.v1 and the Vector Search documentation.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.api_core import exceptions

from local.control.faults import Fault
from local.vertex.store import DatapointStore, Row
from tests.local.vertex.conftest import DEPLOYED, ENDPOINT, INDEX, LOCATION, Search, StartSearch

pytestmark = pytest.mark.source("google/cloud/aiplatform/v1/index.proto and match_service.proto")


def point(name: str, *vector: float, **more: Any) -> dict[str, Any]:
    """A datapoint."""
    return {"datapoint_id": name, "feature_vector": vector, **more}


async def test_nearest_first(search: Search) -> None:
    """Neighbours come by dot product, largest first, at most as many as asked for."""
    await search.upsert(point("a", 1, 0), point("b", 0.5, 0.5), point("c", 0, 1), point("d", -1, 0))
    found = await search.find(3, feature_vector=[1, 0.1])
    assert [one.datapoint.datapoint_id for one in found] == ["a", "b", "c"]
    assert [round(one.distance, 3) for one in found] == [1.0, 0.55, 0.1]


@pytest.mark.parametrize(
    ("distance", "order", "values"),
    [
        ("DOT_PRODUCT_DISTANCE", ["far", "near"], [4.0, 1.0]),
        ("COSINE_DISTANCE", ["near", "far"], [0.0, 0.2929]),
        ("SQUARED_L2_DISTANCE", ["near", "far"], [0.0, 25.0]),
        ("L1_DISTANCE", ["near", "far"], [0.0, 7.0]),
    ],
)
async def test_distance_measures(
    start_search: StartSearch, distance: str, order: list[str], values: list[float]
) -> None:
    """Each measure orders and reports as documented: dot product as it is, others smaller is nearer."""
    async with start_search(distance=distance) as search:
        await search.upsert(point("near", 1, 0), point("far", 4, 4))
        found = await search.find(feature_vector=[1, 0])
    assert [one.datapoint.datapoint_id for one in found] == order
    assert [one.distance for one in found] == pytest.approx(values, abs=1e-3)


async def test_upsert_replaces(search: Search) -> None:
    """A second upsert of an id replaces vector, restricts and crowding tag; there is one datapoint."""
    await search.upsert(point("a", 1, 0, restricts=[{"namespace": "n", "allow_list": ["x"]}]))
    await search.upsert(point("a", 0, 1))
    (found,) = await search.find(feature_vector=[0, 1])
    assert found.distance == 1
    assert not await search.ids(feature_vector=[0, 1], restricts=[{"namespace": "n", "allow_list": ["x"]}])


async def test_remove(search: Search) -> None:
    """A removed datapoint is found no more; removing what does not exist succeeds."""
    await search.upsert(point("a", 1, 0), point("b", 0, 1))
    await search.remove("a", "never was")
    assert await search.ids(feature_vector=[1, 0]) == ["b"]
    assert [one.datapoint_id for one in await search.read("a", "b")] == ["b"]


async def test_update_mask_changes_restricts_only(search: Search) -> None:
    """update_mask all_restricts replaces both kinds of restricts and keeps vector and crowding tag."""
    tag = {"crowding_attribute": "file"}
    before = [{"namespace": "acl", "allow_list": ["alice"]}]
    await search.upsert(point("a", 1, 0, restricts=before, crowding_tag=tag))
    change = {
        "datapoint_id": "a",
        "restricts": [{"namespace": "acl", "allow_list": ["bob"]}],
        "numeric_restricts": [{"namespace": "year", "value_int": 2025}],
    }
    await search.upsert(change, mask="all_restricts")
    bob = [{"namespace": "acl", "allow_list": ["bob"]}]
    (found,) = await search.find(feature_vector=[1, 0], restricts=bob, full=True)
    assert list(found.datapoint.feature_vector) == [1, 0]
    assert found.datapoint.crowding_tag.crowding_attribute == "file"
    assert found.datapoint.numeric_restricts[0].value_int == 2025
    assert not await search.ids(feature_vector=[1, 0], restricts=before)


@pytest.mark.source("local/vertex/README.md: what differs")
async def test_update_mask_of_missing_datapoint(search: Search) -> None:
    """Changing the restricts of a datapoint that is not there is NOT_FOUND, and changes nothing else."""
    await search.upsert(point("a", 1, 0))
    change = {"restricts": [{"namespace": "n", "allow_list": ["x"]}]}
    with pytest.raises(exceptions.NotFound):
        await search.upsert(
            {"datapoint_id": "a", **change}, {"datapoint_id": "b", **change}, mask="all_restricts"
        )
    assert not (await search.read("a"))[0].restricts


async def test_other_update_masks(search: Search) -> None:
    """Only all_restricts may be updated alone."""
    with pytest.raises(exceptions.InvalidArgument):
        await search.upsert(point("a", 1, 0), mask="crowding_tag")


@pytest.mark.source("google/cloud/aiplatform/v1/match_service.proto, return_full_datapoint")
async def test_full_datapoint(search: Search) -> None:
    """Neighbours carry id and crowding tag; everything else only with return_full_datapoint."""
    stored = point(
        "a",
        1,
        0,
        restricts=[{"namespace": "n", "allow_list": ["x"], "deny_list": ["y"]}],
        crowding_tag={"crowding_attribute": "file"},
        sparse_embedding={"values": [0.5], "dimensions": [7]},
        embedding_metadata={"page": "3"},
    )
    await search.upsert(stored)
    (brief,) = await search.find(feature_vector=[1, 0])
    assert brief.datapoint.crowding_tag.crowding_attribute == "file"
    assert not brief.datapoint.feature_vector
    assert not brief.datapoint.restricts
    (full,) = await search.find(feature_vector=[1, 0], full=True)
    (read,) = await search.read("a")
    assert full.datapoint == read
    assert dict(read.embedding_metadata) == {"page": "3"}
    assert list(read.sparse_embedding.dimensions) == [7]


@pytest.mark.source(
    "google/cloud/aiplatform/v1/match_service.proto, Query.per_crowding_attribute_neighbor_count"
)
async def test_crowding(search: Search) -> None:
    """At most per_crowding_attribute_neighbor_count of one tag; the untagged are no crowd."""
    for n in range(50):
        tag = {"crowding_attribute": "big"} if n < 48 else {"crowding_attribute": f"small{n}"}
        await search.upsert(point(f"{n:02}", 1 - n / 100, 0, crowding_tag=tag))
    await search.upsert(point("u1", 0.1, 0), point("u2", 0.1, 0))
    found = await search.ids(6, feature_vector=[1, 0], per_crowding_attribute_neighbor_count=2)
    assert found == ["00", "01", "48", "49", "u1", "u2"]


async def test_sparse_only(search: Search) -> None:
    """A query with only a sparse vector ranks by its dot product and skips what shares nothing."""
    for name, values in {"a": {1: 1.0, 2: 1.0}, "b": {2: 3.0}, "c": {9: 5.0}}.items():
        sparse = {"values": list(values.values()), "dimensions": list(values)}
        await search.upsert(point(name, 1, 0, sparse_embedding=sparse))
    found = await search.find(sparse_embedding={"values": [1.0, 0.5], "dimensions": [1, 2]})
    assert [(f.datapoint.datapoint_id, f.sparse_distance) for f in found] == [("a", 1.5), ("b", 1.5)]


@pytest.mark.source("google/cloud/aiplatform/v1/match_service.proto, RRF")
@pytest.mark.parametrize(("alpha", "first"), [(1.0, "dense"), (0.0, "sparse"), (0.5, "both")])
async def test_reciprocal_rank_fusion(search: Search, alpha: float, first: str) -> None:
    """With alpha 1 the dense list ranks alone, with 0 the sparse one; between, what is high in both wins."""
    words = {"dense": 0.0, "both": 2.0, "filler": 0.0, "sparse": 3.0}
    for n, (name, weight) in enumerate(words.items()):
        sparse = {"values": [weight], "dimensions": [5]} if weight else None
        await search.upsert(point(name, 1 - n / 10, 0, sparse_embedding=sparse))
    found = await search.find(
        feature_vector=[1, 0],
        sparse_embedding={"values": [1.0], "dimensions": [5]},
        rrf={"alpha": alpha},
    )
    assert found[0].datapoint.datapoint_id == first
    by_id = {one.datapoint.datapoint_id: one for one in found}
    assert by_id[first].distance == pytest.approx(1 - list(words).index(first) / 10)
    assert by_id[first].sparse_distance == words[first]


async def test_several_queries(search: Search) -> None:
    """Each query of a request gets its own neighbours, in order, under its own id."""
    await search.upsert(point("a", 1, 0), point("b", 0, 1))
    queries = [
        {"neighbor_count": 1, "datapoint": {"datapoint_id": name, "feature_vector": vector}}
        for name, vector in (("first", [1, 0]), ("second", [0, 1]))
    ]
    response = await search.match.find_neighbors(
        request={"index_endpoint": ENDPOINT, "deployed_index_id": DEPLOYED, "queries": queries}, timeout=10
    )
    found = [(one.id, one.neighbors[0].datapoint.datapoint_id) for one in response.nearest_neighbors]
    assert found == [("first", "a"), ("second", "b")]


@pytest.mark.parametrize(
    "datapoint",
    [
        point("a", 1, 0, 0),
        point("a"),
        point("", 1, 0),
        point("a", float("nan"), 0),
        point("a", 1, 0, numeric_restricts=[{"namespace": "n", "value_int": 1, "op": "EQUAL"}]),
        point("a", 1, 0, numeric_restricts=[{"namespace": "n"}]),
        point("a", 1, 0, sparse_embedding={"values": [1.0], "dimensions": []}),
    ],
)
async def test_refused_datapoints(search: Search, datapoint: dict[str, Any]) -> None:
    """A wrong length, no id, NaN, an op or a missing value: INVALID_ARGUMENT, and nothing is stored."""
    with pytest.raises(exceptions.InvalidArgument):
        await search.upsert(point("good", 1, 0), datapoint)
    assert not await search.read("good")


@pytest.mark.parametrize(
    "query",
    [
        {"feature_vector": [1.0]},
        {},
        {"feature_vector": [1, 0], "rrf": {"alpha": 1.5}},
        {"feature_vector": [1, 0], "count": 1001},
        {"feature_vector": [1, 0], "numeric_restricts": [{"namespace": "n", "value_int": 1}]},
    ],
)
async def test_refused_queries(search: Search, query: dict[str, Any]) -> None:
    """A wrong length, no vector, a weight above 1, too many neighbours, no op: INVALID_ARGUMENT."""
    with pytest.raises(exceptions.InvalidArgument):
        await search.find(query.pop("count", 10), **query)


async def test_too_many_datapoints(search: Search) -> None:
    """More than 1,000 datapoints in a request are refused."""
    with pytest.raises(exceptions.InvalidArgument):
        await search.upsert(*(point(str(n), 1, 0) for n in range(1001)))


async def test_nothing_exists_by_itself(search: Search) -> None:
    """An index, endpoint or deployed index that was not declared is NOT_FOUND."""
    with pytest.raises(exceptions.NotFound):
        await search.upsert(point("a", 1, 0), index=f"{LOCATION}/indexes/2")
    query = {"datapoint": {"feature_vector": [1, 0]}}
    for endpoint, deployed in ((ENDPOINT, "other"), (f"{LOCATION}/indexEndpoints/2", DEPLOYED)):
        with pytest.raises(exceptions.NotFound):
            await search.match.find_neighbors(
                request={"index_endpoint": endpoint, "deployed_index_id": deployed, "queries": [query]},
                timeout=10,
            )


async def test_describing_an_index(search: Search) -> None:
    """GetIndex and ListIndexes tell the configuration, where it is deployed and how much is in it."""
    await search.upsert(point("a", 1, 0), point("b", 0, 1))
    index = await search.index.get_index(name=INDEX, timeout=10)
    assert index.index_stats.vectors_count == 2
    assert index.index_update_method.name == "STREAM_UPDATE"
    assert index.metadata["config"]["dimensions"] == 2
    assert index.deployed_indexes[0].index_endpoint == ENDPOINT
    listed = await search.index.list_indexes(parent=LOCATION, timeout=10)
    assert [one.name async for one in listed] == [INDEX]
    with pytest.raises(exceptions.NotFound):
        await search.index.get_index(name=f"{LOCATION}/indexes/2", timeout=10)


async def test_describing_an_endpoint(search: Search) -> None:
    """GetIndexEndpoint names the host that answers queries."""
    from google.cloud.aiplatform_v1.services.index_endpoint_service import IndexEndpointServiceAsyncClient
    from google.cloud.aiplatform_v1.services.index_endpoint_service.transports import (
        IndexEndpointServiceGrpcAsyncIOTransport,
    )

    host = search.server.exports()["VECTOR_MATCH_HOST"]
    async with grpc.aio.insecure_channel(host) as channel:
        client = IndexEndpointServiceAsyncClient(
            transport=IndexEndpointServiceGrpcAsyncIOTransport(channel=channel)
        )
        endpoint = await client.get_index_endpoint(name=ENDPOINT, timeout=10)
    assert endpoint.public_endpoint_domain_name == host
    assert [(one.id, one.index) for one in endpoint.deployed_indexes] == [(DEPLOYED, INDEX)]


@pytest.mark.source("https://cloud.google.com/vertex-ai/docs/vector-search/update-rebuild-index")
async def test_visibility_delay(start_search: StartSearch) -> None:
    """With a delay an upsert is acknowledged at once and found only later, in order with a removal."""
    async with start_search(visibility_delay="0.5") as search:
        await search.upsert(point("a", 1, 0), point("b", 0, 1))
        await search.remove("b")
        assert await search.ids(feature_vector=[1, 0]) == []
        async with asyncio.timeout(10):
            while await search.ids(feature_vector=[1, 0]) != ["a"]:
                await asyncio.sleep(0.02)


@pytest.mark.source("local/control/README.md")
async def test_calls_and_faults(search: Search) -> None:
    """Calls are counted by method, and an armed fault is the client's own exception."""
    await search.upsert(point("a", 1, 0))
    search.server.control.faults.append(Fault("FindNeighbors", "RESOURCE_EXHAUSTED"))
    with pytest.raises(exceptions.ResourceExhausted):
        await search.find(feature_vector=[1, 0])
    await search.find(feature_vector=[1, 0])
    assert search.server.control.calls == {"UpsertDatapoints": 1, "FindNeighbors": 2}


@pytest.mark.source("local/vertex/README.md: files and speed")
async def test_restart(start_search: StartSearch, tmp_path: Path) -> None:
    """Everything is there again after a restart, restricts included; a removed datapoint is not."""
    async with start_search(state=tmp_path) as search:
        await search.upsert(
            point("a", 1, 0, restricts=[{"namespace": "n", "allow_list": ["x"]}]), point("b", 0, 1)
        )
        await search.remove("b")
    async with start_search(state=tmp_path) as search:
        asked = {"feature_vector": [1, 0], "restricts": [{"namespace": "n", "allow_list": ["x"]}]}
        assert await search.ids(**asked) == ["a"]
        assert await search.ids(feature_vector=[1, 0]) == ["a"]


@pytest.mark.source("local/vertex/README.md: files and speed")
def test_a_request_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    """When writing breaks off in the middle of a request, nothing of it is there afterwards."""
    store = DatapointStore(tmp_path)

    def breaking() -> Iterator[Row]:
        yield "a", b"", b""
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.put(INDEX, breaking())
    assert store.get(INDEX, "a") is None
    store.close()


SERVE = """
# The server of test_kill, in a process of its own.
import asyncio, sys
from pathlib import Path
from local.standin import Options
from local.vertex.server import VertexServer

async def serve():
    settings = {"indexes": sys.argv[2], "preload": "no"}
    server = VertexServer(Options(state=Path(sys.argv[1]), settings=settings))
    await server.start()
    print(server.grpc_port, flush=True)
    await asyncio.Event().wait()

asyncio.run(serve())
"""


@pytest.mark.source("local/vertex/README.md: files and speed")
async def test_kill(start_search: StartSearch, tmp_path: Path) -> None:
    """What was acknowledged survives kill -9."""
    declared = {"index": INDEX, "endpoint": ENDPOINT, "deployed_index_id": DEPLOYED, "dimensions": 2}
    command = [sys.executable, "-c", SERVE, str(tmp_path), json.dumps([declared])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: ASYNC220, S603
        port = child.stdout.readline().strip() if child.stdout else ""
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            search = Search(None, channel)  # type: ignore[arg-type]
            for n in range(20):
                await search.upsert(point(f"{n}", 1, n))
            os.kill(child.pid, signal.SIGKILL)
    async with start_search(state=tmp_path) as search:
        assert len(await search.ids(100, feature_vector=[1, 0])) == 20
