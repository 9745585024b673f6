"""Firestore transactions that are tried again when they lose, whether a read or the commit lost.

The client retries only a commit that was aborted, without waiting; a read that was aborted inside the
transaction reaches us (facts of google-cloud-firestore 2.34), so the loop with its waits is here.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from google.api_core import exceptions

from shared.errors import Conflict, Timeout
from shared.gcp.failures import translated

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncTransaction

Result = TypeVar("Result")
ATTEMPTS = 10
"""Tries before Conflict; with the waits below about 8 s in all."""
LONGEST = 20.0
"""Seconds for all of it: the client gives the calls that begin and end a transaction a minute each."""
_NEVER_BEGAN = (exceptions.GoogleAPICallError, exceptions.RetryError)
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 2.0


async def run_transaction(
    client: "AsyncClient", work: "Callable[[AsyncTransaction], Awaitable[Result]]"
) -> Result:
    """Run `work`, which may be called several times, in a read-write transaction.

    What `work` raises comes through and undoes everything. Raises Conflict when it lost every time,
    Timeout or Unavailable when Firestore cannot be used.
    """
    try:
        async with asyncio.timeout(LONGEST), translated("Firestore"):
            return await _until_it_wins(client, work)
    except TimeoutError:
        raise Timeout("Firestore did not answer in time.", retry_after=5) from None


async def _until_it_wins(
    client: "AsyncClient", work: "Callable[[AsyncTransaction], Awaitable[Result]]"
) -> Result:
    from google.cloud.firestore import async_transactional

    for attempt in range(ATTEMPTS):
        try:
            return await async_transactional(work)(client.transaction(max_attempts=1))
        except exceptions.Aborted:
            pass  # a read lost
        except ValueError as error:
            if isinstance(error.__context__, asyncio.CancelledError):
                raise error.__context__ from None  # our time was up before it began: hidden as well
            if isinstance(error.__context__, _NEVER_BEGAN) and not isinstance(
                error.__cause__, exceptions.Aborted
            ):
                raise error.__context__ from None  # it never began, and the client hides why
            if not isinstance(error.__cause__, exceptions.Aborted):
                raise
            # the commit lost
        await rest(attempt)
    raise Conflict("Too many changes at the same moment; try again.", retry_after=1)


async def rest(attempt: int) -> None:
    """Wait after the try of this number (from 0) was lost, each time up to twice as long."""
    limit = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
    await asyncio.sleep(random.uniform(0, limit))  # noqa: S311 - jitter, not a secret
