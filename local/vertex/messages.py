"""The Vector Search messages of google.cloud.aiplatform.v1, as far as this stand-in speaks them.

Importing Google's own generated package costs 108 MB and 0.65 s, for 1,090 modules that are not needed
here, so the few messages are declared again: same full names, field numbers and types, hence the same
bytes on the wire. Fields left out are kept as unknown fields. The tests compare each field with Google's.
"""

import re
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    field_mask_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)

PACKAGE = "google.cloud.aiplatform.v1"

_DECLARATIONS = """
IndexDatapoint
  1 string datapoint_id
  2 repeated float feature_vector
  7 IndexDatapoint.SparseEmbedding sparse_embedding
  4 repeated IndexDatapoint.Restriction restricts
  6 repeated IndexDatapoint.NumericRestriction numeric_restricts
  5 IndexDatapoint.CrowdingTag crowding_tag
  8 .google.protobuf.Struct embedding_metadata
IndexDatapoint.SparseEmbedding
  1 repeated float values
  2 repeated int64 dimensions
IndexDatapoint.Restriction
  1 string namespace
  2 repeated string allow_list
  3 repeated string deny_list
IndexDatapoint.NumericRestriction
  1 string namespace
  2 oneof int64 value_int
  3 oneof float value_float
  4 oneof double value_double
  5 int32 op
IndexDatapoint.CrowdingTag
  1 string crowding_attribute
FindNeighborsRequest
  1 string index_endpoint
  2 string deployed_index_id
  3 repeated FindNeighborsRequest.Query queries
  4 bool return_full_datapoint
FindNeighborsRequest.Query
  1 IndexDatapoint datapoint
  2 int32 neighbor_count
  3 int32 per_crowding_attribute_neighbor_count
  4 int32 approximate_neighbor_count
  5 double fraction_leaf_nodes_to_search_override
  6 FindNeighborsRequest.Query.RRF rrf
FindNeighborsRequest.Query.RRF
  1 float alpha
FindNeighborsResponse
  1 repeated FindNeighborsResponse.NearestNeighbors nearest_neighbors
FindNeighborsResponse.NearestNeighbors
  1 string id
  2 repeated FindNeighborsResponse.Neighbor neighbors
FindNeighborsResponse.Neighbor
  1 IndexDatapoint datapoint
  2 double distance
  3 double sparse_distance
ReadIndexDatapointsRequest
  1 string index_endpoint
  2 string deployed_index_id
  3 repeated string ids
ReadIndexDatapointsResponse
  1 repeated IndexDatapoint datapoints
UpsertDatapointsRequest
  1 string index
  2 repeated IndexDatapoint datapoints
  3 .google.protobuf.FieldMask update_mask
UpsertDatapointsResponse
RemoveDatapointsRequest
  1 string index
  2 repeated string datapoint_ids
RemoveDatapointsResponse
GetIndexRequest
  1 string name
CreateIndexRequest
  1 string parent
  2 Index index
UpdateIndexRequest
  1 Index index
  2 .google.protobuf.FieldMask update_mask
DeleteIndexRequest
  1 string name
ListIndexesRequest
  1 string parent
  2 string filter
  3 int32 page_size
  4 string page_token
ListIndexesResponse
  1 repeated Index indexes
  2 string next_page_token
Index
  1 string name
  2 string display_name
  3 string description
  4 string metadata_schema_uri
  6 .google.protobuf.Value metadata
  7 repeated DeployedIndexRef deployed_indexes
  8 string etag
  9 repeated Index.LabelsEntry labels
  10 .google.protobuf.Timestamp create_time
  11 .google.protobuf.Timestamp update_time
  14 IndexStats index_stats
  16 int32 index_update_method
Index.LabelsEntry
  1 string key
  2 string value
DeployedIndexRef
  1 string index_endpoint
  2 string deployed_index_id
  3 string display_name
IndexStats
  1 int64 vectors_count
  3 int64 sparse_vectors_count
  2 int32 shards_count
GetIndexEndpointRequest
  1 string name
CreateIndexEndpointRequest
  1 string parent
  2 IndexEndpoint index_endpoint
UpdateIndexEndpointRequest
  1 IndexEndpoint index_endpoint
  2 .google.protobuf.FieldMask update_mask
DeleteIndexEndpointRequest
  1 string name
ListIndexEndpointsRequest
  1 string parent
  2 string filter
  3 int32 page_size
  4 string page_token
ListIndexEndpointsResponse
  1 repeated IndexEndpoint index_endpoints
  2 string next_page_token
IndexEndpoint
  1 string name
  2 string display_name
  3 string description
  4 repeated DeployedIndex deployed_indexes
  5 string etag
  6 repeated IndexEndpoint.LabelsEntry labels
  7 .google.protobuf.Timestamp create_time
  8 .google.protobuf.Timestamp update_time
  9 string network
  10 bool enable_private_service_connect
  12 PrivateServiceConnectConfig private_service_connect_config
  13 bool public_endpoint_enabled
  14 string public_endpoint_domain_name
IndexEndpoint.LabelsEntry
  1 string key
  2 string value
PrivateServiceConnectConfig
  1 bool enable_private_service_connect
DeployedIndex
  1 string id
  2 string index
  3 string display_name
  4 .google.protobuf.Timestamp create_time
  6 .google.protobuf.Timestamp index_sync_time
  7 AutomaticResources automatic_resources
  16 DedicatedResources dedicated_resources
AutomaticResources
  1 int32 min_replica_count
  2 int32 max_replica_count
DedicatedResources
  2 int32 min_replica_count
  3 int32 max_replica_count
DeployIndexRequest
  1 string index_endpoint
  2 DeployedIndex deployed_index
DeployIndexResponse
  1 DeployedIndex deployed_index
UndeployIndexRequest
  1 string index_endpoint
  2 string deployed_index_id
UndeployIndexResponse
MutateDeployedIndexRequest
  1 string index_endpoint
  2 DeployedIndex deployed_index
MutateDeployedIndexResponse
  1 DeployedIndex deployed_index
GenericOperationMetadata
  2 .google.protobuf.Timestamp create_time
  3 .google.protobuf.Timestamp update_time
CreateIndexOperationMetadata
  1 GenericOperationMetadata generic_metadata
UpdateIndexOperationMetadata
  1 GenericOperationMetadata generic_metadata
DeleteOperationMetadata
  1 GenericOperationMetadata generic_metadata
CreateIndexEndpointOperationMetadata
  1 GenericOperationMetadata generic_metadata
DeployIndexOperationMetadata
  1 GenericOperationMetadata generic_metadata
  2 string deployed_index_id
UndeployIndexOperationMetadata
  1 GenericOperationMetadata generic_metadata
MutateDeployedIndexOperationMetadata
  1 GenericOperationMetadata generic_metadata
  2 string deployed_index_id
"""

