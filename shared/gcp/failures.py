"""Google's errors become ours here, so that no SDK's exception leaves the room."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from google.api_core import exceptions

from shared.errors import AppError, Conflict, NotAllowed, NotFound, Timeout, TooMany, Unavailable, Upstream

_RETRY_AFTER = 5.0


@asynccontextmanager
async def translated(service: str) -> AsyncIterator[None]:
    """Raise NotFound, Conflict, Timeout, TooMany, Unavailable or Upstream for what an RPC raised."""
    try:
        yield
    except (exceptions.GoogleAPICallError, exceptions.RetryError) as error:
        raise _ours(service, error) from error


@asynccontextmanager
async def of_identity() -> AsyncIterator[None]:
    """The same around Firestore where it decides who is let in: slow or over its quota, it is Unavailable.

    A 429 would say that the person asked too often, and a 504 that asking again is pointless.
    """
    try:
        async with translated("Firestore"):
            yield
    except (Timeout, TooMany) as error:
        raise Unavailable("Firestore cannot be reached.", retry_after=_RETRY_AFTER) from error


def _ours(service: str, error: Exception) -> AppError:
    for kinds, make in _TRANSLATIONS:
        if isinstance(error, kinds):
            return make(service)
    return Upstream(f"{service} refused a request.")


_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], Callable[[str], AppError]], ...] = (
    ((exceptions.NotFound,), lambda name: NotFound(f"{name} has no such thing.")),
    (
        (exceptions.Aborted, exceptions.AlreadyExists),
        lambda name: Conflict(f"{name}: somebody else changed this at the same moment.", retry_after=1),
    ),
    (
        (exceptions.DeadlineExceeded, exceptions.GatewayTimeout),
        lambda name: Timeout(f"{name} did not answer in time.", retry_after=_RETRY_AFTER),
    ),
    (
        (exceptions.ResourceExhausted, exceptions.TooManyRequests),
        lambda name: TooMany(f"{name} is over its quota.", retry_after=_RETRY_AFTER),
    ),
    (
        (exceptions.Unauthenticated, exceptions.Forbidden),
        lambda name: Upstream(f"{name} does not let Docent in; its service account lacks a role."),
    ),
    (
        (exceptions.ServiceUnavailable, exceptions.RetryError, exceptions.InternalServerError),
        lambda name: Unavailable(f"{name} cannot be reached.", retry_after=_RETRY_AFTER),
    ),
)


def own_failure(service: str, status: int) -> AppError:
    """The same where Docent's own account asks: that it may not is nothing that the person did."""
    if status in (401, 403):
        return Upstream(f"{service} does not let Docent in; its service account lacks a role.")
    if status == 404:  # noqa: PLR2004 - HTTP
        return Upstream(f"{service} has no such thing; the settings name one that is not there.")
    return http_failure(service, status)


def http_failure(service: str, status: int, retry_after: float | None = None) -> AppError:
    """The same for an HTTP status that a REST API answered."""
    known: dict[int, AppError] = {
        401: NotAllowed(f"{service} does not accept the credentials."),
        403: NotAllowed(f"{service} does not allow this."),
        404: NotFound(f"{service} has no such thing."),
        408: Timeout(f"{service} did not answer in time.", retry_after=_RETRY_AFTER),
        429: TooMany(f"{service} is over its quota.", retry_after=retry_after or _RETRY_AFTER),
        504: Timeout(f"{service} did not answer in time.", retry_after=_RETRY_AFTER),
    }
    if status in known:
        return known[status]
    if status >= 500:  # noqa: PLR2004 - server errors
        return Unavailable(f"{service} cannot be reached.", retry_after=retry_after or _RETRY_AFTER)
    return Upstream(f"{service} refused a request.")
