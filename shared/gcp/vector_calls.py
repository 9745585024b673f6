"""The four calls of Vector Search that Docent makes, over gRPC."""

from shared.gcp.grpc_calls import GrpcCalls
from shared.gcp.vector_messages import DECLARED

METHODS = {
    "UpsertDatapoints": ("IndexService", "index"),
    "RemoveDatapoints": ("IndexService", "index"),
    "FindNeighbors": ("MatchService", "index_endpoint"),
    "ReadIndexDatapoints": ("MatchService", "index_endpoint"),
}


class VectorCalls(GrpcCalls):
    """Calls of one address: the index's, or the endpoint's."""

    def __init__(self, host: str) -> None:
        super().__init__(host, DECLARED, METHODS)
