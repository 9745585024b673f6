"""Export: everything Docent holds about one person, as one JSON text that is never whole in memory."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from shared.identity.interfaces import PersonalStore


async def export(subject: str, stores: Sequence[PersonalStore], now: float) -> AsyncIterator[str]:
    """`{"subject", "exported_at", "data": {store: [...]}}`, piece by piece.

    Raises Unavailable or Timeout where a store does not answer; the text is then incomplete.
    """
    about = json.dumps({"subject": subject, "exported_at": datetime.fromtimestamp(now, UTC).isoformat()})
    yield about[:-1] + ', "data": {'
    for number, store in enumerate(stores):
        yield f"{', ' if number else ''}{json.dumps(store.name)}: ["
        first = True
        async for document in store.export(subject):
            yield ("" if first else ", ") + json.dumps(document, ensure_ascii=False)
            first = False
        yield "]"
    yield "}}\n"
