"""Firestore transactions that are tried again when they lose, whether a read or the commit lost.

The client retries only a commit that was aborted, without waiting; a read that was aborted inside the
transaction reaches us (facts of google-cloud-firestore 2.34), so the loop with its waits is here.
"""

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
from google.api_core import exceptions

from shared.errors import Conflict
from shared.gcp.failures import translated

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient, AsyncTransaction

Result = TypeVar("Result")
ATTEMPTS = 8
"""Tries before Conflict; with the waits below about 6 s in all."""
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 2.0


async def run_transaction(
    client: "AsyncClient", work: "Callable[[AsyncTransaction], Awaitable[Result]]"
) -> Result:
    """Run `work`, which may be called several times, in a read-write transaction.

    Raises Conflict when it lost every time, Timeout or Unavailable when Firestore cannot be used.
    """
    from google.cloud.firestore import async_transactional

    for attempt in range(ATTEMPTS):
        try:
            async with translated("Firestore"):
                return await async_transactional(work)(client.transaction(max_attempts=1))
        except Conflict:
            pass
        except ValueError as error:
            if not isinstance(error.__cause__, exceptions.Aborted):
                raise
        limit = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
        await anyio.sleep(random.uniform(0, limit))  # noqa: S311 - jitter, not a secret
    raise Conflict("Too many changes at the same moment; try again.", retry_after=1)
