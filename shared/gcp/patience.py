"""How long a call to Firestore is waited for.

The client's own default goes on trying an unreachable Firestore for one to five minutes, whatever
`timeout` says: that bounds one attempt. So each call names both: a limit for the attempt, and a short
window in which a connection that was just lost is tried again.
"""

from typing import Any

WINDOW = 1.0
"""Seconds during which an attempt that found nobody is repeated."""
FIRST_WAIT, LONGEST_WAIT = 0.05, 0.25


def patience(timeout: float) -> dict[str, Any]:
    """`timeout` and `retry` for a call that may safely happen twice: at most `timeout` + 1 seconds in all."""
    from google.api_core.exceptions import ServiceUnavailable
    from google.api_core.retry import AsyncRetry, if_exception_type

    repeated = AsyncRetry(
        predicate=if_exception_type(ServiceUnavailable),
        initial=FIRST_WAIT,
        maximum=LONGEST_WAIT,
        timeout=WINDOW,
    )
    return {"timeout": timeout, "retry": repeated}
