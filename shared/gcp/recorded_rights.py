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
        documents = await read_fields(self._client, "files", file_ids, _FIELDS, self._timeout)
        return {name: _file(name, document) for name, document in documents.items()}

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        documents = await read_fields(self._client, "folders", folder_ids, ["name"], self._timeout)
        return {name: str(document.get("name", "")) for name, document in documents.items()}


class FirestoreFolderRights:
    """RecordedRights to folders, on Firestore: what syncs saw of who may open them."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """Those of the folders that are known."""
        documents = await read_fields(self._client, "folders", file_ids, ["name", "grants"], self._timeout)
        return {
            name: RecordedFile(name, str(one.get("name", "")), grants_of(one.get("grants")))
            for name, one in documents.items()
        }

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        return {name: one.name for name, one in (await self.files(folder_ids)).items()}


async def read_fields(
    client: "AsyncClient", kind: str, ids: Collection[str], fields: list[str], seconds: float
) -> dict[str, dict[str, Any]]:
    """These fields of those documents of a collection that exist, in one round trip."""
    references = [client.collection(kind).document(name) for name in ids]
    if not references:
        return {}
    async with translated("Firestore"):
        found = client.get_all(references, field_paths=fields, **patience(seconds))
        return {snapshot.id: snapshot.to_dict() or {} async for snapshot in found if snapshot.exists}


def _file(file_id: str, document: dict[str, Any]) -> RecordedFile:
    return RecordedFile(
        file_id,
        document.get("name", ""),
        grants_of(document.get("grants")),
        grants_of(document.get("via")),
        tuple(document.get("folders", ())),
        bool(document.get("chunks")),
    )


def grants_of(stored: Any) -> tuple[RecordedGrant, ...] | None:
    """The permissions that a document holds; None where they could not be read."""
    return None if stored is None else tuple(RecordedGrant(**one) for one in stored)
