"""The messages of Vector Search that Docent sends and reads (google.cloud.aiplatform.v1), declared here.

Importing google.cloud.aiplatform_v1 takes as long as all the rest of a cold start of chat together, and
56 MB, for some thousand messages of which these are used: same full names, numbers and types, hence the same
bytes. A test compares each field with Google's package.
"""

from functools import cache
from typing import Any

PACKAGE = "google.cloud.aiplatform.v1"
MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "IndexDatapoint": {
        "datapoint_id": (1, "string"),
        "feature_vector": (2, "float*"),
        "restricts": (4, "IndexDatapoint.Restriction*"),
        "crowding_tag": (5, "IndexDatapoint.CrowdingTag"),
        "sparse_embedding": (7, "IndexDatapoint.SparseEmbedding"),
    },
    "IndexDatapoint.SparseEmbedding": {"values": (1, "float*"), "dimensions": (2, "int64*")},
    "IndexDatapoint.Restriction": {"namespace": (1, "string"), "allow_list": (2, "string*")},
    "IndexDatapoint.CrowdingTag": {"crowding_attribute": (1, "string")},
    "FieldMask": {"paths": (1, "string*")},
    "UpsertDatapointsRequest": {
        "index": (1, "string"),
        "datapoints": (2, "IndexDatapoint*"),
        "update_mask": (3, "FieldMask"),
    },
    "UpsertDatapointsResponse": {},
    "RemoveDatapointsRequest": {"index": (1, "string"), "datapoint_ids": (2, "string*")},
    "RemoveDatapointsResponse": {},
    "FindNeighborsRequest": {
        "index_endpoint": (1, "string"),
        "deployed_index_id": (2, "string"),
        "queries": (3, "FindNeighborsRequest.Query*"),
    },
    "FindNeighborsRequest.Query": {
        "datapoint": (1, "IndexDatapoint"),
        "neighbor_count": (2, "int32"),
        "per_crowding_attribute_neighbor_count": (3, "int32"),
        "rrf": (6, "FindNeighborsRequest.Query.RRF"),
    },
    "FindNeighborsRequest.Query.RRF": {"alpha": (1, "float")},
    "FindNeighborsResponse": {"nearest_neighbors": (1, "FindNeighborsResponse.NearestNeighbors*")},
    "FindNeighborsResponse.NearestNeighbors": {"neighbors": (2, "FindNeighborsResponse.Neighbor*")},
    "FindNeighborsResponse.Neighbor": {
        "datapoint": (1, "IndexDatapoint"),
        "distance": (2, "double"),
        "sparse_distance": (3, "double"),
    },
    "ReadIndexDatapointsRequest": {
        "index_endpoint": (1, "string"),
        "deployed_index_id": (2, "string"),
        "ids": (3, "string*"),
    },
    "ReadIndexDatapointsResponse": {"datapoints": (1, "IndexDatapoint*")},
}
"""Of each message its fields: number and type, with a star when repeated. FieldMask is google.protobuf's,
which has the same bytes; a message after a dot is nested in the one before it."""


def message(name: str) -> Any:
    """The class of a message; Any, because it is made at run time."""
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{name}"))


@cache
def _pool() -> Any:
    """A pool of its own: in the default one the names would clash with Google's package, where both are."""
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
    from google.protobuf.descriptor_pool import DescriptorPool

    file = FileDescriptorProto(name="docent/vector_search.proto", package=PACKAGE, syntax="proto3")
    made: dict[str, DescriptorProto] = {}
    for name, fields in MESSAGES.items():
        outer, _, last = name.rpartition(".")
        made[name] = made[outer].nested_type.add() if outer else file.message_type.add()
        made[name].name = last
        for field, (number, kind) in fields.items():
            _add_field(made[name], field, number, kind)
    pool = DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def _add_field(made: Any, name: str, number: int, kind: str) -> None:
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

    field = made.field.add(name=name, number=number)
    field.label = Field.LABEL_REPEATED if kind.endswith("*") else Field.LABEL_OPTIONAL
    plain = kind.rstrip("*")
    if plain in MESSAGES:
        field.type, field.type_name = Field.TYPE_MESSAGE, f".{PACKAGE}.{plain}"
    else:
        field.type = Field.Type.Value(f"TYPE_{plain.upper()}")
