"""Page sizes and page tokens. A token is the last name of the page before, in base64."""

import base64
import binascii

from local.tasks import errors


def size(requested: int, most: int) -> int:
    """The page size: `most` when none was asked for. Raises INVALID_ARGUMENT when negative."""
    if requested < 0:
        raise errors.invalid("The page size must not be negative.")
    return min(requested or most, most)


def token(last: str) -> str:
    """The token of the page after the one that ends with `last`."""
    return base64.urlsafe_b64encode(last.encode()).decode()


def position(page_token: str) -> str:
    """The name after which the page begins. Raises INVALID_ARGUMENT for a token that is none."""
    try:
        return base64.b64decode(page_token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise errors.invalid("The page token is invalid.") from error
