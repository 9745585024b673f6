"""The messages of Vector Search that Docent sends and reads (google.cloud.aiplatform.v1), declared here.

Importing google.cloud.aiplatform_v1 takes as long as all the rest of a cold start of chat together, and
56 MB, for some thousand messages of which these are used: same full names, numbers and types, hence the same
bytes. A test compares each field with Google's package.
"""

from shared.gcp.declared import Declared

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
"""FieldMask is google.protobuf's, which has the same bytes."""

DECLARED = Declared(PACKAGE, MESSAGES)
message = DECLARED.message
"""The class of a message."""
