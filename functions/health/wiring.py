"""Which class fills which role in the health function."""

import asyncio
from dataclasses import dataclass

from functions.health.schemas import Health, Stats
from shared.errors import AppError
from shared.gcp import clients
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_runs import FirestoreCollections
from shared.gcp.identity import audit_reader, session_verifier
from shared.identity.audit_reading import AuditReader
from shared.ingestion.interfaces import CollectionStore, RecordStore
from shared.log import get_logger
from shared.settings import (
    FirestoreSettings,
    ProjectSettings,
    SessionSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of

_log = get_logger("health")
DEADLINE = 2.0
"""Seconds: a health check that hangs is worse than one that says no."""


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    collections: CollectionStore
    records: RecordStore
    guard: Guard
    audit: AuditReader

    async def health(self) -> Health:
        """Whether Docent can answer; never raises."""
        try:
            async with asyncio.timeout(DEADLINE):
                stats = await self.stats()
        except (AppError, TimeoutError):
            _log.warning("health.degraded")
            return Health(status="degraded", rag_initialized=False, collections_available=0)
        return Health(
            status="ok", rag_initialized=stats.files_indexed > 0, collections_available=stats.collections
        )

    async def stats(self) -> Stats:
        """Numbers of collections and indexed files. Raises Unavailable, Timeout."""
        collections = await self.collections.all()
        counts = await asyncio.gather(*(self.records.counts(one.id) for one in collections))
        indexed = sum(count["indexed"] + count["partial"] for count in counts)
        return Stats(collections=len(collections), files_indexed=indexed)


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    store, session = FirestoreSettings(), SessionSettings()
    db = clients.firestore(ProjectSettings(), store)
    guard = Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
    )
    return Services(
        FirestoreCollections(db, store.timeout),
        FirestoreFiles(db, store.timeout),
        guard,
        audit_reader(db, store),
    )
