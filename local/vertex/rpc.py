"""The gRPC face of Vector Search: IndexService, IndexEndpointService, MatchService, Operations.

Source of the methods: google/cloud/aiplatform/v1/{index_service,index_endpoint_service,match_service}.proto
and google/longrunning/operations.proto.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.longrunning import operations_pb2 as lro

from local.rpc import RefusedError
from local.vertex import messages as m
from local.vertex.administration import EndpointAdministration, IndexAdministration
from local.vertex.indexes import Indexes
from local.vertex.operations import Operations
from local.vertex.refusals import invalid, unimplemented
from local.vertex.resources import Resources

Context = Any  # grpc.aio.ServicerContext, generic over messages that are made at run time
Method = Callable[[Any], Awaitable[Any]]
Table = dict[str, tuple[Any, Method]]


class Datapoints:
    """The methods on datapoints: IndexService's and MatchService's."""

    def __init__(self, indexes: Indexes, resources: Resources) -> None:
        self._indexes, self._resources = indexes, resources

    async def upsert(self, request: Any) -> Any:
        """UpsertDatapoints."""
        await self._indexes.upsert(request.index, request.datapoints, request.update_mask.paths)
        return m.UpsertDatapointsResponse()

    async def remove(self, request: Any) -> Any:
        """RemoveDatapoints."""
        await self._indexes.remove(request.index, request.datapoint_ids)
        return m.RemoveDatapointsResponse()

    async def find_neighbors(self, request: Any) -> Any:
        """FindNeighbors."""
        deployed = self._resources.deployed(request.index_endpoint, request.deployed_index_id)
        if not request.queries:
            raise invalid("At least one query is required.")
        found = await self._indexes.find(deployed.index, request.queries, full=request.return_full_datapoint)
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
        deployed = self._resources.deployed(request.index_endpoint, request.deployed_index_id)
        datapoints = await self._indexes.read(deployed.index, request.ids)
        return m.ReadIndexDatapointsResponse(datapoints=datapoints)


def services(
    datapoints: Datapoints,
    indexes: IndexAdministration,
    endpoints: EndpointAdministration,
    operations: Operations,
) -> dict[str, Table]:
    """Every method by service: its request and what answers it."""
    return {
        f"{m.PACKAGE}.IndexService": {
            "CreateIndex": (m.CreateIndexRequest, indexes.create),
            "GetIndex": (m.GetIndexRequest, indexes.get),
            "ListIndexes": (m.ListIndexesRequest, indexes.list),
            "UpdateIndex": (m.UpdateIndexRequest, indexes.update),
            "DeleteIndex": (m.DeleteIndexRequest, indexes.delete),
            "UpsertDatapoints": (m.UpsertDatapointsRequest, datapoints.upsert),
            "RemoveDatapoints": (m.RemoveDatapointsRequest, datapoints.remove),
        },
        f"{m.PACKAGE}.IndexEndpointService": {
            "CreateIndexEndpoint": (m.CreateIndexEndpointRequest, endpoints.create),
            "GetIndexEndpoint": (m.GetIndexEndpointRequest, endpoints.get),
            "ListIndexEndpoints": (m.ListIndexEndpointsRequest, endpoints.list),
            "UpdateIndexEndpoint": (m.UpdateIndexEndpointRequest, endpoints.update),
            "DeleteIndexEndpoint": (m.DeleteIndexEndpointRequest, endpoints.delete),
            "DeployIndex": (m.DeployIndexRequest, endpoints.deploy),
            "UndeployIndex": (m.UndeployIndexRequest, endpoints.undeploy),
            "MutateDeployedIndex": (m.MutateDeployedIndexRequest, endpoints.mutate),
        },
        f"{m.PACKAGE}.MatchService": {
            "FindNeighbors": (m.FindNeighborsRequest, datapoints.find_neighbors),
            "ReadIndexDatapoints": (m.ReadIndexDatapointsRequest, datapoints.read_datapoints),
        },
        "google.longrunning.Operations": {
            "GetOperation": (lro.GetOperationRequest, operations.get),
            "WaitOperation": (lro.WaitOperationRequest, operations.wait),
            "ListOperations": (lro.ListOperationsRequest, operations.list),
            "DeleteOperation": (lro.DeleteOperationRequest, operations.delete),
            "CancelOperation": (lro.CancelOperationRequest, _not_cancelled),
        },
    }


def handlers(tables: dict[str, Table]) -> list[grpc.GenericRpcHandler]:
    """Generic handlers for a server."""
    return [
        grpc.method_handlers_generic_handler(
            service, {name: _unary(request, method) for name, (request, method) in methods.items()}
        )
        for service, methods in tables.items()
    ]


async def _not_cancelled(_: Any) -> Any:
    raise unimplemented("Cancelling an operation is not emulated.")


def _unary(request: Any, method: Method) -> "grpc.RpcMethodHandler[Any, Any]":
    async def call(message: Any, context: Context) -> Any:
        try:
            return await method(message)
        except RefusedError as refused:
            await context.abort(refused.code, refused.message)

    return grpc.unary_unary_rpc_method_handler(
        call,
        request_deserializer=request.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )
