"""The environment of the four functions: what terraform sets on them in the cloud, with local addresses."""

import json
import os
from pathlib import Path

from local.runner.lock import MARK, mark
from local.runner.people import ServedDrive
from local.runner.ports import Ports

PROJECT = "docent-local"
REGION = "us-central1"
CLIENT_ID = f"{PROJECT}.apps.googleusercontent.com"
QUEUE = f"projects/{PROJECT}/locations/{REGION}/queues/ingest"
INDEX = f"projects/{PROJECT}/locations/{REGION}/indexes/1"
ENDPOINT = f"projects/{PROJECT}/locations/{REGION}/indexEndpoints/1"
DEPLOYED_INDEX = "docent"
EXPORTS = f"{PROJECT}-exports"
"""The bucket that collections are exported to."""
MAX_ATTEMPTS = 8
"""Of the ingest queue, which the function is told too."""
DIMENSIONS = 384
"""The width of the bundled embedding model."""

TASKS_ACCOUNT = f"tasks@{PROJECT}.iam.gserviceaccount.com"
SCHEDULER_ACCOUNT = f"scheduler@{PROJECT}.iam.gserviceaccount.com"

_GENEROUS = {
    "RATELIMIT_STANDARD": "10000/minute, 100000/hour, 1000000/day",
    "RATELIMIT_PREMIUM": "10000/minute, 100000/hour, 1000000/day",
    "RATELIMIT_ORGANISATION": "100000/minute",
    "RATELIMIT_ADDRESS": "100000/minute",
}
"""Limits that are counted as in the cloud, and that nobody meets: everybody here is one machine."""

CHECKOUT = Path(__file__).resolve().parents[2]


