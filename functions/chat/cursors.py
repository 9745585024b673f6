"""Where a page ended, for the next request; a cursor holds nothing that its reader has not just seen."""

import base64
import json
from collections.abc import Sequence

from shared.errors import Invalid


def cursor(*parts: str | int) -> str:
    """The parts as one word for an address."""
    packed = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode()


def parts(text: str, kinds: Sequence[type[str] | type[int]]) -> list[str | int]:
    """What `cursor` was given. Raises Invalid for anything else."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text))
    except ValueError:
        found = None
    if not isinstance(found, list) or [type(one) for one in found] != list(kinds):
        raise Invalid("cursor: is not one of ours.")
    return found
