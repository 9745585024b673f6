"""One HTTP request of a job, with the headers of the real service."""

from http import HTTPStatus

import httpx

from local.clock import Clock, within
from local.oidc import IdTokens, NoTokenError
from local.scheduler.jobs import Job, zulu

OK, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE, UNAUTHENTICATED = 0, 2, 4, 14, 16
"""Of google.rpc.Code."""
_CODES = {401: UNAUTHENTICATED, 403: 7, 404: 5, 429: 8, 500: 13, 503: UNAVAILABLE}
"""HTTP status to google.rpc.Code, as google/rpc/code.proto maps them."""


class Sender:
    """Sends jobs, with an ID token where one is asked for."""

    def __init__(self, client: httpx.AsyncClient, tokens: IdTokens, clock: Clock) -> None:
        self._client, self._tokens, self._clock = client, tokens, clock

    async def send(self, job: Job, due: float) -> int:
        """Send it once; returns a google.rpc.Code."""
        try:
            status = await within(self._clock, job.attempt_deadline, self._posted(job, due))
        except TimeoutError:
            return DEADLINE_EXCEEDED
        except NoTokenError:
            return UNAUTHENTICATED
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return UNAVAILABLE
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return OK
        return _CODES.get(status, UNKNOWN)

    async def _posted(self, job: Job, due: float) -> int:
        headers = {"Content-Type": "application/octet-stream"} if job.body else {}
        headers |= job.headers | {
            "User-Agent": "Google-Cloud-Scheduler",
            "X-CloudScheduler": "true",
            "X-CloudScheduler-JobName": job.short_name,
            "X-CloudScheduler-ScheduleTime": zulu(due),
        }
        audience = job.audience or job.url
        if job.service_account:
            token = await self._tokens.token(job.service_account, audience)
            headers["Authorization"] = f"Bearer {token}"
        # The attempt deadline around it is the timeout.
        reply = await self._client.request(
            job.method, job.url, headers=headers, content=job.body or None, timeout=None
        )
        if reply.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            self._tokens.forget(job.service_account, audience)
        return reply.status_code
