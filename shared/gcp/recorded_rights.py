"""Rights as the ledger holds them, in Firestore: files/{id} and folders/{id}."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import translated
from shared.gcp.patience import patience
from shared.identity.recorded import RecordedFile, RecordedGrant

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

_FIELDS = ["name", "grants", "via", "folders", "chunks"]


class FirestoreRights:
    """RecordedRights on Firestore. `timeout` is seconds for one call."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """Those that have a record, in one round trip."""
        documents = await self._read("files", file_ids, _FIELDS)
        return {name: _file(name, document) for name, document in documents.items()}

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        documents = await self._read("folders", folder_ids, ["name"])
        return {name: str(document.get("name", "")) for name, document in documents.items()}

    async def _read(self, kind: str, ids: Collection[str], fields: list[str]) -> dict[str, dict[str, Any]]:
        references = [self._client.collection(kind).document(name) for name in ids]
        if not references:
            return {}
        async with translated("Firestore"):
            found = self._client.get_all(references, field_paths=fields, **patience(self._timeout))
            return {snapshot.id: snapshot.to_dict() or {} async for snapshot in found if snapshot.exists}


def _file(file_id: str, document: dict[str, Any]) -> RecordedFile:
    return RecordedFile(
        file_id,
        document.get("name", ""),
        _grants(document.get("grants")),
        _grants(document.get("via")),
        tuple(document.get("folders", ())),
        bool(document.get("chunks")),
    )


def _grants(stored: Any) -> tuple[RecordedGrant, ...] | None:
    return None if stored is None else tuple(RecordedGrant(**one) for one in stored)
