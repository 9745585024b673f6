"""Folders of Drive, groups and push channels in Firestore: what syncs know beside files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from shared.gcp.browsing_keys import AROUND, FIELD, TITLE, keys, strays
from shared.gcp.browsing_names import title
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import grants_from_doc
from shared.gcp.firestore_messages import matching
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.ingestion.rights import openers
from shared.ingestion.runs import Channel, Folder

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

TRUSTED_FOR = timedelta(minutes=15)
"""How old a reading of a group may be where the right to a file hangs on it alone."""
_BATCH = 200


class FirestoreFolders:
    """FolderStore on Firestore: folders/{id}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _folders(self) -> "AsyncCollectionReference":
        return self._db.client.collection("folders")

    async def get(self, ids: Collection[str]) -> Mapping[str, Folder]:
        """Those that are known."""
        references = [self._folders.document(name) for name in ids]
        if not references:
            return {}
        async with translated("Firestore"):
            return {
                snapshot.id: _folder(snapshot.id, snapshot.to_dict() or {})
                async for snapshot in self._db.client.get_all(references, **patience(self._timeout))
                if snapshot.exists
            }

    async def put(self, folders: Sequence[Folder]) -> None:
        """Create or replace."""
        for start in range(0, len(folders), _BATCH):
            batch = self._db.client.batch()
            for one in folders[start : start + _BATCH]:
                batch.set(self._folders.document(one.id), _folder_to_doc(one))
            async with translated("Firestore"):
                await batch.commit(**patience(self._timeout))

    async def delete(self, ids: Sequence[str]) -> None:
        """Forget; what is absent is no error."""
        batch = self._db.client.batch()
        for name in ids:
            batch.delete(self._folders.document(name))
        async with translated("Firestore"):
            await batch.commit(**patience(self._timeout))


class FirestoreMemberships:
    """MembershipStore, and its reader, on Firestore: groups/{e-mail}."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._wire, self._timeout = db, Wire.of(db), timeout

    @property
    def _groups(self) -> "AsyncCollectionReference":
        return self._db.client.collection("groups")

    async def save(self, group: str, members: Sequence[str] | None) -> None:
        """Replace what is known of one group."""
        now = datetime.now(UTC)
        document = {"members": sorted(members or ()), "known": members is not None, "read_at": now}
        async with translated("Firestore"):
            await self._groups.document(group).set(document, **patience(self._timeout))

    async def groups_of(self, email: str) -> tuple[str, ...]:
        """The groups an address may be in: those that list it, and those nobody could look into.

        The latter only widen the search; the check of each file's rights decides.
        """
        async with translated("Firestore"):
            return tuple(await self._wire.query(_groups_of(email), self._timeout))

    async def read_times(self) -> Mapping[str, datetime]:
        """When each group was last read."""
        async with translated("Firestore"):
            found = self._groups.select(["read_at"]).stream(**patience(self._timeout))
            return {
                snapshot.id: (snapshot.to_dict() or {}).get("read_at") or datetime.min.replace(tzinfo=UTC)
                async for snapshot in found
            }

    async def certain_groups_of(self, email: str) -> frozenset[str]:
        """The groups that listed an address when they were read, a short while ago."""
        from google.cloud.firestore import FieldFilter

        query = self._groups.where(filter=FieldFilter("members", "array_contains", email))
        oldest = datetime.now(UTC) - TRUSTED_FOR
        async with translated("Firestore"):
            found = query.select(["known", "read_at"]).stream(**patience(self._timeout))
            documents = {snapshot.id: snapshot.to_dict() or {} async for snapshot in found}
        return frozenset(
            name
            for name, one in documents.items()
            if one.get("known") and one.get("read_at") and one["read_at"] > oldest
        )


class FirestoreChannels:
    """ChannelStore on Firestore: channels/{id}. Expired ones are deleted by TTL."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout

    @property
    def _channels(self) -> "AsyncCollectionReference":
        return self._db.client.collection("channels")

    async def get(self, channel_id: str) -> Channel | None:
        """One channel, or None."""
        async with translated("Firestore"):
            snapshot = await self._channels.document(channel_id).get(**patience(self._timeout))
        return _channel(snapshot.id, snapshot.to_dict() or {}) if snapshot.exists else None

    async def all(self) -> Sequence[Channel]:
        """Every channel."""
        async with translated("Firestore"):
            found = self._channels.stream(**patience(self._timeout))
            return [_channel(snapshot.id, snapshot.to_dict() or {}) async for snapshot in found]

    async def put(self, channel: Channel) -> None:
        """Create or replace."""
        document = {
            "feed": channel.feed,
            "resource": channel.resource,
            "secret": channel.secret,
            "expires": channel.expires,
            "expire_at": channel.expires + timedelta(days=1),
        }
        async with translated("Firestore"):
            await self._channels.document(channel.id).set(document, **patience(self._timeout))

    async def delete(self, channel_id: str) -> None:
        """Forget; what is absent is no error."""
        async with translated("Firestore"):
            await self._channels.document(channel_id).delete(**patience(self._timeout))


@lru_cache(maxsize=1_000)
def _groups_of(email: str) -> Any:
    """The query for the names of the groups that list an address, or may list anybody."""
    found = matching("groups", ("members", "array_contains", email), ("known", "==", False), either=True)
    found.select.fields.add(field_path="__name__")
    return found


def _folder_to_doc(folder: Folder) -> dict[str, Any]:
    shown = folder.grants
    owners = None if shown is None else openers(shown)
    beside = strays(("", "shared") if folder.shared else ("",), owners or (), folder.around)
    return {
        "name": folder.name,
        "parents": list(folder.parents),
        "shared": folder.shared,
        "rights": folder.rights,
        "grants": None if shown is None else [asdict(one) for one in shown],
        TITLE: title(folder.name),
        AROUND: None if folder.around is None else list(folder.around),
        FIELD: [*keys(folder.name, folder.parents, owners), *beside],
    }


def _folder(folder_id: str, document: dict[str, Any]) -> Folder:
    return Folder(
        folder_id,
        document.get("name", ""),
        tuple(document.get("parents", ())),
        bool(document.get("shared")),
        document.get("rights", ""),
        grants_from_doc(document.get("grants")),
        None if document.get(AROUND) is None else tuple(document[AROUND]),
    )


def _channel(channel_id: str, document: dict[str, Any]) -> Channel:
    return Channel(
        channel_id, document["feed"], document["resource"], document["secret"], document["expires"]
    )
