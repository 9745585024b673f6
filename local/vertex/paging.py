"""Pages of a list in a stable order. A token is the last name of the page before, in base64."""

import base64
import binascii
from collections.abc import Sequence

from local.vertex.refusals import invalid

LARGEST = 100


def page(names: Sequence[str], size: int, token: str) -> tuple[list[str], str]:
    """The names of a page of sorted `names`, and the token of the next ("" at the end).

    Raises RefusedError INVALID_ARGUMENT for a negative size or a token that is none.
    """
    if size < 0:
        raise invalid("page_size must not be negative.")
    try:
        after = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid("page_token is invalid.") from None
    rest = [name for name in names if name > after]
    size = min(size or LARGEST, LARGEST)
    more = len(rest) > size
    chosen = rest[:size]
    return chosen, base64.urlsafe_b64encode(chosen[-1].encode()).decode() if more else ""
