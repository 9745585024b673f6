"""Which class fills which role in the ingest function."""

from dataclasses import dataclass
from typing import Any

from shared.clock import SystemClock
from shared.gcp import clients
from shared.gcp.cloud_tasks import CloudTasks
from shared.gcp.directory import GoogleDirectory
from shared.gcp.drive_connector import DriveConnector
from shared.gcp.drive_identity import Connector
from shared.gcp.embeddings import Embeddings
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_folders import FirestoreChannels, FirestoreFolders, FirestoreMemberships
from shared.gcp.firestore_runs import FirestoreCollections, FirestoreRuns, FirestoreStates
from shared.gcp.firestore_statistics import FirestoreStatistics
from shared.gcp.gemini import Gemini
from shared.gcp.identity import caller_verifier, session_verifier
from shared.gcp.secrets import SecretManagerSecrets
from shared.gcp.vector_index import VectorIndex
from shared.ingestion.drive import Drive
from shared.ingestion.file import FileIngest
from shared.ingestion.groups import Groups
from shared.ingestion.ledger import Ledger
from shared.ingestion.push import Push
from shared.ingestion.queueing import Queueing
from shared.ingestion.registry import Registry
from shared.ingestion.resolve import Resolver
from shared.ingestion.steps import Stores
from shared.ingestion.sync import Sync
from shared.search.lexicon import Lexicon
from shared.settings import (
    DriveSettings,
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
    SchedulerSettings,
    SecretsSettings,
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
    registry: Registry
    push: Push
    files: FileIngest
    drive: Drive
    ledger: Ledger
    max_attempts: int
    guard: Guard


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    project, store, drive, tasks = ProjectSettings(), FirestoreSettings(), DriveSettings(), TasksSettings()
    db, clock = clients.firestore(project, store), SystemClock()
    records, runs = FirestoreFiles(db, store.timeout), FirestoreRuns(db, store.timeout)
    collections, states = FirestoreCollections(db, store.timeout), FirestoreStates(db, store.timeout)
    folders = FirestoreFolders(db, store.timeout)
    connector = DriveConnector(drive, _connector(project, drive))
    queueing = Queueing(records, CloudTasks(clients.tasks(tasks), tasks), clock)
    groups = Groups(GoogleDirectory(drive), FirestoreMemberships(db, store.timeout), clock)
    sync = Sync(Stores(connector, folders, collections, records, runs, queueing), states, groups)
    channels = FirestoreChannels(db, store.timeout)
    push = Push(connector, channels, queueing.queue, clock, drive.drive_push_url.rstrip("/"))
    return Services(
        sync=sync,
        registry=Registry(collections, states, sync, push),
        push=push,
        files=_file_ingest(db, connector, Resolver(connector, folders, collections, clock), groups, records),
        drive=connector,
        ledger=Ledger(collections, records, runs, queueing, clock),
        max_attempts=tasks.max_attempts,
        guard=_guard(db, store, tasks),
    )


def _connector(project: ProjectSettings, drive: DriveSettings) -> Connector:
    """As whom Drive is read; Secret Manager is only gone to when an admin's grant is kept there."""
    if not drive.drive_connector_secret:
        return Connector(drive)
    secrets = SecretsSettings()
    return Connector(
        drive, SecretManagerSecrets(clients.secrets(secrets), project.google_cloud_project, secrets)
    )


def _file_ingest(
    db: Any, connector: DriveConnector, resolver: Resolver, groups: Groups, records: FirestoreFiles
) -> FileIngest:
    project, store, genai, vector = ProjectSettings(), FirestoreSettings(), GenAISettings(), VectorSettings()
    model = clients.genai(project, genai)
    return FileIngest(
        drive=connector,
        resolver=resolver,
        groups=groups,
        records=records,
        chunks=FirestoreChunks(db, store.timeout),
        index=VectorIndex(clients.index_service(vector), vector),
        embedder=Embeddings(model, genai),
        transcriber=Gemini(model, genai),
        lexicon=Lexicon(FirestoreStatistics(db, store.timeout)),
        clock=resolver.clock,
        max_bytes=DriveSettings().max_file_bytes,
    )


def _guard(db: Any, store: FirestoreSettings, tasks: TasksSettings) -> Guard:
    session = SessionSettings()
    return Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
        callers=caller_verifier(),
        audience=tasks.target,
        task_accounts=frozenset([tasks.service_account]),
        scheduler_accounts=frozenset(filter(None, [SchedulerSettings().service_account])),
    )
