"""Where the vectors of chunks are: Vector Search, or Firestore (SEARCH_BACKEND)."""

from typing import TYPE_CHECKING

from shared.gcp.firestore_vectors import FirestoreContents, FirestoreIndex, FirestoreNeighbors
from shared.gcp.vector_calls import VectorCalls
from shared.gcp.vector_index import VectorContents, VectorIndex, VectorSearch
from shared.ingestion.interfaces import Index, IndexReader
from shared.search.interfaces import NeighborFinder
from shared.settings import FirestoreSettings, IndexSettings, VectorSettings

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient


def neighbor_finder(db: "AsyncClient", store: FirestoreSettings) -> NeighborFinder:
    """The side that answers."""
    if IndexSettings().backend == "firestore":
        return FirestoreNeighbors(db, store.timeout)
    vector = VectorSettings()
    return VectorSearch(VectorCalls(vector.match_host), vector)


def index(db: "AsyncClient", store: FirestoreSettings) -> Index:
    """The side that is written to."""
    if IndexSettings().backend == "firestore":
        return FirestoreIndex(db, store.timeout)
    vector = VectorSettings()
    return VectorIndex(VectorCalls(vector.index_host), vector)


def index_contents(db: "AsyncClient", store: FirestoreSettings) -> IndexReader:
    """What is in it, for an export."""
    if IndexSettings().backend == "firestore":
        return FirestoreContents(db, store.timeout)
    vector = VectorSettings()
    return VectorContents(VectorCalls(vector.match_host), vector)
