"""One attempt: the HTTP request that the service sends, and what the answer means."""

import email.utils
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from local.clock import Clock, within
from local.control.faults import Control, Fault
from local.oidc import IdTokens, NoTokenError
from local.tasks.override import overridden
from local.tasks.store import StoredTask
from local.times import seconds

_METHODS = ("POST", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
"""By the numbers of google.cloud.tasks.v2.HttpMethod; 0 is unspecified."""
_RESERVED = ("host", "content-length", "user-agent")
_RESERVED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudtasks-")
_CODES = {
    400: (3, "INVALID_ARGUMENT"),
    401: (16, "UNAUTHENTICATED"),
    403: (7, "PERMISSION_DENIED"),
    404: (5, "NOT_FOUND"),
    409: (10, "ABORTED"),
    416: (11, "OUT_OF_RANGE"),
    429: (8, "RESOURCE_EXHAUSTED"),
    499: (1, "CANCELLED"),
    500: (13, "INTERNAL"),
    501: (12, "UNIMPLEMENTED"),
    503: (14, "UNAVAILABLE"),
    504: (4, "DEADLINE_EXCEEDED"),
}
"""HTTP status to google.rpc.Code, as google/rpc/code.proto maps them."""
MAX_RETRY_AFTER = 3600.0


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. `status` None: no answer came."""

    status: int | None
    code: int
    message: str
    retry_after: float = 0.0

    @property
    def done(self) -> bool:
        """Only 200 to 299 finish a task."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def overloaded(self) -> bool:
        """The target asked for less: the whole queue backs off."""
        return self.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def task_headers(stored: StoredTask) -> dict[str, str]:
    """The X-CloudTasks headers of the attempt that the task's dispatch_count counts."""
    task = stored.message
    queue, task_id = task.name.split("/tasks/")
    headers = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": queue.rsplit("/", 1)[-1],
        "X-CloudTasks-TaskName": task_id,
        "X-CloudTasks-TaskRetryCount": str(task.dispatch_count - 1),
        "X-CloudTasks-TaskExecutionCount": str(stored.executions),
        "X-CloudTasks-TaskETA": f"{seconds(task.schedule_time):.6f}",
    }
    if stored.previous is not None:
        headers["X-CloudTasks-TaskPreviousResponse"] = str(stored.previous)
        # Recorded from the real service: sent, and empty, for HTTP targets.
        headers["X-CloudTasks-TaskRetryReason"] = ""
    return headers


def _own_headers(request: Any) -> dict[str, str]:
    """The caller's headers without those that the service sets or keeps for itself."""
    return {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in _RESERVED and not name.lower().startswith(_RESERVED_PREFIXES)
    }


def _retry_after(response: httpx.Response, now: float) -> float:
    """Seconds that the target asks to wait (RFC 9110 section 10.2.3), an hour at most."""
    value = response.headers.get("Retry-After", "")
    try:
        dated = None if value.isdecimal() else email.utils.parsedate_to_datetime(value).timestamp()
        wait = float(value) if dated is None else dated - now
    except ValueError:
        return 0.0
    return min(max(wait, 0.0), MAX_RETRY_AFTER)


class Target:
    """Sends attempts. Every attempt ends by the task's dispatch_deadline."""

    def __init__(self, client: httpx.AsyncClient, tokens: IdTokens, clock: Clock, control: Control) -> None:
        self._client, self._tokens, self._clock, self._control = client, tokens, clock, control

    async def attempt(self, queue: Any, stored: StoredTask) -> Outcome:
        """Send the task once and say how it ended; never raises for what a target does."""
        deadline = seconds(stored.message.dispatch_deadline)
        try:
            return await within(self._clock, deadline, self._send(queue, stored))
        except TimeoutError:
            return Outcome(
                None, 4, "DEADLINE_EXCEEDED(4): the target did not answer by the dispatch deadline"
            )

    async def _send(self, queue: Any, stored: StoredTask) -> Outcome:
        with self._control.call("Dispatch", detail=stored.message.http_request.url) as call:
            fault = await self._control.meet(call)
            outcome = await self._attempted(queue, stored, fault)
            call.status = str(outcome.status or outcome.message)
            return outcome

    async def _attempted(self, queue: Any, stored: StoredTask, fault: Fault | None) -> Outcome:
        failed = _injected(fault)
        if failed and fault and not fault.late:
            return failed
        try:
            request = overridden(stored.message.http_request, queue.http_target)
            response = await self._posted(request, stored)
        except NoTokenError as error:
            return Outcome(None, 16, f"UNAUTHENTICATED(16): {error}")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # ValueError: a URL or header that was stored unread and cannot be sent.
            return _unreachable(type(error).__name__)
        return failed or _answered(response.status_code, _retry_after(response, self._clock.now()))

    async def _posted(self, request: Any, stored: StoredTask) -> httpx.Response:
        headers = _own_headers(request) | task_headers(stored)
        account = request.oidc_token.service_account_email
        audience = request.oidc_token.audience or request.url
        if account:
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["Authorization"] = f"Bearer {await self._tokens.token(account, audience)}"
        method, body = _METHODS[request.http_method], request.body or None
        # The dispatch deadline around it is the timeout.
        response = await self._client.request(
            method, request.url, headers=headers, content=body, timeout=None
        )
        if response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            self._tokens.forget(account, audience)
        return response


def _injected(fault: Fault | None) -> Outcome | None:
    if fault is None or not (fault.drop or fault.status):
        return None
    return _answered(int(fault.status), 0.0) if fault.status else _unreachable("injected: dropped")


def _answered(status: int, retry_after: float) -> Outcome:
    code, name = (0, "OK") if status < HTTPStatus.MULTIPLE_CHOICES else _CODES.get(status, (2, "UNKNOWN"))
    return Outcome(status, code, f"{name}({code}): HTTP status code {status}", retry_after)


def _unreachable(reason: str) -> Outcome:
    return Outcome(None, 14, f"UNAVAILABLE(14): {reason}")
