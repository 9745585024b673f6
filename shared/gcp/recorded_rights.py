"""Rights as the ledger holds them, in Firestore: files/{id} and folders/{id}."""

from collections.abc import Collection, Mapping
from typing import Any

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import decoded
from shared.gcp.firestore_wire import Wire
from shared.identity.recorded import RecordedFile, RecordedGrant

_FIELDS = ["name", "grants", "via", "folders", "chunks"]


class FirestoreRights:
    """RecordedRights on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """Those that have a record, in one round trip."""
        documents = await read_fields(self._db, "files", file_ids, _FIELDS, self._timeout)
        return {name: _file(name, document) for name, document in documents.items()}

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        documents = await read_fields(self._db, "folders", folder_ids, ["name"], self._timeout)
        return {name: str(document.get("name", "")) for name, document in documents.items()}


class FirestoreFolderRights:
    """RecordedRights to folders, on Firestore: what syncs saw of who may open them."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """Those of the folders that are known."""
        documents = await read_fields(self._db, "folders", file_ids, ["name", "grants"], self._timeout)
        return {
            name: RecordedFile(name, str(one.get("name", "")), grants_of(one.get("grants")))
            for name, one in documents.items()
        }

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        return {name: one.name for name, one in (await self.files(folder_ids)).items()}


async def read_fields(
    db: Database, kind: str, ids: Collection[str], fields: list[str], seconds: float
) -> dict[str, dict[str, Any]]:
    """These fields of those documents of a collection that exist, in one round trip."""
    wire = Wire.of(db)
    if not ids:
        return {}
    async with translated("Firestore"):
        found = await wire.messages([wire.path(kind, name) for name in ids], fields, seconds)
    return {path.rpartition("/")[2]: decoded(one.fields) for path, one in found.items()}


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
