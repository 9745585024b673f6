"""Documents of Firestore as lines of JSON, each as Firestore's own REST API shows it, and back."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from google.cloud.firestore import AsyncClient
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document
from google.protobuf.json_format import MessageToDict, ParseDict

from shared.gcp.failures import translated
from shared.gcp.patience import patience

PAGE = 300
COMMIT_BYTES = 4 * 1024 * 1024
"""Of one commit, as JSON; Firestore takes 10 MiB."""
_GROUPS = {"messages"}
"""Collections that lie below many documents."""


class Documents:
    """All documents of a database. `timeout` is seconds for one call."""

    def __init__(self, client: AsyncClient, timeout: float) -> None:
        self._client, self._timeout = client, timeout

    async def now(self) -> datetime:
        """The database's own time, which is a moment that can be read at."""
        head = self._client.collection("audit_chain").document("head")
        async with translated("Firestore"):
            snapshot = await head.get(**patience(self._timeout))
        moment: datetime = snapshot.read_time
        return moment

    async def lines(self, name: str, at: datetime) -> AsyncIterator[list[str]]:
        """A collection's documents as they stood at a moment, in the order of their names, page by page."""
        every = self._client.collection_group(name) if name in _GROUPS else self._client.collection(name)
        query = every.order_by("__name__").limit(PAGE)
        page = query
        while True:
            async with translated("Firestore"):
                found = [one async for one in page.stream(read_time=at, **patience(self._timeout))]
            if not found:
                return
            yield [_line(one) for one in found]
            page = query.start_after({"__name__": found[-1].reference})

    async def put(self, lines: Sequence[str]) -> None:
        """Write documents, replacing; a repetition writes the same."""
        batch, size = self._client.batch(), 0
        for line in lines:
            path, fields = _document(line, self._client)
            batch.set(self._client.document(path), fields)
            size += len(line)
            if size > COMMIT_BYTES:
                await self._commit(batch)
                batch, size = self._client.batch(), 0
        if size:
            await self._commit(batch)

    async def holds_any(self, name: str) -> bool:
        """Whether a collection has a document."""
        async with translated("Firestore"):
            query = self._client.collection(name).limit(1)
            return bool([one async for one in query.stream(**patience(self._timeout))])

    async def _commit(self, batch: Any) -> None:
        async with translated("Firestore"):
            await batch.commit(**patience(self._timeout))


def _line(snapshot: Any) -> str:

    document = Document(fields=_helpers.encode_dict(snapshot.to_dict()))
    fields = MessageToDict(Document.pb(document)).get("fields", {})
    return json.dumps({"name": snapshot.reference.path, "fields": fields}, ensure_ascii=False, sort_keys=True)


def _document(line: str, client: AsyncClient) -> tuple[str, dict[str, Any]]:

    stored = json.loads(line)
    document = Document()
    ParseDict({"fields": stored["fields"]}, Document.pb(document))
    return stored["name"], _helpers.decode_dict(document.fields, client)
