"""The restore drill: what one project holds comes back whole in another, with nothing embedded."""

import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials

from local.firestore.server import FirestoreServer
from local.standin import Options
from local.storage.server import StorageServer
from local.vertex.server import VertexServer
from scripts.recovery import restoring as restoring_module
from scripts.recovery.__main__ import project
from scripts.recovery.contents import KEPT, LEFT, PACKED, known
from scripts.recovery.documents import Documents
from scripts.recovery.manifest import Backup
from scripts.recovery.restoring import Restoring
from scripts.recovery.saving import Project, Saving, part
from shared.errors import Conflict, Invalid
from shared.gcp import clients
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.firestore_runs import FirestoreCollections
from shared.gcp.firestore_transfers import FirestoreTransfers
from shared.gcp.storage_objects import StorageObjects
from shared.gcp.vector_backend import backends
from shared.identity.audit import Trail
from shared.identity.audit_reading import AuditReader
from shared.ingestion.interfaces import Collection, Datapoint, FileRecord, StoredChunk
from shared.ingestion.rights import restricts
from shared.models import Chunk, Locator
from shared.search.interfaces import HybridQuery
from shared.search.lexicon import question_vector, text_vector
from shared.settings import ExportSettings, FirestoreSettings, ProjectSettings
from tests.fakes.identity import FakeSecrets, sealing_secret

TERRAFORM = Path(__file__).parents[2] / "terraform"
PLACE = "projects/p/locations/us-central1"
FILES, CHUNKS, WIDTH = 12, 5, 8
RULE = "Rule 2 of f03: core hours are from 2."
Clouds = dict[str, str]


class Account(AnonymousCredentials):
    """Credentials that are always good."""

    token = "t"


