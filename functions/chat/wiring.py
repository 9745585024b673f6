"""Which class fills which role in the chat function."""

from dataclasses import dataclass

from shared.answers.interfaces import Evidence, NearFile
from shared.answers.service import AnswerService
from shared.clock import SystemClock
from shared.gcp import clients
from shared.gcp.embeddings import Embeddings
from shared.gcp.firestore_conversations import FirestoreConversations
from shared.gcp.firestore_folders import FirestoreMemberships
from shared.gcp.firestore_library import FirestoreLibrary
from shared.gcp.firestore_runs import FirestoreCollections
from shared.gcp.firestore_statistics import FirestoreStatistics
from shared.gcp.gemini import Gemini
from shared.gcp.identity import explainer, file_access, session_verifier
from shared.gcp.ranking import VertexRanking
from shared.gcp.vector_index import VectorSearch
from shared.identity.explanation import Explainer
from shared.ingestion.interfaces import CollectionStore
from shared.models import Person, Scope
from shared.search.interfaces import Reranker
from shared.search.passages import Limits
from shared.search.service import Search
from shared.settings import (
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
    RankingSettings,
    SearchSettings,
    SessionSettings,
    VectorSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    answers: AnswerService
    search: Search
    collections: CollectionStore
    explainer: Explainer
    guard: Guard


@dataclass(frozen=True)
class SearchEvidence:
    """The Searcher of answers, played by search."""

    search: Search

    async def evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        """What search finds, in the words of answers."""
        found = await self.search.find(person, question, scope)
        nearest = tuple(NearFile(entry.id, entry.name, entry.link) for entry in found.nearest)
        return Evidence(found.passages, found.evidence, nearest)


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    project, store, genai = ProjectSettings(), FirestoreSettings(), GenAISettings()
    vector, searching, session = VectorSettings(), SearchSettings(), SessionSettings()
    db = clients.firestore(project, store)
    model = clients.genai(project, genai)
    rights = file_access(db, project, store)
    search = Search(
        embedder=Embeddings(model, genai),
        finder=VectorSearch(clients.match_service(vector), vector),
        library=FirestoreLibrary(db, store.timeout),
        rights=rights,
        memberships=FirestoreMemberships(db, store.timeout),
        statistics=FirestoreStatistics(db, store.timeout),
        limits=Limits(searching.candidates, searching.passages, searching.per_file),
        reranker=_reranker(project),
    )
    answers = AnswerService(
        searcher=SearchEvidence(search),
        model=Gemini(model, genai),
        conversations=FirestoreConversations(db, store.timeout),
        clock=SystemClock(),
        threshold=searching.evidence_threshold,
    )
    guard = Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
    )
    return Services(
        answers, search, FirestoreCollections(db, store.timeout), explainer(db, store, rights), guard
    )


def _reranker(project: ProjectSettings) -> Reranker | None:
    settings = RankingSettings()
    if not settings.enabled:
        return None
    return VertexRanking(lambda: clients.ranking(settings), project, settings)
