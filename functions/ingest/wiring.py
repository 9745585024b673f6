"""Which class fills which role in the ingest function."""

from dataclasses import dataclass
from typing import Any

from shared.clock import SystemClock
from shared.gcp import clients, limits
from shared.gcp.cloud_tasks import CloudTasks
from shared.gcp.directory import GoogleDirectory
from shared.gcp.document_ai import DocumentAi
from shared.gcp.drive_connector import DriveConnector
from shared.gcp.drive_identity import Connector
from shared.gcp.embeddings import Embeddings
from shared.gcp.firestore_caches import VersionedFiles
from shared.gcp.firestore_chunks import FirestoreChunks
from shared.gcp.firestore_folders import FirestoreChannels, FirestoreFolders, FirestoreMemberships
from shared.gcp.firestore_indexes import FirestoreBuilds, FirestoreIndexStates
from shared.gcp.firestore_runs import FirestoreCollections, FirestoreRuns, FirestoreStates
from shared.gcp.firestore_statistics import FirestoreStatistics
from shared.gcp.firestore_transfers import FirestoreTransfers
from shared.gcp.gemini import Gemini
from shared.gcp.identity import audit_trail, caller_verifier, session_verifier
from shared.gcp.observing import reporter
from shared.gcp.own_account import cloud_credentials
from shared.gcp.secrets import SecretManagerSecrets
from shared.gcp.storage_objects import StorageObjects
from shared.gcp.vector_backend import backends
from shared.identity.audit import Trail
from shared.ingestion.build_cost import BuildEstimator
from shared.ingestion.building import Building
from shared.ingestion.choosing import Choosing
from shared.ingestion.drive import Drive
from shared.ingestion.estimate import Estimator
from shared.ingestion.file import FileIngest
from shared.ingestion.file_tasks import FileTasks
from shared.ingestion.groups import Groups
from shared.ingestion.indexes import Indexes, Target
from shared.ingestion.interfaces import Queue, RecordStore, Transcriber
from shared.ingestion.ledger import Ledger
from shared.ingestion.moving import Moving, Store
from shared.ingestion.parts import Embedding
from shared.ingestion.push import Push
from shared.ingestion.queueing import Queueing
from shared.ingestion.registry import Registry
from shared.ingestion.resolve import Resolver
from shared.ingestion.steps import Stores
from shared.ingestion.sync import Sync
from shared.limits.bookkeeper import Bookkeeper
from shared.observing.reporter import Reporter
from shared.search.lexicon import Lexicon
from shared.settings import (
    DriveSettings,
    ExportSettings,
    FirestoreSettings,
    GenAISettings,
    OcrSettings,
    ProjectSettings,
    SchedulerSettings,
    SecretsSettings,
    SessionSettings,
    TasksSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    sync: Sync
    registry: Registry
    push: Push
    files: FileTasks
    drive: Drive
    choosing: Choosing
    ledger: Ledger
    moving: Moving
    building: Building
    build_estimator: BuildEstimator
    trail: Trail
    estimator: Estimator
    max_attempts: int
    guard: Guard
    bookkeeper: Bookkeeper | None = None
    reporter: Reporter | None = None


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    project, store, drive, tasks = ProjectSettings(), FirestoreSettings(), DriveSettings(), TasksSettings()
    db, clock = clients.firestore(project, store), SystemClock()
    records, runs = VersionedFiles(db, store.timeout), FirestoreRuns(db, store.timeout)
    collections, states = FirestoreCollections(db, store.timeout), FirestoreStates(db, store.timeout)
    folders = FirestoreFolders(db, store.timeout)
    connector = DriveConnector(drive, _connector(project, drive))
    queueing = Queueing(records, CloudTasks(clients.tasks(tasks), tasks), clock)
    groups = Groups(GoogleDirectory(drive), FirestoreMemberships(db, store.timeout), clock)
    sync = Sync(Stores(connector, folders, collections, records, runs, queueing), states, groups)
    channels = FirestoreChannels(db, store.timeout)
    indexes = _indexes(db, store, project, queueing.queue)
    files = FileIngest(
        drive=connector,
        resolver=Resolver(connector, folders, collections, clock),
        groups=groups,
        records=records,
        chunks=FirestoreChunks(db, store.timeout),
        indexes=indexes,
        transcriber=_transcriber(project),
        lexicon=indexes.lexicon,
        clock=clock,
        max_bytes=drive.max_file_bytes,
    )
    push = Push(connector, channels, queueing.queue, clock, drive.drive_push_url.rstrip("/"))
    books = limits.bookkeeper(db, store)
    return Services(
        sync=sync,
        registry=Registry(collections, states, sync, push),
        push=push,
        files=FileTasks(files, queueing),
        drive=connector,
        choosing=Choosing(connector),
        ledger=Ledger(collections, records, runs, queueing, clock),
        moving=_moving(db, store, files, queueing),
        building=Building(
            indexes, FirestoreBuilds(db, store.timeout), records, files.chunks, queueing.queue, clock
        ),
        build_estimator=BuildEstimator(records, files.chunks, limits.prices()),
        trail=audit_trail(db, store),
        estimator=_estimator(connector, records, files.max_bytes),
        max_attempts=tasks.max_attempts,
        guard=_guard(db, store, tasks),
        bookkeeper=books,
        reporter=reporter("ingest", db, store, books),
    )


def _connector(project: ProjectSettings, drive: DriveSettings) -> Connector:
    """As whom Drive is read; Secret Manager is only gone to when an admin's grant is kept there."""
    if not drive.drive_connector_secret:
        return Connector(drive)
    secrets = SecretsSettings()
    return Connector(drive, SecretManagerSecrets(project.google_cloud_project, secrets))


def _indexes(db: Any, store: FirestoreSettings, project: ProjectSettings, queue: Queue) -> Indexes:
    """The indexes of the settings, each with its own model behind the day's budget."""
    targets = {}
    for one in backends():
        embedder = Embeddings(clients.models(project, one.genai), one.genai)
        name, length = one.genai.embedding_model, one.genai.embedding_dimensions
        targets[one.space] = Target(
            one.space,
            Embedding(name, length),
            limits.within_budget(embedder, name, db),
            one.index(db, store),
            one.contents(db, store),
        )
    lexicon = Lexicon(FirestoreStatistics(db, store.timeout))
    return Indexes(targets, FirestoreIndexStates(db, store.timeout), lexicon, queue)


def _moving(db: Any, store: FirestoreSettings, files: FileIngest, queueing: Queueing) -> Moving:
    export = ExportSettings()
    return Moving(
        store=Store(
            files.resolver.collections,
            FirestoreStates(db, store.timeout),
            queueing.records,
            files.chunks,
            files.indexes,
            files.lexicon,
            files.groups,
        ),
        transfers=FirestoreTransfers(db, store.timeout),
        objects=StorageObjects(export, cloud_credentials()),
        queue=queueing.queue,
        clock=queueing.clock,
        bucket=export.export_bucket,
    )


def _estimator(drive: Drive, records: RecordStore, max_bytes: int) -> Estimator:
    genai, ocr = GenAISettings(), OcrSettings()
    return Estimator(
        drive,
        records,
        limits.prices(),
        genai.embedding_model,
        "document-ai" if ocr.ocr_engine == "documentai" else genai.model,
        max_bytes,
    )


def _transcriber(project: ProjectSettings) -> Transcriber:
    ocr, genai = OcrSettings(), GenAISettings()
    if ocr.ocr_engine == "documentai":
        return DocumentAi(ocr, cloud_credentials())
    return Gemini(clients.models(project, genai), genai)


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