@dataclass
class House:
    """Two projects in one local Firestore, an index for each, and a bucket between them."""

    vertex: VertexServer
    objects: StorageObjects
    environment: Clouds
    patch: pytest.MonkeyPatch

    @asynccontextmanager
    async def at(self, name: str, backend: str) -> AsyncIterator[Project]:
        """A project with this backend of vectors."""
        with self.patch.context() as patch:
            number = {"old": "1", "new": "2", "third": "2"}[name]
            for key, value in {
                **self.environment,
                "GOOGLE_CLOUD_PROJECT": f"docent-{name}",
                "SEARCH_BACKEND": backend,
                "VECTOR_INDEX": f"{PLACE}/indexes/{number}",
                "VECTOR_ENDPOINT": f"{PLACE}/indexEndpoints/{number}",
                "VECTOR_DEPLOYED_INDEX": f"docent{number}",
            }.items():
                patch.setenv(key, value)
            yield await project()


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Everything that a drill needs, empty."""
    declared = [
        {
            "index": f"{PLACE}/indexes/{number}",
            "endpoint": f"{PLACE}/indexEndpoints/{number}",
            "deployed_index_id": f"docent{number}",
            "dimensions": WIDTH,
        }
        for number in (1, 2)
    ]
    vertex = VertexServer(Options(settings={"indexes": json.dumps(declared), "preload": "no"}))
    firestore = FirestoreServer(Options(settings={"firestore_indexes": str(TERRAFORM)}))
    storage = StorageServer(Options(settings={"buckets": "backups"}))
    servers = (vertex, firestore, storage)
    for server in servers:
        await server.start()
    environment = {key: value for server in servers for key, value in server.exports().items()}
    host = environment["STORAGE_EMULATOR_HOST"]
    objects = StorageObjects(ExportSettings(storage_emulator_host=host), Account())
    yield House(vertex, objects, environment | {"GENAI_EMBEDDING_DIMENSIONS": "768"}, monkeypatch)
    await objects._client.aclose()
    for server in servers:
        await server.stop()


def database() -> Any:
    """The database of the project whose turn it is."""
    return clients.firestore(ProjectSettings(), FirestoreSettings())


def trail() -> Trail:
    """The audit trail of the project whose turn it is; the key was carried over by hand."""
    return Trail(FirestoreAudit(database(), 5), FakeSecrets(audit=sealing_secret("a")), "audit", time.time)


def vector_of(text: str) -> list[float]:
    """A unit vector that stands for a text."""
    raw = [byte - 128.0 for byte in hashlib.sha256(text.encode()).digest()[:WIDTH]]
    length = sum(one * one for one in raw) ** 0.5
    return [one / length for one in raw]


async def filled(there: Project) -> None:
    """Files of two collections, one that failed, people with grants and conversations, an audit trail."""
    collections = FirestoreCollections(database(), 5)
    for name in ("handbook", "shared"):
        await collections.put(Collection(name, name.title(), f"folder-{name}"))
    for number in range(FILES):
        await file(there, f"f{number:02}", ("handbook", "shared") if number == 3 else ("handbook",))
    broken = FileRecord("f99", ("handbook",), "Broken.pdf", "failed", reason="It is encrypted.")
    await there.records.change("f99", lambda _: broken)
    for path, fields in PEOPLE.items():
        await database().client.document(path).set(fields)
    for number in range(4):
        await trail().require("session.ended", f"u{number}", "u0", count=number, why="Größe")
        if number == 2:
            await trail().link()


PEOPLE: dict[str, dict[str, Any]] = {
    "users/u1": {
        "email": "alice@example.com",
        "role": "admin",
        "since": datetime(2026, 1, 2, 3, 4, 5, 678, UTC),
    },
    "users/u1/private/drive_grant": {"sealed": b"\x00secret"},
    "sessions/s1": {"subject": "u1", "refresh": "hash"},
    "conversations/c1": {"subject": "u1", "title": "Hours", "count": 2, "score": 0.25, "none": None},
    "conversations/c1/messages/m1": {"text": "Until when?", "sources": [{"file": "f01", "n": 1}]},
    "conversations/c2/messages/m1": {"text": "Another", "raw": b"\x00\xff", "yes": True},
    "rate_limits/u1": {"subject": "u1", "month": 12},
    "usage_days/2026-11-30.0": {"microdollars": 12_345_678_901},
    "term_statistics/00": {"terms": {"hour": 3, "7.5": 1}},
    "cache_answers/a1": {"subject": "u1", "answer": "x"},
}


async def file(there: Project, name: str, collections: tuple[str, ...]) -> None:
    """An indexed file, as its own task would have written it."""
    texts = [f"Rule {number} of {name}: core hours are from {number}." for number in range(CHUNKS)]
    ids = tuple(f"{name}.{number}" for number in range(CHUNKS))
    record = FileRecord(
        name, collections, f"{name}.txt", "indexed", chunks=ids, principals=("anyone",), folders=("top",)
    )
    tokens = restricts(collections, name, record.folders, record.principals)
    await there.index.upsert(
        [
            Datapoint(chunk, vector_of(text), tokens, name, text_vector(text))
            for chunk, text in zip(ids, texts, strict=True)
        ]
    )
    await there.chunks.put(
        [
            StoredChunk(chunk, name, Chunk(str(number), text, "", Locator(heading=("Rules",)), number))
            for number, (chunk, text) in enumerate(zip(ids, texts, strict=True))
        ]
    )
    await there.records.change(name, lambda _: replace(record, lease="w", embedded_characters=9))


def quiet(_: str) -> None:
    """Says nothing."""


async def saved(house: House, there: Project, name: str) -> tuple[Backup, str]:
    """A backup of a project, and where it is."""
    folder = f"gs://backups/docent/{name}"
    return await Saving(there, house.objects, folder, quiet).save({"docent.tfvars": 'domain = "x"'}), folder


def restoring(house: House, there: Project, folder: str) -> Restoring:
    """A restore into a project."""
    return Restoring(there, FirestoreTransfers(database(), 5), house.objects, folder, quiet)


async def found(rule: str) -> list[str]:
    """What a search finds in the project whose turn it is."""
    finder = backends()[0].finder(database(), FirestoreSettings())
    query = HybridQuery(vector_of(rule), question_vector({"hour": 1.0}))
    near = await finder.find(query, {"principal": ("anyone",), "collection": ("shared",)}, 3, 3)
    return [one.chunk_id for one in near]


@pytest.mark.parametrize(
    ("old", "new"),
    [("vertex", "vertex"), ("firestore", "firestore"), ("firestore", "vertex")],
)
async def test_the_drill(house: House, old: str, new: str) -> None:
    """Saved, restored elsewhere, saved again: the same hashes; found, verified, not one text embedded."""
    async with house.at("old", old) as there:
        await filled(there)
        first, folder = await saved(house, there, "first")
        before = await found(RULE)
        assert "f03.2" in before
    lost_from, begun = datetime.now(UTC), time.monotonic()
    async with house.at("new", new) as there:
        await restoring(house, there, folder).restore()
        assert set(await found(RULE)) == set(before)
        seconds = time.monotonic() - begun
        second, _ = await saved(house, there, "second")
        assert second.kinds == first.kinds
        assert (await AuditReader(FirestoreAudit(database(), 5), trail()).verify()).ok
        assert await FirestoreCollections(database(), 5).get("shared") is not None
        assert not (await there.states.get("handbook")).paused
    assert (first.chunks, first.kinds["files"].items) == (FILES * CHUNKS, FILES + 1)
    assert house.vertex.control.calls["texts_embedded"] == 0
    rpo = (lost_from - datetime.fromisoformat(first.at)).total_seconds()
    print(  # noqa: T201 - the figures of the drill
        f"\n{old} to {new}: RPO {rpo:.1f} s, RTO {seconds:.1f} s for {first.chunks} chunks, 0 embedded"
    )


async def test_no_secret_and_no_grant_is_in_it(house: House) -> None:
    """Sessions, sealed grants and caches stay behind; everybody signs in again."""
    async with house.at("old", "firestore") as there:
        await filled(there)
        _, folder = await saved(house, there, "first")
    async with house.at("new", "firestore") as there:
        await restoring(house, there, folder).restore()
        for path, fields in PEOPLE.items():
            snapshot = await database().client.document(path).get()
            left = any(word in path for word in ("private", "sessions", "cache_"))
            assert snapshot.exists is not left, path
            assert left or snapshot.to_dict() == fields


async def test_what_holds_something_is_not_written_over(house: House) -> None:
    """A project in use is refused before anything is written."""
    async with house.at("old", "firestore") as there:
        await filled(there)
        _, folder = await saved(house, there, "first")
        with pytest.raises(Conflict, match="empty database"):
            await restoring(house, there, folder).restore()
    async with house.at("new", "firestore") as there:
        await trail().require("session.ended", "u9", "u9")
        with pytest.raises(Conflict, match="audit"):
            await restoring(house, there, folder).restore()


async def test_a_restore_that_was_broken_off_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle and begun again, it ends with the same; the syncs rest until then."""
    async with house.at("old", "firestore") as there:
        await filled(there)
        first, folder = await saved(house, there, "first")
    async with house.at("new", "firestore") as there:
        done = 0

        async def dies(self: Restoring, one: Any, real: Any = Restoring._file) -> None:
            nonlocal done
            done += 1
            if done == FILES // 2:
                raise KeyboardInterrupt
            await real(self, one)

        with monkeypatch.context() as patch:
            patch.setattr(restoring_module.Restoring, "_file", dies)
            with pytest.raises(KeyboardInterrupt):
                await restoring(house, there, folder).restore()
        assert (await there.states.get("handbook")).paused
        await restoring(house, there, folder).restore()
        second, _ = await saved(house, there, "second")
        assert second.kinds == first.kinds


async def test_a_damaged_backup_is_refused(house: House) -> None:
    """A part with another hash, no manifest, or vectors of another model: a sentence, and nothing written."""
    async with house.at("old", "firestore") as there:
        await filled(there)
        _, folder = await saved(house, there, "first")
    async with house.at("new", "firestore") as there:
        other = replace(there, embedding=replace(there.embedding, model="other"))
        with pytest.raises(Invalid, match="set GENAI_EMBEDDING_MODEL"):
            await restoring(house, other, folder).restore()
        await house.objects.put(part(folder, "files", 0), b"something else")
        with pytest.raises(Invalid, match="not what was saved"):
            await restoring(house, there, folder).restore()
        await house.objects.put(f"{folder}/manifest.json", b"{}")
        with pytest.raises(Invalid, match="no manifest"):
            await restoring(house, there, folder).restore()
        assert not await Documents(database().client, 5).holds_any("files")


def test_every_collection_is_saved_or_left_for_a_reason() -> None:
    """A new collection is neither saved nor forgotten by accident: contents.py names it."""
    assert known() == {*KEPT, *PACKED, *LEFT}
    assert not set(KEPT) & (set(PACKED) | set(LEFT))
