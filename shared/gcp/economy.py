"""Caches, and what administrators see of them and of money, on Google's clients."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.gcp import clients, limits
from shared.gcp.firestore_caches import FirestoreCaches, FirestorePastQuestions
from shared.gcp.firestore_claims import FirestoreClaims
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_indexes import FirestoreIndexStates
from shared.gcp.firestore_usage import FirestoreUsage
from shared.limits.answers import AnswerCache, QuestionVectors, Sources
from shared.limits.caching import CacheOffice
from shared.limits.costs import CostReport
from shared.limits.economy import Economy
from shared.limits.embeddings import CachedEmbedder, Embedder
from shared.limits.memory import Memory
from shared.limits.prices import NANO
from shared.limits.questions import digest
from shared.limits.turns import Turns
from shared.settings import (
    BudgetSettings,
    CacheSettings,
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
)

if TYPE_CHECKING:
    from shared.gcp.embeddings import Embeddings


@dataclass(frozen=True)
class Caches:
    """One memory and one store for all layers of this instance."""

    memory: Memory
    store: FirestoreCaches
    settings: CacheSettings
    turns: Turns

    @classmethod
    def of(cls, db: Database, store: FirestoreSettings) -> "Caches":
        """As set."""
        settings = CacheSettings()
        turns = Turns(FirestoreClaims(db, store.timeout), settings.lease)
        return cls(Memory(settings.memory_bytes), FirestoreCaches(db, store.timeout), settings, turns)

    def embedder(self, inner: Embedder, genai: GenAISettings) -> CachedEmbedder:
        """Vectors of questions."""
        space = limits.vector_space(genai)
        days = self.settings.embedding_days
        return CachedEmbedder(inner, self.memory, self.store, space, limits.pepper(), days)

    def answers(self, sources: Sources, embedder: QuestionVectors, *prompt: str) -> AnswerCache:
        """Answers; other words of `prompt` (instructions, settings) make the old ones unreachable."""
        return AnswerCache(
            self.memory,
            self.store,
            sources,
            GenAISettings().model,
            digest(*prompt),
            self.settings.answer_hours,
            embedder=embedder,
            turns=self.turns,
        )


def economy(db: Database, store: FirestoreSettings) -> Economy:
    """What health shows."""
    usage, prices, genai = FirestoreUsage(db, store.timeout), limits.prices(), GenAISettings()
    caches = Caches.of(db, store)
    questions, states = FirestorePastQuestions(db, store.timeout), FirestoreIndexStates(db, store.timeout)

    async def embedder() -> CachedEmbedder:
        """Of the index that answers."""
        own = limits.genai_of(genai, await states.answering())
        return caches.embedder(_LazyEmbeddings(own), own)

    return Economy(
        CostReport(usage, prices, round(BudgetSettings().organisation * NANO)),
        CacheOffice(caches.store, usage, prices, questions, embedder),
    )


class _LazyEmbeddings:
    """The embedding model, whose client is made when it is first needed: most of health never needs it."""

    def __init__(self, settings: GenAISettings) -> None:
        self._settings = settings

    async def query(self, text: str) -> list[float]:
        """As QueryEmbedder."""
        return await self._real.query(text)

    @cached_property
    def _real(self) -> "Embeddings":
        from shared.gcp.embeddings import Embeddings

        return Embeddings(clients.models(ProjectSettings(), self._settings), self._settings)