def process_environment(state: Path) -> dict[str, str]:
    """This process's environment without anything that leads to a real Google account, and marked."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("GOOGLE_", "GCLOUD_", "CLOUDSDK_", "GCE_", "K_", "FUNCTION_"))
        and not key.endswith("_EMULATOR_HOST")
        and key not in {"PORT", "HOST", "DEBUG", "WEB_CONCURRENCY", "WORKERS", "THREADS"}
        and key != "PYTHONDONTWRITEBYTECODE"  # thirteen processes that compile their modules at each start
    }
    empty = state / "no-google-login"
    empty.mkdir(parents=True, exist_ok=True)
    return kept | {
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONUNBUFFERED": "1",
        "CLOUDSDK_CONFIG": str(empty),
        "NO_PROXY": "127.0.0.1,localhost",
        MARK: mark(state),
    }


def function_environment(
    ports: Ports, drive: ServedDrive, exports: dict[str, str], state: Path
) -> dict[str, str]:
    """What one function is started with; `exports` are the addresses that the stand-ins gave."""
    firebase = {"FIREBASE_PROJECT": PROJECT} if "FIREBASE_CERTS_URL" in exports else {}
    return process_environment(state) | exports | settings(ports, drive) | firebase


def settings(ports: Ports, drive: ServedDrive) -> dict[str, str]:
    """The settings contract: names as in shared/settings.py and terraform, values of this block."""
    front = ports.url("gateway")
    return {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "TASKS_QUEUE": QUEUE,
        "TASKS_MAX_ATTEMPTS": str(MAX_ATTEMPTS),
        "TASKS_TARGET": front,
        "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
        "SCHEDULER_SERVICE_ACCOUNT": SCHEDULER_ACCOUNT,
        "DRIVE_PUSH_URL": front,
        "EXPORT_BUCKET": EXPORTS,
        "GENAI_LOCATION": REGION,
        "GENAI_MODEL": "gemini-3.5-flash-lite",
        "GENAI_EMBEDDING_MODEL": "gemini-embedding-001",
        "GENAI_EMBEDDING_DIMENSIONS": str(DIMENSIONS),
        "VECTOR_INDEX": INDEX,
        "VECTOR_ENDPOINT": ENDPOINT,
        "VECTOR_DEPLOYED_INDEX": DEPLOYED_INDEX,
        "NEXT_EMBEDDING_DIMENSIONS": _next_dimensions(),
        "NEXT_VECTOR_INDEX": f"{INDEX}{_next_dimensions()}",
        "NEXT_VECTOR_DEPLOYED_INDEX": f"{DEPLOYED_INDEX}_{_next_dimensions()}",
        "GOOGLE_CLIENT_ID": CLIENT_ID,
        "OAUTH_REDIRECT_URI": f"{front}/auth/callback",
        "FRONTEND_URL": front,
        "CORS_ORIGINS": front,
        "AUTH_JWKS_URL": f"{front}/auth/jwks",
        "ALLOWED_DOMAINS": ",".join(drive.domains),
        "ADMIN_EMAILS": drive.admin,
        "TRACING_URL": f"{front}/local/control",
        **{name: os.environ.get(name, most) for name, most in _GENEROUS.items()},
    }


def stand_in_settings(ports: Ports, secrets: dict[str, str]) -> dict[str, dict[str, str]]:
    """What terraform, the console and an operator would have set on each service, by stand-in.

    `secrets` are the operator's: name to value.
    """
    queue = {
        "name": QUEUE,
        "retryConfig": {"maxAttempts": MAX_ATTEMPTS, "minBackoff": "1s", "maxBackoff": "60s"},
        "rateLimits": {"maxDispatchesPerSecond": 50, "maxConcurrentDispatches": 4},
    }
    index = {
        "index": INDEX,
        "endpoint": ENDPOINT,
        "deployed_index_id": DEPLOYED_INDEX,
        "dimensions": DIMENSIONS,
    }
    following = {
        "index": f"{INDEX}{_next_dimensions()}",
        "endpoint": ENDPOINT,
        "deployed_index_id": f"{DEPLOYED_INDEX}_{_next_dimensions()}",
        "dimensions": int(_next_dimensions()),
    }
    client = {
        "client_id": CLIENT_ID,
        "client_secret": secrets["oauth-client-secret"],
        "redirect_uris": [f"{ports.url('gateway')}/auth/callback"],
    }
    model = {
        name: value
        for name, value in {
            "model_url": os.environ.get("LOCAL_MODEL_URL", ""),
            "model_name": os.environ.get("LOCAL_MODEL_NAME", ""),
            "token_delay": os.environ.get("LOCAL_TOKEN_DELAY", ""),
            "answers": os.environ.get("LOCAL_MODEL_ANSWERS", ""),
        }.items()
        if value
    }
    return {
        # a query whose index terraform does not declare fails here as it would in the cloud
        "firestore": {"firestore_indexes": str(CHECKOUT / "terraform")},
        "signin": {"clients": json.dumps([client]), "project": PROJECT},
        "secrets": {
            "secrets": json.dumps(
                {f"projects/{PROJECT}/secrets/{name}": one for name, one in secrets.items()}
            )
        },
        "scheduler": {"jobs": json.dumps(_jobs(ports.url("gateway")))},
        "tasks": {"queues": json.dumps([queue])},
        "ranking": {"vertex": ports.url("vertex")},
        "firebase": {"project": PROJECT},
        "storage": {"buckets": EXPORTS},
        "vertex": {"indexes": json.dumps([index, following]), **model},
    }


def _next_dimensions() -> str:
    """Of the other index, at the same endpoint: those that NEXT_EMBEDDING_DIMENSIONS names, else the same."""
    return os.environ.get("NEXT_EMBEDDING_DIMENSIONS", str(DIMENSIONS))


def _jobs(front: str) -> list[dict[str, object]]:
    """What Cloud Scheduler calls: every two minutes a sync of all collections, each night a reconcile."""
    call: dict[str, object] = {
        "headers": {"Content-Type": "application/json"},
        "body": "{}",
        "service_account": SCHEDULER_ACCOUNT,
        "audience": front,
    }
    return [
        {"name": "sync", "schedule": "*/2 * * * *", "url": f"{front}/ingest/sync", **call},
        {"name": "reconcile", "schedule": "30 3 * * *", "url": f"{front}/ingest/tasks/reconcile", **call},
    ]
