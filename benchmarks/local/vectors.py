"""FindNeighbors over 200,000 x 384 through gRPC, beside the bare numpy product of the same size."""

import asyncio
import contextlib
import json
import statistics
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
import numpy as np

from benchmarks.local.report import Figure
from local.standin import Options
from local.vertex import messages as m
from local.vertex.server import VertexServer

ROWS, DIMENSIONS, NEIGHBORS, ROUNDS = 200_000, 384, 100, 25
LIMIT = 3.0
BATCH = 1000
_PARENT = "projects/benchmark/locations/local"
_INDEX, _ENDPOINT, _DEPLOYED = f"{_PARENT}/indexes/1", f"{_PARENT}/indexEndpoints/1", "benchmark"


def measure(seed: int = 7) -> list[Figure]:
    """Medians over rounds in which the two take turns; the ratio is the median of the rounds' ratios."""
    return asyncio.run(_measure(np.random.default_rng(seed)))


async def _measure(chance: np.random.Generator) -> list[Figure]:
    vectors = chance.standard_normal((ROWS, DIMENSIONS), np.float32)
    async with _searching() as channel:
        await _fill(channel, vectors)
        search: Any = channel.unary_unary(
            f"/{m.PACKAGE}.MatchService/FindNeighbors",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=m.FindNeighborsResponse.FromString,
        )
        pairs = []
        for turn in range(ROUNDS + 2):
            query = chance.standard_normal(DIMENSIONS, np.float32)
            request = m.FindNeighborsRequest(index_endpoint=_ENDPOINT, deployed_index_id=_DEPLOYED)
            request.queries.add(neighbor_count=NEIGHBORS).datapoint.feature_vector.extend(query)
            started = time.perf_counter()
            reply = await search(request, timeout=60)
            middle = time.perf_counter()
            product = vectors @ query
            ended = time.perf_counter()
            nearest = reply.nearest_neighbors[0].neighbors[0].datapoint.datapoint_id
            assert nearest == str(int(np.argmax(product))), "the nearest neighbour is another"
            if turn >= 2:  # the first two fill caches
                pairs.append((middle - started, ended - middle))
    ours, bare = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    values = {"docent": round(ours, 1), "numpy product": round(bare, 1)}
    return [
        Figure(
            f"FindNeighbors {ROWS:,} x {DIMENSIONS}",
            "ms",
            values,
            {"numpy product": ratio},
            kept=ratio <= LIMIT,
            expected=f"at most {LIMIT:g} x",
        )
    ]


@contextlib.asynccontextmanager
async def _searching() -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a stand-in with one index, in memory."""
    declared = {
        "index": _INDEX,
        "endpoint": _ENDPOINT,
        "deployed_index_id": _DEPLOYED,
        "dimensions": DIMENSIONS,
    }
    server = VertexServer(Options(settings={"indexes": json.dumps([declared]), "preload": "no"}))
    await server.start()
    try:
        async with grpc.aio.insecure_channel(server.exports()["VECTOR_MATCH_HOST"]) as channel:
            yield channel
    finally:
        await server.stop()


async def _fill(channel: grpc.aio.Channel, vectors: Any) -> None:
    upsert: Any = channel.unary_unary(
        f"/{m.PACKAGE}.IndexService/UpsertDatapoints",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=m.UpsertDatapointsResponse.FromString,
    )
    for first in range(0, len(vectors), BATCH):
        request = m.UpsertDatapointsRequest(index=_INDEX)
        for row in range(first, min(first + BATCH, len(vectors))):
            request.datapoints.add(datapoint_id=str(row), feature_vector=vectors[row])
        await upsert(request, timeout=60)