_LINE = re.compile(r"  (?P<number>\d+) (?:(?P<rule>repeated|oneof) )?(?P<type>\S+) (?P<name>\w+)")
_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "string": _Field.TYPE_STRING,
    "float": _Field.TYPE_FLOAT,
    "double": _Field.TYPE_DOUBLE,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
    "bool": _Field.TYPE_BOOL,
}


def _declared() -> descriptor_pb2.FileDescriptorProto:
    """The declarations as a proto file; a dotted message is nested in the one before the dot."""
    file = descriptor_pb2.FileDescriptorProto(
        name="local/vertex/messages.proto", package=PACKAGE, syntax="proto3"
    )
    for module in (struct_pb2, field_mask_pb2, timestamp_pb2):
        file.dependency.append(module.DESCRIPTOR.name)
    messages: dict[str, descriptor_pb2.DescriptorProto] = {}
    message = descriptor_pb2.DescriptorProto()
    for line in _DECLARATIONS.strip().splitlines():
        if not line.startswith(" "):
            outer, _, name = line.rpartition(".")
            message = messages[outer].nested_type.add() if outer else file.message_type.add()
            message.name = name
            message.options.map_entry = name.endswith("Entry")
            messages[line] = message
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"not a field: {line!r}")
        _add_field(message, match)
    return file


