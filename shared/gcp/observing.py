"""The reporter of a function, on Google's clients."""

from shared import log
from shared.gcp.cloud_trace import CloudTrace
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_numbers import FirestoreNumbers
from shared.limits.bookkeeper import Bookkeeper
from shared.observing.reporter import Reporter
from shared.settings import FirestoreSettings, ProjectSettings, TracingSettings


def reporter(function: str, db: Database, store: FirestoreSettings, bookkeeper: Bookkeeper) -> Reporter:
    """Numbers go to Firestore, traces to Cloud Trace when set; libraries' logs are taken over.

    `bookkeeper` counts what that costs.
    """
    log.take_over()
    tracing = TracingSettings()
    traces = CloudTrace(ProjectSettings().google_cloud_project, tracing) if tracing.url else None
    numbers = FirestoreNumbers(db, store.timeout, function)
    return Reporter(function, numbers, traces, begin=bookkeeper.outside)
