"""Where the vectors of chunks are, and who makes them: the index of the settings, and the next one beside.

Each is on Vector Search or in Firestore (SEARCH_BACKEND, NEXT_SEARCH_BACKEND), and has a name that no other
one has: its space. Settings that say the same give the same name, whichever of the two they call it.
"""

from dataclasses import dataclass

from shared.gcp.firestore_database import Database
from shared.gcp.firestore_vectors import (
    MOST_DIMENSIONS,
    FirestoreContents,
    FirestoreIndex,
    FirestoreNeighbors,
)
from shared.gcp.vector_calls import VectorCalls
from shared.gcp.vector_index import VectorContents, VectorIndex, VectorSearch
from shared.ingestion.interfaces import Index, IndexReader
from shared.search.interfaces import NeighborFinder
from shared.settings import (
    FirestoreSettings,
    GenAISettings,
    IndexSettings,
    Misconfigured,
    NextIndexSettings,
    VectorSettings,
)


@dataclass(frozen=True)
class Backend:
    """One index of the settings: on Vector Search as `vector` says, else in Firestore's `collection`."""

    genai: GenAISettings
    collection: str
    vector: VectorSettings | None

    @property
    def space(self) -> str:
        """The name of the index, with model and length of its vectors."""
        place = f"vertex {self.vector.index}" if self.vector else f"firestore {self.collection}"
        return f"{place} {self.genai.embedding_model} {self.genai.embedding_dimensions}"

    def finder(self, db: Database, store: FirestoreSettings) -> NeighborFinder:
        """The side that answers."""
        if self.vector is None:
            return FirestoreNeighbors(db, store.timeout, self.collection)
        return VectorSearch(VectorCalls(self.vector.match_host), self.vector)

    def index(self, db: Database, store: FirestoreSettings) -> Index:
        """The side that is written to."""
        if self.vector is None:
            return FirestoreIndex(db, store.timeout, self.collection)
        return VectorIndex(VectorCalls(self.vector.index_host), self.vector)

    def contents(self, db: Database, store: FirestoreSettings) -> IndexReader:
        """What is in it."""
        if self.vector is None:
            return FirestoreContents(db, store.timeout, self.collection)
        return VectorContents(VectorCalls(self.vector.match_host), self.vector)


def backends() -> tuple[Backend, ...]:
    """The index of the settings, and the one of NEXT_ where a model is named. Raises Misconfigured."""
    place, genai, following = IndexSettings(), GenAISettings(), NextIndexSettings()
    vector = VectorSettings() if place.backend == "vertex" else None
    first = Backend(genai, place.vectors, vector)
    if not following.embedding_model:
        return (first,)
    second = _following(first, following, following.search_backend or place.backend)
    for one in (first, second):
        if one.vector is None and one.genai.embedding_dimensions > MOST_DIMENSIONS:
            raise Misconfigured(f"An index in Firestore has at most {MOST_DIMENSIONS} dimensions.")
    if second.space == first.space:
        raise Misconfigured("The index of NEXT_ is the one of the other settings; name another one.")
    return first, second


def _following(first: Backend, following: NextIndexSettings, backend: str) -> Backend:
    genai = first.genai.model_copy(
        update={
            "embedding_model": following.embedding_model,
            "embedding_dimensions": following.embedding_dimensions,
            "embedding_instances": following.embedding_instances,
        }
    )
    if backend == "firestore":
        return Backend(genai, following.search_vectors, None)
    if not following.vector_index or not following.vector_deployed_index:
        raise Misconfigured("NEXT_VECTOR_INDEX and NEXT_VECTOR_DEPLOYED_INDEX are to be set.")
    named = {"index": following.vector_index, "deployed_index": following.vector_deployed_index}
    return Backend(genai, following.search_vectors, VectorSettings(**named))  # type: ignore[arg-type]
