"""What a queue and a task must look like, and the defaults that the service fills in."""

import math
import re
import secrets
from typing import Any

from local.tasks import errors, retry
from local.tasks.messages import Queue, RetryConfig, Task
from local.times import duration, seconds, timestamp

_LOCATION = re.compile(r"projects/[A-Za-z0-9._:-]+/locations/[A-Za-z0-9-]+")
_QUEUE = re.compile(r"projects/[A-Za-z0-9._:-]+/locations/[A-Za-z0-9-]+/queues/[A-Za-z0-9-]{1,100}")
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")

MAX_RATE, MAX_CONCURRENT = 500, 5000
DEFAULT_RATE, DEFAULT_CONCURRENT = 500.0, 1000
MAX_TASK_BYTES = 1_048_569
"""The largest stored task, serialized (probed on the real service by the source that errors.py names)."""
MAX_HEADER_BYTES = 80 * 1024
MAX_URL_CHARACTERS = 2083
DEADLINE_SECONDS = (15.0, 1800.0)
DEFAULT_DEADLINE = 600.0
HORIZON = 30 * 24 * 3600.0
"""A task may be scheduled this many seconds ahead."""
POST = 1
BODY_METHODS = {1, 4, 6}
"""POST, PUT and PATCH, of google.cloud.tasks.v2.HttpMethod."""
USER_AGENT = "Google-Cloud-Tasks"


def check_location(parent: str) -> None:
    """Raise PERMISSION_DENIED unless `parent` is projects/P/locations/L."""
    if not _LOCATION.fullmatch(parent):
        raise errors.no_project(parent)


def check_queue_name(name: str) -> None:
    """Raise INVALID_ARGUMENT unless `name` is projects/P/locations/L/queues/Q."""
    if not _QUEUE.fullmatch(name):
        raise errors.bad_queue_name()


def queue_of(task_name: str) -> str:
    """The queue in a task's name. Raises INVALID_ARGUMENT when the name is none."""
    queue, found, task_id = task_name.partition("/tasks/")
    if not found or not _QUEUE.fullmatch(queue):
        raise errors.invalid(
            'Task name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/'
            'queues/<QUEUE_ID>/tasks/<TASK_ID>"'
        )
    if not _TASK_ID.fullmatch(task_id):
        raise errors.bad_task_id(task_id)
    return queue


def accepted_queue(given: Any) -> Any:
    """The queue as it is stored: limits checked, defaults filled in, running."""
    check_queue_name(given.name)
    if given.HasField("app_engine_routing_override"):
        raise errors.not_emulated("App Engine routing")
    _check_rates(given.rate_limits)
    _check_retry(given.retry_config)
    queue = Queue(name=given.name, state=Queue.State.RUNNING)
    if given.HasField("http_target"):
        _check_target(given.http_target)
        queue.http_target.CopyFrom(given.http_target)
    if given.HasField("stackdriver_logging_config"):
        queue.stackdriver_logging_config.CopyFrom(given.stackdriver_logging_config)
    rates = queue.rate_limits
    rates.max_dispatches_per_second = given.rate_limits.max_dispatches_per_second or DEFAULT_RATE
    rates.max_concurrent_dispatches = given.rate_limits.max_concurrent_dispatches or DEFAULT_CONCURRENT
    # The service sets the burst from the rate and shows 100 for 500 a second; between is our reading.
    rates.max_burst_size = max(1, min(100, math.ceil(rates.max_dispatches_per_second)))
    queue.retry_config.CopyFrom(retry.completed(given.retry_config))
    return queue


def _check_rates(rates: Any) -> None:
    rate, concurrent = rates.max_dispatches_per_second, rates.max_concurrent_dispatches
    for value, name, most in (
        (rate, "maxDispatchesPerSecond", MAX_RATE),
        (concurrent, "maxConcurrentDispatches", MAX_CONCURRENT),
    ):
        if value < 0:
            raise errors.invalid(f"RateLimits.{name} cannot be negative.")
        if value > most:
            raise errors.invalid(f"RateLimits.{name} must be less than or equal to {most}.")


