"""Every error a caller of Docent can meet; each knows its HTTP status and its stable name.

AppError
├── Invalid          422  what was sent is understood but not acceptable
│   ├── Malformed    400  what was sent cannot be parsed
│   └── TooLarge     413  the body is over the limit
├── NotSignedIn      401  no session, or one that has ended
├── NotAllowed       403  signed in, but not for this
├── NotFound         404  absent, or somebody else's
├── WrongMethod      405  the path exists, the method does not
├── Conflict         409  lost a race, or contradicts what is stored
├── TooMany          429  over a limit; says when to come back
├── Upstream         502  a Google service answered with an error
├── Unavailable      503  a Google service cannot be reached
└── Timeout          504  a Google service did not answer in time
"""

from collections.abc import Mapping
from typing import ClassVar


class AppError(Exception):
    """An error with a sentence for the person, a stable `code` and an HTTP `status`.

    `detail` is shown to whoever asked, so it never holds question text, tokens, e-mail
    addresses or the names of things the asker may not know of.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after
        """Seconds until it is worth trying again, or None when that would not help."""
        self.headers: Mapping[str, str] = {}
        """Headers that the answer carries besides, such as how a limit stands."""


class Invalid(AppError):
    """What was sent is understood but not acceptable."""

    status = 422
    code = "invalid"
    title = "Not acceptable"


class Malformed(Invalid):
    """What was sent cannot be parsed."""

    status = 400
    code = "malformed"
    title = "Cannot be parsed"


class TooLarge(Invalid):
    """The body is over the limit."""

    status = 413
    code = "too-large"
    title = "Too large"


class NotSignedIn(AppError):
    """No session, or one that has ended."""

    status = 401
    code = "not-signed-in"
    title = "Not signed in"


class NotAllowed(AppError):
    """Signed in, but not for this."""

    status = 403
    code = "not-allowed"
    title = "Not allowed"


class NotFound(AppError):
    """Absent, or somebody else's: the two are told apart nowhere."""

    status = 404
    code = "not-found"
    title = "Not found"


class WrongMethod(AppError):
    """The path exists, the method does not."""

    status = 405
    code = "wrong-method"
    title = "Method not allowed"


class Conflict(AppError):
    """Lost a race, or contradicts what is stored."""

    status = 409
    code = "conflict"
    title = "Conflict"


class TooMany(AppError):
    """Over a limit; `retry_after` says when to come back."""

    status = 429
    code = "too-many"
    title = "Too many requests"


class Upstream(AppError):
    """A Google service answered with an error that trying again will not mend."""

    status = 502
    code = "upstream"
    title = "A service Docent depends on failed"


class Unavailable(AppError):
    """A Google service cannot be reached, or asks to be left alone for a while."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"


class Timeout(AppError):
    """A Google service did not answer in time."""

    status = 504
    code = "timeout"
    title = "Took too long"
