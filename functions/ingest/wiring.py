"""Which class fills which role in the ingest function."""

from dataclasses import dataclass

from shared.clock import SystemClock
from shared.gcp import clients
from shared.gcp.cloud_tasks import CloudTasks
from shared.gcp.directory import GoogleDirectory
from shared.gcp.drive_connector import DriveConnector
from shared.gcp.embeddings import Embeddings
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_runs import FirestoreCollections, FirestoreMemberships, FirestoreRuns
from shared.gcp.gemini import Gemini
from shared.gcp.identity import caller_verifier, session_verifier
from shared.gcp.vector_index import VectorIndex
from shared.ingestion.file import FileIngest
from shared.ingestion.interfaces import CollectionStore, Drive
from shared.ingestion.ledger import Ledger
from shared.ingestion.sync import Sync
from shared.settings import (
    DriveSettings,
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
    SchedulerSettings,
    SessionSettings,
    TasksSettings,
    VectorSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    sync: Sync
    files: FileIngest
    drive: Drive
    collections: CollectionStore
    ledger: Ledger
    max_attempts: int
    guard: Guard


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    project, store, drive = ProjectSettings(), FirestoreSettings(), DriveSettings()
    tasks, genai, vector = TasksSettings(), GenAISettings(), VectorSettings()
    db = clients.firestore(project, store)
    model = clients.genai(project, genai)
    clock = SystemClock()
    records = FirestoreFiles(db, store.timeout)
    collections = FirestoreCollections(db, store.timeout)
    runs = FirestoreRuns(db, store.timeout)
    connector = DriveConnector(drive)
    sync = Sync(
        drive=connector,
        directory=GoogleDirectory(drive),
        memberships=FirestoreMemberships(db, store.timeout),
        collections=collections,
        records=records,
        runs=runs,
        queue=CloudTasks(clients.tasks(tasks), tasks),
        clock=clock,
    )
    files = FileIngest(
        drive=connector,
        collections=collections,
        records=records,
        chunks=FirestoreChunks(db, store.timeout),
        index=VectorIndex(clients.index_service(vector), vector),
        embedder=Embeddings(model, genai),
        transcriber=Gemini(model, genai),
        clock=clock,
        max_bytes=drive.max_file_bytes,
    )
    session = SessionSettings()
    guard = Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
        callers=caller_verifier(),
        audience=tasks.target,
        task_accounts=frozenset([tasks.service_account]),
        scheduler_accounts=frozenset(filter(None, [SchedulerSettings().service_account])),
    )
    ledger = Ledger(collections, records, runs)
    return Services(sync, files, connector, collections, ledger, tasks.max_attempts, guard)
