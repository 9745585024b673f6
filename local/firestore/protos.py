"""Firestore's protocol messages as plain protobuf classes.

The client library wraps every message in proto-plus, which costs several microseconds per field. A server
that parses each request and builds each answer uses the classes underneath.
"""

from typing import Any

from google.cloud.firestore_v1.types import (
    aggregation_result,
    common,
    document,
    explain_stats,
    firestore,
    query,
    query_profile,
    write,
)
from google.protobuf import timestamp_pb2
from google.rpc import status_pb2

Message = Any
"""A protobuf message; the generated classes carry no types."""

Document = document.Document.pb()
Value = document.Value.pb()
ArrayValue = document.ArrayValue.pb()
MapValue = document.MapValue.pb()
DocumentMask = common.DocumentMask.pb()
TransactionOptions = common.TransactionOptions.pb()
StructuredQuery = query.StructuredQuery.pb()
FieldFilter = query.StructuredQuery.FieldFilter.pb()
UnaryFilter = query.StructuredQuery.UnaryFilter.pb()
CompositeFilter = query.StructuredQuery.CompositeFilter.pb()
FindNearest = query.StructuredQuery.FindNearest.pb()
Cursor = query.Cursor.pb()
Write = write.Write.pb()
WriteResult = write.WriteResult.pb()
ExplainStats = explain_stats.ExplainStats.pb()
ExplainMetrics = query_profile.ExplainMetrics.pb()
AggregationResult = aggregation_result.AggregationResult.pb()
TargetChange = firestore.TargetChange.pb()
Timestamp = timestamp_pb2.Timestamp
Status = status_pb2.Status

BatchGetDocumentsRequest = firestore.BatchGetDocumentsRequest.pb()
BatchGetDocumentsResponse = firestore.BatchGetDocumentsResponse.pb()
BatchWriteRequest = firestore.BatchWriteRequest.pb()
BatchWriteResponse = firestore.BatchWriteResponse.pb()
BeginTransactionRequest = firestore.BeginTransactionRequest.pb()
BeginTransactionResponse = firestore.BeginTransactionResponse.pb()
CommitRequest = firestore.CommitRequest.pb()
CommitResponse = firestore.CommitResponse.pb()
CreateDocumentRequest = firestore.CreateDocumentRequest.pb()
DeleteDocumentRequest = firestore.DeleteDocumentRequest.pb()
ExecutePipelineRequest = firestore.ExecutePipelineRequest.pb()
ExecutePipelineResponse = firestore.ExecutePipelineResponse.pb()
GetDocumentRequest = firestore.GetDocumentRequest.pb()
ListCollectionIdsRequest = firestore.ListCollectionIdsRequest.pb()
ListCollectionIdsResponse = firestore.ListCollectionIdsResponse.pb()
ListDocumentsRequest = firestore.ListDocumentsRequest.pb()
ListDocumentsResponse = firestore.ListDocumentsResponse.pb()
ListenRequest = firestore.ListenRequest.pb()
ListenResponse = firestore.ListenResponse.pb()
PartitionQueryRequest = firestore.PartitionQueryRequest.pb()
PartitionQueryResponse = firestore.PartitionQueryResponse.pb()
RollbackRequest = firestore.RollbackRequest.pb()
RunAggregationQueryRequest = firestore.RunAggregationQueryRequest.pb()
RunAggregationQueryResponse = firestore.RunAggregationQueryResponse.pb()
RunQueryRequest = firestore.RunQueryRequest.pb()
RunQueryResponse = firestore.RunQueryResponse.pb()
UpdateDocumentRequest = firestore.UpdateDocumentRequest.pb()
WriteRequest = firestore.WriteRequest.pb()
WriteResponse = firestore.WriteResponse.pb()


def micros(stamp: Message) -> int:
    """Microseconds since the epoch of a Timestamp; Firestore keeps no finer time."""
    return int(stamp.seconds) * 1_000_000 + int(stamp.nanos) // 1000


def timestamp(time: int) -> Message:
    """The Timestamp of a time in microseconds since the epoch."""
    seconds, rest = divmod(time, 1_000_000)
    return Timestamp(seconds=seconds, nanos=rest * 1000)
