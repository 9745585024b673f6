"""Jobs as they are declared, and as the REST API shows them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.scheduler.cron import Cron, Every, parse

DEFAULT_DEADLINE, DEADLINES = 180.0, (15.0, 1800.0)
MAX_RETRIES = 5
DEFAULT_PARENT = "projects/local/locations/local/jobs"
_KNOWN = {
    "name", "schedule", "schedule_seconds", "time_zone", "url", "method", "headers", "body",
    "service_account", "audience", "attempt_deadline", "retry_count", "min_backoff",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """One HTTP request and when it is sent. Times in seconds."""

    name: str
    schedule: Cron | Every
    schedule_text: str
    time_zone: str
    url: str
    method: str
    headers: dict[str, str]
    body: bytes
    service_account: str
    audience: str
    attempt_deadline: float
    retry_count: int
    min_backoff: float

    @property
    def short_name(self) -> str:
        """The last part of the name."""
        return self.name.rsplit("/", 1)[-1]


@dataclass
class Standing:
    """When a job is due next, and what became of its last attempt."""

    next_time: float
    last_attempt: float | None = None
    code: int | None = None
    """The google.rpc.Code of the last attempt."""


def declared(given: dict[str, Any]) -> Job:
    """A job from its JSON form. Raises ValueError naming the job and what is wrong with it."""
    name = str(given.get("name", ""))
    try:
        return _job(given)
    except (ValueError, KeyError) as error:
        raise ValueError(f"scheduler job {name!r}: {error}") from error


def _job(given: dict[str, Any]) -> Job:
    if unknown := set(given) - _KNOWN:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}")
    zone, text = given.get("time_zone", "Etc/UTC"), given.get("schedule", "")
    every = given.get("schedule_seconds")
    if bool(text) == bool(every):
        raise ValueError("either schedule or schedule_seconds is needed")
    deadline, retries = (
        float(given.get("attempt_deadline", DEFAULT_DEADLINE)),
        int(given.get("retry_count", 0)),
    )
    if not DEADLINES[0] <= deadline <= DEADLINES[1]:
        raise ValueError("attempt_deadline must be 15 s to 30 min")
    if not 0 <= retries <= MAX_RETRIES:
        raise ValueError(f"retry_count must be 0 to {MAX_RETRIES}")
    name = given["name"]
    return Job(
        name=name if "/jobs/" in name else f"{DEFAULT_PARENT}/{name}",
        schedule=parse(text, zone) if text else Every(float(given["schedule_seconds"])),
        schedule_text=text or f"every {every} seconds",
        time_zone=zone,
        url=given["url"],
        method=given.get("method", "POST").upper(),
        headers=dict(given.get("headers", {})),
        body=given.get("body", "").encode(),
        service_account=given.get("service_account", ""),
        audience=given.get("audience", ""),
        attempt_deadline=deadline,
        retry_count=retries,
        min_backoff=float(given.get("min_backoff", 5.0)),
    )


def zulu(moment: float) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def shown(job: Job, standing: Standing) -> dict[str, Any]:
    """The job as google.cloud.scheduler.v1 writes it in JSON."""
    target: dict[str, Any] = {"uri": job.url, "httpMethod": job.method, "headers": job.headers}
    if job.service_account:
        target["oidcToken"] = {
            "serviceAccountEmail": job.service_account,
            "audience": job.audience or job.url,
        }
    view: dict[str, Any] = {
        "name": job.name,
        "schedule": job.schedule_text,
        "timeZone": job.time_zone,
        "state": "ENABLED",
        "scheduleTime": zulu(standing.next_time),
        "httpTarget": target,
        "attemptDeadline": f"{job.attempt_deadline:g}s",
        "retryConfig": {"retryCount": job.retry_count, "minBackoffDuration": f"{job.min_backoff:g}s"},
    }
    if standing.last_attempt is not None:
        view["lastAttemptTime"] = zulu(standing.last_attempt)
        view["status"] = {"code": standing.code} if standing.code else {}
    return view
