"""Calls of Drive and the Admin SDK: a client a thread, quota errors obeyed, failures translated.

google-api-python-client is synchronous and its transport is not thread-safe, so each worker thread keeps a
service of its own. Its own retries ignore Retry-After; these do not.
"""

import random
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from json import JSONDecodeError
from typing import Any, TypeVar

import anyio.to_thread
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError
from httplib2.error import HttpLib2Error

from shared.errors import AppError, TooLarge, Unavailable
from shared.gcp.failures import http_failure

Result = TypeVar("Result")
TRIES = 5
"""Tries of one call on quota errors, 429 and 5xx."""
LONGEST_WAIT = 16.0
"""Seconds between two tries, at most, and a Retry-After that is waited for here. A longer one is passed on,
so that Cloud Tasks waits and not a worker."""
_BROKEN_OFF = (OSError, HTTPException, HttpLib2Error, JSONDecodeError, GoogleAuthError)
"""No answer, or half of one: what the socket, http.client, httplib2 and the parser of the body raise."""
_TOO_MANY, _FORBIDDEN, _SERVER = 429, 403, 500


class Calls:
    """Runs work with a client. `make` builds it, for all threads; `service` names it in errors."""

    def __init__(self, service: str, make: Callable[[], Any]) -> None:
        self._service, self._make = service, make
        self._client: Any = None
        self._making = threading.Lock()

    async def run(self, work: Callable[[Any], Result]) -> Result:
        """Run `work` in a thread. Raises what `work` does, Google's errors as ours."""

        def call() -> Result:
            with self._making:
                self._client = self._client or self._make()
            return work(self._client)

        return await self.translated(call)

    async def translated(self, work: Callable[[], Result]) -> Result:
        """The same of work that needs no client."""
        try:
            return await anyio.to_thread.run_sync(work)
        except HttpError as error:
            raise failure(self._service, error) from error
        except _BROKEN_OFF as error:
            raise Unavailable(f"{self._service} cannot be reached.", retry_after=5) from error


def execute(request: Any) -> Any:
    """A request's answer. Waits and tries again while Google asks for it; raises HttpError."""
    for attempt in range(TRIES):
        try:
            return request.execute(num_retries=0)
        except HttpError as error:
            wait = pause(error, attempt)
            if wait is None or attempt + 1 == TRIES:
                raise
            time.sleep(wait)
    raise AssertionError


def pause(error: HttpError, attempt: int) -> float | None:
    """Seconds to wait before the next try (what Google says, else doubling, jittered), None for never."""
    status = int(error.resp.status)
    if status != _TOO_MANY and status < _SERVER and not _over_quota(error):
        return None
    said = retry_after(error)
    if said is not None:
        return said if said <= LONGEST_WAIT else None
    return float(min(LONGEST_WAIT, 0.5 * 2**attempt) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter


def retry_after(error: HttpError) -> float | None:
    """The seconds that an answer's Retry-After says, or None."""
    said = str(error.resp.get("retry-after", ""))
    return float(said) if said.isdecimal() else None


def failure(service: str, error: HttpError) -> AppError:
    """Google's error as ours."""
    if _over_quota(error):
        return http_failure(service, _TOO_MANY, retry_after(error))
    if "exportSizeLimitExceeded" in str(error.error_details):
        return TooLarge("Google exports at most 10 MB of a document of its own types; this one is larger.")
    return http_failure(service, int(error.resp.status), retry_after(error))


def _over_quota(error: HttpError) -> bool:
    # rateLimitExceeded, userRateLimitExceeded
    return int(error.resp.status) == _FORBIDDEN and "ateLimitExceeded" in str(error.error_details)
