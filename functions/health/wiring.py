"""Which class fills which role in the health function."""

from dataclasses import dataclass
from typing import Any

from functions.health.gauges import Gauges
from functions.health.people import PeopleSpending
from functions.health.requests import Requests
from shared.clock import SystemClock
from shared.gcp import clients, limits
from shared.gcp.economy import economy
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_numbers import FirestoreNumbers
from shared.gcp.firestore_questions import FirestoreQuestions
from shared.gcp.firestore_runs import FirestoreCollections, FirestoreRuns
from shared.gcp.firestore_usage import FirestoreUsage
from shared.gcp.firestore_users import FirestoreUsers
from shared.gcp.identity import audit_reader, audit_trail, caller_verifier, session_verifier
from shared.gcp.observing import reporter
from shared.gcp.probes import GrpcProbe, HttpProbe
from shared.identity.audit import Trail
from shared.identity.audit_reading import AuditReader
from shared.ingestion.interfaces import CollectionStore
from shared.limits.bookkeeper import Bookkeeper
from shared.limits.economy import Economy
from shared.observing.checks import Check, Checks
from shared.observing.interfaces import NumberStore
from shared.observing.questions import Questions
from shared.observing.reporter import Reporter
from shared.settings import (
    FirestoreSettings,
    HealthSettings,
    ProjectSettings,
    SchedulerSettings,
    SessionSettings,
    refuse_emulators_when_deployed,
)
from shared.web.guard import Guard, origin_of

_DEADLINE = 2.0
"""Seconds a dependency has to answer: a health check that hangs is worse than one that says no."""
_TASKS = "cloudtasks.googleapis.com"


@dataclass(frozen=True)
class Services:
    """What the handlers call."""

    guard: Guard
    collections: CollectionStore
    checks: Checks
    gauges: Gauges
    numbers: NumberStore
    audit: AuditReader
    trail: Trail
    questions: Questions
    people: PeopleSpending
    requests: Requests
    bookkeeper: Bookkeeper | None = None
    economy: Economy | None = None
    reporter: Reporter | None = None


def build_services() -> Services:
    """The services of this instance; call inside the serving event loop."""
    refuse_emulators_when_deployed()
    store, now = FirestoreSettings(), SystemClock().now
    db = clients.firestore(ProjectSettings(), store)
    collections, usage = FirestoreCollections(db, store.timeout), FirestoreUsage(db, store.timeout)
    checks, trail = Checks(_checks(collections)), audit_trail(db, store)
    files, runs = FirestoreFiles(db, store.timeout), FirestoreRuns(db, store.timeout)
    asked = FirestoreQuestions(db, store.timeout, limits.prices().cost)
    reader, books = audit_reader(db, store), limits.bookkeeper(db, store)
    return Services(
        guard=_guard(db, store),
        collections=collections,
        checks=checks,
        gauges=Gauges(collections, files, runs, usage, checks, now),
        numbers=FirestoreNumbers(db, store.timeout, "health"),
        audit=reader,
        trail=trail,
        questions=Questions(asked, now),
        people=PeopleSpending(
            FirestoreUsers(db, store.timeout), usage, limits.admissions(db, asks=False), trail, now
        ),
        requests=Requests(asked, reader, FirestoreAudit(db, store.timeout), *_links()),
        bookkeeper=books,
        economy=economy(db, store),
        reporter=reporter("health", db, store, books),
    )


def _guard(db: Any, store: FirestoreSettings) -> Guard:
    session = SessionSettings()
    return Guard(
        people=session_verifier(db, store),
        origins=frozenset([origin_of(session.frontend_url), *session.cors_origins]),
        callers=caller_verifier(),
        audience=session.frontend_url.rstrip("/"),
        scheduler_accounts=frozenset(filter(None, [SchedulerSettings().service_account])),
    )


def _checks(collections: CollectionStore) -> list[Check]:
    """In the order in which a question meets them."""
    known = HealthSettings()
    region = "" if known.genai_location == "global" else f"{known.genai_location}-"
    model = known.genai_base_url or f"https://{region}aiplatform.googleapis.com"
    discovery = f"{known.google_issuer.rstrip('/')}/.well-known/openid-configuration"
    index = GrpcProbe(known.vector_match_host, "/google.cloud.aiplatform.v1.MatchService/FindNeighbors")
    queue = GrpcProbe(known.tasks_host or _TASKS, "/google.cloud.tasks.v2.CloudTasks/GetQueue")
    return [
        Check("database", collections.all, _DEADLINE),
        Check("session keys", HttpProbe(known.auth_jwks_url), _DEADLINE),
        Check("sign-in", HttpProbe(discovery), _DEADLINE),
        Check("model", HttpProbe(model), _DEADLINE),
        *([Check("index", index, _DEADLINE)] if known.vector_match_host else []),
        Check("drive", HttpProbe(f"{known.drive_url.rstrip('/')}/about?fields=user"), _DEADLINE),
        Check("queue", queue, _DEADLINE),
    ]


def _links() -> tuple[str, str]:
    """The project and, on one's own machine, the page that shows traces."""
    home = SessionSettings().frontend_url.rstrip("/")
    own = home.startswith(("http://127.0.0.1", "http://localhost"))
    return ProjectSettings().google_cloud_project, f"{home}/local/control/" if own else ""
