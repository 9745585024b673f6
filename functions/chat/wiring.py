"""Which class fills which role in the chat function."""

from dataclasses import dataclass, field
from typing import Any

from functions.chat.begun import KnownIndex, KnownMemberships
from functions.chat.caching import CountedRights, QuestionVectors, SearchSources
from functions.chat.evidence import SearchEvidence
from shared.answers.cached import CachedAnswers, HeldConversations
from shared.answers.conversations import Conversations
from shared.answers.interfaces import AnswerModel, Delta, Prompt
from shared.answers.prompt import VERSION, instructions
from shared.answers.service import AnswerService
from shared.answers.suggestions import Suggester
from shared.answers.tables.answering import TableAnswers
from shared.answers.writing import Policy
from shared.clock import SystemClock
from shared.gcp import clients, limits
from shared.gcp.economy import Caches
from shared.gcp.embeddings import Embeddings
from shared.gcp.firestore_browsing import FirestoreShelf
from shared.gcp.firestore_conversations import FirestoreConversations
from shared.gcp.firestore_folders import FirestoreMemberships
from shared.gcp.firestore_indexes import FirestoreIndexStates
from shared.gcp.firestore_library import FirestoreLibrary
from shared.gcp.firestore_runs import FirestoreCollections
from shared.gcp.firestore_statistics import FirestoreStatistics
from shared.gcp.gemini import Gemini
from shared.gcp.grounding import CheckGrounding
from shared.gcp.identity import explainer, rights, session_verifier
from shared.gcp.observing import reporter
from shared.gcp.ranking import VertexRanking
from shared.gcp.vector_backend import backends
from shared.identity.downloads import DriveDownloads, RecordedDownloads
from shared.identity.explanation import Explainer
from shared.ingestion.interfaces import CollectionStore
from shared.limits.admission import Admissions
from shared.limits.answers import AnswerCache
from shared.limits.bookkeeper import Bookkeeper
from shared.limits.embeddings import CachedEmbedder
from shared.limits.spending import BudgetedModel, SharedModel
from shared.observing.reporter import Reporter
from shared.search.answering import AnsweringIndex, Space
from shared.search.browsing import Browser
from shared.search.interfaces import Reranker
from shared.search.passages import Limits
from shared.search.reach import Reach
from shared.search.service import Search
from shared.settings import (
    AnswerSettings,
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
    RankingSettings,
    SearchSettings,
    SessionSettings,
    WebSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    answers: AnswerService | CachedAnswers
    search: Search
    collections: CollectionStore
    explainer: Explainer
    guard: Guard
    bookkeeper: Bookkeeper | None = None
    cache: AnswerCache | None = None
    reporter: Reporter | None = None
    conversations: Conversations = field(kw_only=True)
    reach: Reach = field(kw_only=True)
    browser: Browser = field(kw_only=True)
    suggester: Suggester = field(kw_only=True)
    downloads: DriveDownloads | RecordedDownloads = field(kw_only=True)


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    project, store, genai = ProjectSettings(), FirestoreSettings(), GenAISettings()
    searching, session = SearchSettings(), SessionSettings()
    db = clients.firestore(project, store)
    model = clients.models(project, genai)
    may = rights(db, project, store)
    caches = Caches.of(db, store)
    answering_index = KnownIndex(FirestoreIndexStates(db, store.timeout))
    memberships = KnownMemberships(FirestoreMemberships(db, store.timeout))
    index, vectors = _index(db, store, model, caches, answering_index)
    search = Search(
        index=index,
        library=FirestoreLibrary(db, store.timeout),
        rights=CountedRights(may.files),
        memberships=memberships,
        statistics=FirestoreStatistics(db, store.timeout),
        limits=Limits(searching.candidates, searching.passages, searching.per_file),
        reranker=_reranker(project),
    )
    counting = limits.admissions(db, asks=True)
    books = limits.bookkeeper(db, store, counting)
    evidence, kept = SearchEvidence(search), FirestoreConversations(db, store.timeout)
    held = HeldConversations(kept)
    answering = AnswerSettings()
    answers = AnswerService(
        searcher=evidence,
        model=_answering(Gemini(model, genai), counting, genai),
        conversations=held if caches.settings.enabled else kept,
        clock=SystemClock(),
        threshold=searching.evidence_threshold,
        policy=_policy(answering, project),
        tables=TableAnswers(answering.table_plans),
    )
    guard = Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
        admissions=counting,
        trusted_hops=WebSettings().trusted_proxy_hops,
    )
    cache = None
    if caches.settings.enabled:
        written_by = VERSION, instructions(VERSION), answering.model_dump_json(), searching.model_dump_json()
        sources = SearchSources(evidence, memberships.begun)
        questions = QuestionVectors(index, vectors, answering_index.begun)
        cache = caches.answers(sources, questions, *written_by)
    return Services(
        CachedAnswers(answers, held, cache, SystemClock()) if cache else answers,
        search,
        FirestoreCollections(db, store.timeout),
        explainer(db, store, may.files),
        guard,
        books,
        cache,
        reporter("chat", db, store, books),
        conversations=Conversations(kept, evidence, SystemClock()),
        reach=Reach(index, may.files, search.memberships),
        browser=Browser(FirestoreShelf(db, store.timeout), may.files, may.folders, search.memberships),
        suggester=Suggester(evidence),
        downloads=may.downloads,
    )


def _index(
    db: Any, store: FirestoreSettings, model: Any, caches: Caches, answering: KnownIndex
) -> tuple[AnsweringIndex, dict[str, CachedEmbedder]]:
    """The index that answers among those of the settings, and the kept vectors of questions by space."""
    known = backends()
    vectors = {one.space: caches.embedder(Embeddings(model, one.genai), one.genai) for one in known}
    spaces = {
        one.space: Space(
            vectors[one.space] if caches.settings.enabled else vectors[one.space].inner,
            one.finder(db, store),
            one.genai.embedding_dimensions,
        )
        for one in known
    }
    return AnsweringIndex(spaces, answering), vectors


def _answering(model: AnswerModel, counting: Admissions, genai: GenAISettings) -> AnswerModel:
    """The model behind the budgets, asked once for all who ask the same at the same time."""
    budgeted = BudgetedModel[Prompt, Delta](
        model, counting, limits.prices(), genai.model, genai.max_output_tokens
    )
    return SharedModel[Prompt, Delta](budgeted)


def _policy(settings: AnswerSettings, project: ProjectSettings) -> Policy:
    if not settings.grounding:
        return Policy(settings.unsupported, settings.seconds)
    place = RankingSettings(url=settings.grounding_url, timeout=settings.grounding_timeout)
    grounding = CheckGrounding(lambda: clients.ranking(place), project, settings)
    return Policy(settings.unsupported, settings.seconds, grounding)


def _reranker(project: ProjectSettings) -> Reranker | None:
    settings = RankingSettings()
    if not settings.enabled:
        return None
    return VertexRanking(lambda: clients.ranking(settings), project, settings)