def _check_retry(config: Any) -> None:
    if config.max_attempts < -1:
        raise errors.invalid("RetryConfig.maxAttempts must be greater or equal to -1.")
    if config.max_doublings < 0:
        raise errors.invalid("RetryConfig.maxDoublings cannot be negative.")
    durations = {
        "minBackoff": config.min_backoff,
        "maxBackoff": config.max_backoff,
        "maxRetryDuration": config.max_retry_duration,
    }
    for name, value in durations.items():
        if seconds(value) < 0:
            raise errors.invalid(f"RetryConfig.{name} cannot be negative.")
    whole = retry.completed(config)
    if seconds(whole.min_backoff) > seconds(whole.max_backoff):
        raise errors.invalid("RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff.")


def _check_target(target: Any) -> None:
    if target.HasField("oauth_token"):
        raise errors.not_emulated("An OAuth token for the target")
    if target.uri_override.HasField("host") and not target.uri_override.host:
        raise errors.invalid("UriOverride.host cannot be an empty string.")


def accepted_task(queue: str, given: Any, now: float) -> Any:
    """The task as it is stored: limits checked, defaults filled in, named.

    Raises INVALID_ARGUMENT for what the service refuses, UNIMPLEMENTED for App Engine and OAuth targets.
    """
    if given.name and (named := queue_of(given.name)) != queue:
        raise errors.invalid(
            f"The queue name from request ('{queue}') must be the same as the queue name in the named task "
            f"('{named}')."
        )
    _check_request(given)
    task = Task(name=given.name or f"{queue}/tasks/{secrets.randbelow(10**19)}")
    task.create_time.seconds = int(now)
    task.schedule_time.CopyFrom(timestamp(max(_schedule(given, now), now)))
    task.dispatch_deadline.CopyFrom(duration(_deadline(given)))
    task.http_request.CopyFrom(given.http_request)
    task.http_request.http_method = given.http_request.http_method or POST
    for name in [each for each in task.http_request.headers if each.lower() == "user-agent"]:
        del task.http_request.headers[name]
    task.http_request.headers["User-Agent"] = USER_AGENT
    if given.HasField("retry_config"):
        _check_retry(given.retry_config)
        task.retry_config.CopyFrom(given.retry_config)
    if task.ByteSize() > MAX_TASK_BYTES:
        raise errors.invalid("Task size too large")
    return task


def _check_request(given: Any) -> None:
    if given.HasField("app_engine_http_request"):
        raise errors.not_emulated("An App Engine target")
    if not given.HasField("http_request"):
        raise errors.invalid("Task.message_type is required.")
    request = given.http_request
    if not request.url:
        raise errors.invalid("HttpRequest.url is required.")
    if not request.url.startswith(("http://", "https://")):
        raise errors.invalid("HttpTarget.url must start with 'http://' or 'https://'.")
    if len(request.url) > MAX_URL_CHARACTERS:
        raise errors.invalid(f"HttpRequest.url must be at most {MAX_URL_CHARACTERS} characters.")
    if request.HasField("oauth_token"):
        raise errors.not_emulated("An OAuth token for the target")
    if request.HasField("oidc_token") and not request.oidc_token.service_account_email:
        raise errors.invalid("OidcToken.serviceAccountEmail is required.")
    if request.body and (request.http_method or POST) not in BODY_METHODS:
        raise errors.invalid("HttpRequest.body is allowed only with POST, PUT or PATCH.")
    if sum(len(name) + len(value) for name, value in request.headers.items()) >= MAX_HEADER_BYTES:
        raise errors.invalid("HttpRequest.headers must be smaller than 80KB.")


def _schedule(given: Any, now: float) -> float:
    when = seconds(given.schedule_time)
    if when > now + HORIZON:
        raise errors.invalid(
            f"The Task.scheduleTime, {given.schedule_time.ToJsonString()}, is too far in the future. "
            "Schedule time must be no more than 720h in the future."
        )
    return when


def _deadline(given: Any) -> float:
    if not given.HasField("dispatch_deadline"):
        return DEFAULT_DEADLINE
    deadline = seconds(given.dispatch_deadline)
    if not DEADLINE_SECONDS[0] <= deadline <= DEADLINE_SECONDS[1]:
        raise errors.invalid("Task.dispatchDeadline must be between [15s, 30m].")
    return deadline


def effective_retry(queue: Any, task: Any) -> Any:
    """The task's own RetryConfig over the queue's."""
    own = task.retry_config if task.HasField("retry_config") else RetryConfig()
    return retry.completed(own, queue.retry_config)
