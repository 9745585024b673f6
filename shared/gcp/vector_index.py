"""Vertex AI Vector Search, both sides: writing datapoints and finding neighbours."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from shared.gcp.failures import translated
from shared.gcp.vector_calls import VectorCalls
from shared.gcp.vector_messages import message
from shared.ingestion.interfaces import Datapoint
from shared.models import SparseVector
from shared.search.interfaces import HybridQuery, Neighbor
from shared.settings import VectorSettings

_BATCH = 100
"""Datapoints a request; Google's cap is unpublished, 100 to 500 is what its samples use."""


class VectorIndex:
    """Index on Vector Search."""

    def __init__(self, calls: VectorCalls, settings: VectorSettings) -> None:
        self._calls, self._settings = calls, settings

    async def upsert(self, datapoints: Sequence[Datapoint]) -> None:
        """Write, replacing."""
        points = [
            {
                "datapoint_id": point.id,
                "feature_vector": point.vector,
                "restricts": _restrictions(point.restricts),
                "crowding_tag": {"crowding_attribute": point.crowding},
                **_sparse(point.sparse),
            }
            for point in datapoints
        ]
        await self._write(points, "")

    async def restrict(self, ids: Sequence[str], restricts: dict[str, tuple[str, ...]]) -> None:
        """Replace the restricts of existing datapoints, leaving the vectors."""
        points = [{"datapoint_id": name, "restricts": _restrictions(restricts)} for name in ids]
        await self._write(points, "all_restricts")

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove; what is absent is no error."""
        for start in range(0, len(ids), _BATCH):
            request = message("RemoveDatapointsRequest")(
                index=self._settings.index, datapoint_ids=ids[start : start + _BATCH]
            )
            async with translated("Vector Search"):
                await self._calls.call("RemoveDatapoints", request, self._settings.timeout)

    async def _write(self, points: Sequence[Any], mask: str) -> None:
        batches = [points[start : start + _BATCH] for start in range(0, len(points), _BATCH)]
        await asyncio.gather(*(self._write_batch(batch, mask) for batch in batches))

    async def _write_batch(self, points: Sequence[Any], mask: str) -> None:
        masked = {"update_mask": {"paths": [mask]}} if mask else {}
        request = message("UpsertDatapointsRequest")(index=self._settings.index, datapoints=points, **masked)
        async with translated("Vector Search"):
            await self._calls.call("UpsertDatapoints", request, self._settings.timeout)


class VectorContents:
    """IndexReader on Vector Search: what the deployed index holds."""

    def __init__(self, calls: VectorCalls, settings: VectorSettings) -> None:
        self._calls, self._settings = calls, settings

    async def read(self, ids: Sequence[str]) -> Mapping[str, Datapoint]:
        """Those of the datapoints that exist, with their vectors."""
        found: dict[str, Datapoint] = {}
        for start in range(0, len(ids), _BATCH):
            request = message("ReadIndexDatapointsRequest")(
                index_endpoint=self._settings.endpoint,
                deployed_index_id=self._settings.deployed_index,
                ids=ids[start : start + _BATCH],
            )
            async with translated("Vector Search"):
                answer = await self._calls.call("ReadIndexDatapoints", request, self._settings.timeout)
            found |= {point.datapoint_id: _datapoint(point) for point in answer.datapoints}
        return found


class VectorSearch:
    """NeighborFinder on Vector Search."""

    def __init__(self, calls: VectorCalls, settings: VectorSettings) -> None:
        self._calls, self._settings = calls, settings

    async def find(
        self, query: HybridQuery, allow: Mapping[str, Sequence[str]], limit: int, per_file: int
    ) -> Sequence[Neighbor]:
        """The nearest by meaning and by words, fused by reciprocal rank; at most `per_file` of one file.

        A question without words that carry meaning is looked for by its meaning alone.
        """
        wanted = {
            "datapoint": {
                "feature_vector": query.vector,
                "restricts": _restrictions(allow),
                **_sparse(query.sparse),
            },
            "neighbor_count": limit,
            "per_crowding_attribute_neighbor_count": per_file,
            **({"rrf": {"alpha": query.dense_share}} if query.sparse.dimensions else {}),
        }
        request = message("FindNeighborsRequest")(
            index_endpoint=self._settings.endpoint,
            deployed_index_id=self._settings.deployed_index,
            queries=[wanted],
        )
        async with translated("Vector Search"):
            answer = await self._calls.call("FindNeighbors", request, self._settings.timeout)
        if not answer.nearest_neighbors:
            return ()
        return tuple(
            Neighbor(found.datapoint.datapoint_id, _similarity(found))
            for found in answer.nearest_neighbors[0].neighbors
        )


def _datapoint(point: Any) -> Datapoint:
    sparse = SparseVector(tuple(point.sparse_embedding.dimensions), tuple(point.sparse_embedding.values))
    restricts = {one.namespace: tuple(one.allow_list) for one in point.restricts}
    crowding = point.crowding_tag.crowding_attribute
    return Datapoint(point.datapoint_id, list(point.feature_vector), restricts, crowding, sparse)


def _similarity(found: Any) -> float | None:
    """The dot product of unit vectors; not told of what was found by its words alone."""
    if found.sparse_distance and not found.distance:
        return None
    return float(found.distance)


def _sparse(vector: SparseVector) -> dict[str, Any]:
    """No field for a vector without weights: the index refuses an empty one."""
    if not vector.dimensions:
        return {}
    return {"sparse_embedding": {"values": vector.values, "dimensions": vector.dimensions}}


def _restrictions(restricts: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [{"namespace": namespace, "allow_list": tokens} for namespace, tokens in sorted(restricts.items())]
