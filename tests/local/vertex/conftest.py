"""The stand-in, started once for what needs the model and freshly for what needs an index."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google import genai
from google.cloud.aiplatform_v1.services.index_service import IndexServiceAsyncClient
from google.cloud.aiplatform_v1.services.index_service.transports import IndexServiceGrpcAsyncIOTransport
from google.cloud.aiplatform_v1.services.match_service import MatchServiceAsyncClient
from google.cloud.aiplatform_v1.services.match_service.transports import MatchServiceGrpcAsyncIOTransport
from google.genai import types
from google.oauth2.credentials import Credentials

from local.standin import Options
from local.vertex.server import VertexServer

LOCATION = "projects/p/locations/us-central1"
INDEX = f"{LOCATION}/indexes/1"
ENDPOINT = f"{LOCATION}/indexEndpoints/1"
DEPLOYED = "docent"


@pytest.fixture(scope="session")
def model_server() -> Iterator[VertexServer]:
    """One server with the model loaded, on a loop of its own, for all tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(work: Awaitable[Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(_awaited(work), loop).result(60)

    server = VertexServer(Options())
    run(server.start())
    yield server
    run(server.stop())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


@pytest.fixture
def vertex(model_server: VertexServer) -> VertexServer:
    """The shared server with its counts, faults and delays as at the start."""
    model_server.control.calls.clear()
    model_server.control.faults.clear()
    settings = model_server.settings
    settings.first_token_delay = settings.token_delay = 0.0
    settings.embed_instances, settings.model_url = 1, ""
    return model_server


def genai_client(server: VertexServer) -> genai.Client:
    """Google's client, pointed at a stand-in as the product points it."""
    return genai.Client(
        vertexai=True,
        project="p",
        location="us-central1",
        credentials=Credentials("fake"),
        http_options=types.HttpOptions(
            base_url=server.exports()["GENAI_BASE_URL"], api_version="v1", timeout=110_000
        ),
    )


@pytest.fixture
async def client(vertex: VertexServer) -> AsyncIterator[genai.Client]:
    """A google-genai client of the shared server."""
    made = genai_client(vertex)
    yield made
    await made.aio.aclose()
    made.close()


class Search:
    """The two Vector Search clients, with the names of the one index filled in."""

    def __init__(self, server: VertexServer, channel: grpc.aio.Channel) -> None:
        self.server = server
        self.match = MatchServiceAsyncClient(transport=MatchServiceGrpcAsyncIOTransport(channel=channel))
        self.index = IndexServiceAsyncClient(transport=IndexServiceGrpcAsyncIOTransport(channel=channel))

    async def upsert(self, *datapoints: dict[str, Any], mask: str = "", index: str = INDEX) -> None:
        """Upsert datapoints given as dicts."""
        request: dict[str, Any] = {"index": index, "datapoints": list(datapoints)}
        if mask:
            request["update_mask"] = {"paths": [mask]}
        await self.index.upsert_datapoints(request=request, timeout=10)

    async def remove(self, *ids: str) -> None:
        """Remove datapoints."""
        await self.index.remove_datapoints(request={"index": INDEX, "datapoint_ids": ids}, timeout=10)

    async def find(self, count: int = 10, *, full: bool = False, **query: Any) -> Any:
        """The neighbours of one query; keywords outside `datapoint` belong to the query itself."""
        of_query = {"per_crowding_attribute_neighbor_count", "rrf", "approximate_neighbor_count"}
        asked = {key: value for key, value in query.items() if key in of_query}
        asked["datapoint"] = {key: value for key, value in query.items() if key not in of_query}
        response = await self.match.find_neighbors(
            request={
                "index_endpoint": ENDPOINT,
                "deployed_index_id": DEPLOYED,
                "queries": [{"neighbor_count": count, **asked}],
                "return_full_datapoint": full,
            },
            timeout=10,
        )
        return response.nearest_neighbors[0].neighbors

    async def ids(self, count: int = 10, **query: Any) -> list[str]:
        """The neighbours' ids, best first."""
        return [found.datapoint.datapoint_id for found in await self.find(count, **query)]

    async def read(self, *ids: str) -> Any:
        """ReadIndexDatapoints."""
        response = await self.match.read_index_datapoints(
            request={"index_endpoint": ENDPOINT, "deployed_index_id": DEPLOYED, "ids": ids}, timeout=10
        )
        return response.datapoints


StartSearch = Callable[..., Any]


@pytest.fixture
def start_search() -> StartSearch:
    """A context manager that runs a server with one index of two dimensions, without the model."""

    @asynccontextmanager
    async def start(state: Path | None = None, **settings: str) -> AsyncIterator[Search]:
        declared = {
            "index": INDEX,
            "endpoint": ENDPOINT,
            "deployed_index_id": DEPLOYED,
            "dimensions": int(settings.pop("dimensions", "2")),
            "distance": settings.pop("distance", "DOT_PRODUCT_DISTANCE"),
        }
        server = VertexServer(
            Options(state=state, settings={"indexes": json.dumps([declared]), "preload": "no", **settings})
        )
        await server.start()
        try:
            async with grpc.aio.insecure_channel(server.exports()["VECTOR_MATCH_HOST"]) as channel:
                yield Search(server, channel)
        finally:
            await server.stop()

    return start


@pytest.fixture
async def search(start_search: StartSearch) -> AsyncIterator[Search]:
    """A running index of two dimensions, in memory."""
    async with start_search() as started:
        yield started
