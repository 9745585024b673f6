"""Firestore's messages that Docent sends and reads itself (google.firestore.v1), declared here.

google.cloud.firestore takes as long to import as half of what is Docent's own, and each of its messages is
wrapped in another one. Of the messages these fields are used; a test compares each with Google's package.
"""

from functools import cache
from typing import Any

from shared.gcp.declared import Declared

_TIME = "google.protobuf.Timestamp"
MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Value": {
        "null_value": (11, "int32 of value_type"),
        "boolean_value": (1, "bool of value_type"),
        "integer_value": (2, "int64 of value_type"),
        "double_value": (3, "double of value_type"),
        "timestamp_value": (10, f"{_TIME} of value_type"),
        "string_value": (17, "string of value_type"),
        "bytes_value": (18, "bytes of value_type"),
        "reference_value": (5, "string of value_type"),
        "array_value": (9, "ArrayValue of value_type"),
        "map_value": (6, "MapValue of value_type"),
    },
    "ArrayValue": {"values": (1, "Value*")},
    "MapValue": {"fields": (1, "map Value")},
    "Document": {"name": (1, "string"), "fields": (2, "map Value"), "update_time": (4, _TIME)},
    "DocumentMask": {"field_paths": (1, "string*")},
    "Precondition": {
        "exists": (1, "bool of condition_type"),
        "update_time": (2, f"{_TIME} of condition_type"),
    },
    "DocumentTransform": {},
    "DocumentTransform.FieldTransform": {
        "field_path": (1, "string"),
        "increment": (3, "Value of transform_type"),
        "maximum": (4, "Value of transform_type"),
        "minimum": (5, "Value of transform_type"),
        "append_missing_elements": (6, "ArrayValue of transform_type"),
    },
    "Write": {
        "update": (1, "Document of operation"),
        "delete": (2, "string of operation"),
        "update_mask": (3, "DocumentMask"),
        "update_transforms": (7, "DocumentTransform.FieldTransform*"),
        "current_document": (4, "Precondition"),
    },
    "WriteResult": {"update_time": (1, _TIME), "transform_results": (2, "Value*")},
    "Status": {"code": (1, "int32")},
    "BatchGetDocumentsRequest": {
        "database": (1, "string"),
        "documents": (2, "string*"),
        "mask": (3, "DocumentMask"),
    },
    "BatchGetDocumentsResponse": {"found": (1, "Document of result"), "missing": (2, "string of result")},
    "CommitRequest": {"database": (1, "string"), "writes": (2, "Write*")},
    "CommitResponse": {"write_results": (1, "WriteResult*")},
    "BatchWriteRequest": {"database": (1, "string"), "writes": (2, "Write*")},
    "BatchWriteResponse": {"write_results": (1, "WriteResult*"), "status": (2, "Status*")},
    "StructuredQuery": {
        "select": (1, "StructuredQuery.Projection"),
        "from_": (2, "StructuredQuery.CollectionSelector*"),
        "where": (3, "StructuredQuery.Filter"),
    },
    "StructuredQuery.FieldReference": {"field_path": (2, "string")},
    "StructuredQuery.Projection": {"fields": (2, "StructuredQuery.FieldReference*")},
    "StructuredQuery.CollectionSelector": {"collection_id": (2, "string")},
    "StructuredQuery.Filter": {
        "composite_filter": (1, "StructuredQuery.CompositeFilter of filter_type"),
        "field_filter": (2, "StructuredQuery.FieldFilter of filter_type"),
    },
    "StructuredQuery.CompositeFilter": {"op": (1, "int32"), "filters": (2, "StructuredQuery.Filter*")},
    "StructuredQuery.FieldFilter": {
        "field": (1, "StructuredQuery.FieldReference"),
        "op": (2, "int32"),
        "value": (3, "Value"),
    },
    "RunQueryRequest": {"parent": (1, "string"), "structured_query": (2, "StructuredQuery of query_type")},
    "RunQueryResponse": {"document": (1, "Document")},
    "StructuredAggregationQuery": {
        "structured_query": (1, "StructuredQuery of query_type"),
        "aggregations": (3, "StructuredAggregationQuery.Aggregation*"),
    },
    "StructuredAggregationQuery.Aggregation": {
        "count": (1, "StructuredAggregationQuery.Aggregation.Count of operator"),
        "alias": (7, "string"),
    },
    "StructuredAggregationQuery.Aggregation.Count": {},
    "AggregationResult": {"aggregate_fields": (2, "map Value")},
    "RunAggregationQueryRequest": {
        "parent": (1, "string"),
        "structured_aggregation_query": (2, "StructuredAggregationQuery of query_type"),
    },
    "RunAggregationQueryResponse": {"result": (1, "AggregationResult")},
}
"""Status is google.rpc's, which has the same bytes; `from_` stands for `from`, a word of Python's."""
OPERATORS = {"==": 5, "array_contains": 7}
"""StructuredQuery.FieldFilter.Operator."""
AND, OR = 1, 2
"""StructuredQuery.CompositeFilter.Operator."""


class Kinds:
    """The classes of the messages."""

    def __init__(self) -> None:
        message = Declared("google.firestore.v1", MESSAGES, ["timestamp_pb2"]).message
        self.value: Any = message("Value")
        self.write: Any = message("Write")
        self.transform: Any = message("DocumentTransform.FieldTransform")
        self.structured: Any = message("StructuredQuery")
        self.get: Any = message("BatchGetDocumentsRequest")
        self.got: Any = message("BatchGetDocumentsResponse")
        self.query: Any = message("RunQueryRequest")
        self.queried: Any = message("RunQueryResponse")
        self.counting: Any = message("RunAggregationQueryRequest")
        self.counted: Any = message("RunAggregationQueryResponse")
        self.commit: Any = message("CommitRequest")
        self.committed: Any = message("CommitResponse")
        self.each: Any = message("BatchWriteRequest")
        self.each_done: Any = message("BatchWriteResponse")


@cache
def kinds() -> Kinds:
    """The classes, made when the first is needed."""
    return Kinds()
