"""Reads server-sent events from the lines of a response."""

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any


async def read_events(lines: AsyncIterable[str]) -> AsyncIterator[tuple[str, Any]]:
    """Each event's name and its JSON data (WHATWG HTML, 9.2: comments and unknown fields are passed over)."""
    name, data = "message", []
    async for line in lines:
        if line.startswith("event:"):
            name = line.removeprefix("event:").strip()
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif not line and data:
            yield name, json.loads("\n".join(data))
            name, data = "message", []
