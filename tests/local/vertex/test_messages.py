"""Our declarations of Google's messages, field by field against Google's generated package."""

import pytest
from google.cloud.aiplatform_v1 import types as google_types
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from local.vertex import messages as m

pytestmark = pytest.mark.source("google-cloud-aiplatform's generated messages, which are compared here")

NAMES = [
    "IndexDatapoint",
    "FindNeighborsRequest",
    "FindNeighborsResponse",
    "ReadIndexDatapointsRequest",
    "ReadIndexDatapointsResponse",
    "UpsertDatapointsRequest",
    "UpsertDatapointsResponse",
    "RemoveDatapointsRequest",
    "RemoveDatapointsResponse",
    "GetIndexRequest",
    "CreateIndexRequest",
    "UpdateIndexRequest",
    "DeleteIndexRequest",
    "ListIndexesRequest",
    "ListIndexesResponse",
    "Index",
    "GetIndexEndpointRequest",
    "CreateIndexEndpointRequest",
    "UpdateIndexEndpointRequest",
    "DeleteIndexEndpointRequest",
    "ListIndexEndpointsRequest",
    "ListIndexEndpointsResponse",
    "IndexEndpoint",
    "DeployedIndex",
    "DeployIndexRequest",
    "DeployIndexResponse",
    "UndeployIndexRequest",
    "UndeployIndexResponse",
    "MutateDeployedIndexRequest",
    "MutateDeployedIndexResponse",
    "CreateIndexOperationMetadata",
    "UpdateIndexOperationMetadata",
    "DeleteOperationMetadata",
    "CreateIndexEndpointOperationMetadata",
    "DeployIndexOperationMetadata",
    "UndeployIndexOperationMetadata",
    "MutateDeployedIndexOperationMetadata",
]


@pytest.mark.parametrize("name", NAMES)
def test_same_fields(name: str) -> None:
    """Every field we declare has Google's number, type and multiplicity."""
    real = getattr(google_types, name)
    compare(getattr(m, name).DESCRIPTOR, real.pb(real()).DESCRIPTOR)


def compare(ours: Descriptor, real: Descriptor) -> None:
    """Compare a message and those inside it; an enum is an int32 on the wire."""
    assert ours.full_name == real.full_name
    for field in ours.fields:
        other = real.fields_by_name[field.name]
        assert (field.number, field.is_repeated) == (other.number, other.is_repeated), field.full_name
        kind = FieldDescriptor.TYPE_INT32 if other.type == FieldDescriptor.TYPE_ENUM else other.type
        assert field.type == kind, field.full_name
        group = other.containing_oneof.name if field.containing_oneof else None
        assert (field.containing_oneof.name if field.containing_oneof else None) == group
        if field.message_type is not None and field.message_type.file.package != "google.protobuf":
            compare(field.message_type, other.message_type)


def test_unknown_fields_are_kept() -> None:
    """A field that we do not declare survives being stored."""
    real = google_types.Index(name="n", satisfies_pzs=True)
    kept = m.Index.FromString(google_types.Index.serialize(real)).SerializeToString()
    assert google_types.Index.deserialize(kept) == real