def _add_field(message: descriptor_pb2.DescriptorProto, match: re.Match[str]) -> None:
    field = message.field.add(name=match["name"], number=int(match["number"]))
    field.label = _Field.LABEL_REPEATED if match["rule"] == "repeated" else _Field.LABEL_OPTIONAL
    scalar = _SCALARS.get(match["type"])
    if scalar is not None:
        field.type = scalar
    else:
        field.type = _Field.TYPE_MESSAGE
        name = match["type"]
        field.type_name = name if name.startswith(".") else f".{PACKAGE}.{name}"
    if match["rule"] == "oneof":
        if not message.oneof_decl:
            message.oneof_decl.add(name="Value")
        field.oneof_index = 0


def _pool() -> descriptor_pool.DescriptorPool:
    """A pool of our own: in the default one these names would clash with Google's package."""
    pool = descriptor_pool.DescriptorPool()
    for module in (struct_pb2, field_mask_pb2, timestamp_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(_declared().SerializeToString())
    return pool


_POOL = _pool()


def _message(name: str) -> Any:
    """The class of a message; Any, because the classes are made at run time."""
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


IndexDatapoint = _message("IndexDatapoint")
FindNeighborsRequest = _message("FindNeighborsRequest")
FindNeighborsResponse = _message("FindNeighborsResponse")
ReadIndexDatapointsRequest = _message("ReadIndexDatapointsRequest")
ReadIndexDatapointsResponse = _message("ReadIndexDatapointsResponse")
UpsertDatapointsRequest = _message("UpsertDatapointsRequest")
UpsertDatapointsResponse = _message("UpsertDatapointsResponse")
RemoveDatapointsRequest = _message("RemoveDatapointsRequest")
RemoveDatapointsResponse = _message("RemoveDatapointsResponse")
GetIndexRequest = _message("GetIndexRequest")
CreateIndexRequest = _message("CreateIndexRequest")
UpdateIndexRequest = _message("UpdateIndexRequest")
DeleteIndexRequest = _message("DeleteIndexRequest")
ListIndexesRequest = _message("ListIndexesRequest")
ListIndexesResponse = _message("ListIndexesResponse")
Index = _message("Index")
GetIndexEndpointRequest = _message("GetIndexEndpointRequest")
CreateIndexEndpointRequest = _message("CreateIndexEndpointRequest")
UpdateIndexEndpointRequest = _message("UpdateIndexEndpointRequest")
DeleteIndexEndpointRequest = _message("DeleteIndexEndpointRequest")
ListIndexEndpointsRequest = _message("ListIndexEndpointsRequest")
ListIndexEndpointsResponse = _message("ListIndexEndpointsResponse")
IndexEndpoint = _message("IndexEndpoint")
DeployedIndex = _message("DeployedIndex")
DeployIndexRequest = _message("DeployIndexRequest")
DeployIndexResponse = _message("DeployIndexResponse")
UndeployIndexRequest = _message("UndeployIndexRequest")
UndeployIndexResponse = _message("UndeployIndexResponse")
MutateDeployedIndexRequest = _message("MutateDeployedIndexRequest")
MutateDeployedIndexResponse = _message("MutateDeployedIndexResponse")
CreateIndexOperationMetadata = _message("CreateIndexOperationMetadata")
UpdateIndexOperationMetadata = _message("UpdateIndexOperationMetadata")
DeleteOperationMetadata = _message("DeleteOperationMetadata")
CreateIndexEndpointOperationMetadata = _message("CreateIndexEndpointOperationMetadata")
DeployIndexOperationMetadata = _message("DeployIndexOperationMetadata")
UndeployIndexOperationMetadata = _message("UndeployIndexOperationMetadata")
MutateDeployedIndexOperationMetadata = _message("MutateDeployedIndexOperationMetadata")

LESS, LESS_EQUAL, EQUAL, GREATER_EQUAL, GREATER, NOT_EQUAL = range(1, 7)
BATCH_UPDATE, STREAM_UPDATE = 1, 2
