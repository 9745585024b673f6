"""The gRPC face of Vector Search: IndexService, IndexEndpointService, MatchService.

Source of the methods: google/cloud/aiplatform/v1/{index_service,index_endpoint_service,match_service}.proto.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf.empty_pb2 import Empty

from local.vertex import messages as m
from local.vertex.indexes import Indexes, Refused, invalid, missing
from local.vertex.settings import DeployedIndex

Context = Any  # grpc.aio.ServicerContext, generic over messages that are made at run time
Method = Callable[[Any], Awaitable[Any]]


class VectorSearch:
    """The methods, each request to reply; Refused becomes the call's status."""

    def __init__(self, indexes: Indexes, address: Callable[[], str]) -> None:
        """`address` is asked for host:port when an endpoint describes itself."""
        self._indexes, self._address = indexes, address

    def handlers(self) -> list[grpc.GenericRpcHandler]:
        """Generic handlers for a server."""
        services: dict[str, dict[str, tuple[Any, Method]]] = {
            "IndexService": {
                "GetIndex": (m.GetIndexRequest, self.get_index),
                "ListIndexes": (m.ListIndexesRequest, self.list_indexes),
                "UpsertDatapoints": (m.UpsertDatapointsRequest, self.upsert),
                "RemoveDatapoints": (m.RemoveDatapointsRequest, self.remove),
                **dict.fromkeys(
                    ("CreateIndex", "UpdateIndex", "DeleteIndex"), (Empty, self.refuse_administration)
                ),
            },
            "IndexEndpointService": {
                "GetIndexEndpoint": (m.GetIndexEndpointRequest, self.get_endpoint),
                **dict.fromkeys(
                    ("CreateIndexEndpoint", "DeployIndex", "UndeployIndex", "DeleteIndexEndpoint"),
                    (Empty, self.refuse_administration),
                ),
            },
            "MatchService": {
                "FindNeighbors": (m.FindNeighborsRequest, self.find_neighbors),
                "ReadIndexDatapoints": (m.ReadIndexDatapointsRequest, self.read_datapoints),
            },
        }
        return [
            grpc.method_handlers_generic_handler(
                f"{m.PACKAGE}.{service}",
                {name: _unary(request, method) for name, (request, method) in methods.items()},
            )
            for service, methods in services.items()
        ]

    async def get_index(self, request: Any) -> Any:
        """Describe an index."""
        return await self._described(self._indexes.declared(request.name))

    async def list_indexes(self, request: Any) -> Any:
        """Every index of a location, on one page."""
        if request.filter or request.page_token:
            raise Refused(grpc.StatusCode.UNIMPLEMENTED, "filter and page_token are not emulated.")
        under = f"{request.parent}/indexes/"
        described = [
            await self._described(declared)
            for declared in self._indexes.all_declared()
            if declared.index.startswith(under)
        ]
        return m.ListIndexesResponse(indexes=described)

    async def refuse_administration(self, _: Any) -> Any:
        """Indexes are declared when the stand-in starts, as terraform declares them in the cloud."""
        raise Refused(
            grpc.StatusCode.UNIMPLEMENTED, "Indexes and endpoints are declared when the stand-in starts."
        )

    async def upsert(self, request: Any) -> Any:
        """UpsertDatapoints."""
        await self._indexes.upsert(request.index, request.datapoints, request.update_mask.paths)
        return m.UpsertDatapointsResponse()

    async def remove(self, request: Any) -> Any:
        """RemoveDatapoints."""
        await self._indexes.remove(request.index, request.datapoint_ids)
        return m.RemoveDatapointsResponse()

    async def get_endpoint(self, request: Any) -> Any:
        """Describe an endpoint and what is deployed on it."""
        deployed = [d for d in self._indexes.all_declared() if d.endpoint == request.name]
        if not deployed:
            raise missing(f"IndexEndpoint `{request.name}` is not found.")
        endpoint = m.IndexEndpoint(
            name=request.name, public_endpoint_enabled=True, public_endpoint_domain_name=self._address()
        )
        for one in deployed:
            endpoint.deployed_indexes.add(id=one.deployed_index_id, index=one.index)
        return endpoint

    async def find_neighbors(self, request: Any) -> Any:
        """FindNeighbors."""
        declared = self._deployed(request)
        if not request.queries:
            raise invalid("At least one query is required.")
        found = await self._indexes.find(declared.index, request.queries, full=request.return_full_datapoint)
        response = m.FindNeighborsResponse()
        for query, neighbors in zip(request.queries, found, strict=True):
            nearest = response.nearest_neighbors.add(id=query.datapoint.datapoint_id)
            for datapoint, hit in neighbors:
                nearest.neighbors.add(
                    datapoint=datapoint, distance=hit.distance, sparse_distance=hit.sparse_distance
                )
        return response

    async def read_datapoints(self, request: Any) -> Any:
        """ReadIndexDatapoints."""
        declared = self._deployed(request)
        datapoints = await self._indexes.read(declared.index, request.ids)
        return m.ReadIndexDatapointsResponse(datapoints=datapoints)

    def _deployed(self, request: Any) -> DeployedIndex:
        endpoint, deployed_id = request.index_endpoint, request.deployed_index_id
        for declared in self._indexes.all_declared():
            if (declared.endpoint, declared.deployed_index_id) == (endpoint, deployed_id):
                return declared
        raise missing(f"Deployed index `{deployed_id}` is not found on `{endpoint}`.")

    async def _described(self, declared: DeployedIndex) -> Any:
        vectors, sparse = await self._indexes.stats(declared.index)
        index = m.Index(
            name=declared.index,
            display_name=declared.deployed_index_id,
            index_update_method=m.STREAM_UPDATE,
            index_stats={"vectors_count": vectors, "sparse_vectors_count": sparse, "shards_count": 1},
        )
        index.metadata.struct_value.update(
            {
                "config": {
                    "dimensions": declared.dimensions,
                    "distanceMeasureType": declared.distance,
                    "algorithmConfig": {"bruteForceConfig": {}},
                }
            }
        )
        index.deployed_indexes.add(
            index_endpoint=declared.endpoint, deployed_index_id=declared.deployed_index_id
        )
        return index


def _unary(request: Any, method: Method) -> "grpc.RpcMethodHandler[Any, Any]":
    async def call(message: Any, context: Context) -> Any:
        try:
            return await method(message)
        except Refused as refused:
            await context.abort(refused.code, refused.message)

    return grpc.unary_unary_rpc_method_handler(
        call,
        request_deserializer=request.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )
