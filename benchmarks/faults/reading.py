"""Files that change while what ingest calls fails: in the end each is there once, as it is."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from benchmarks.faults.block import TASKS
from benchmarks.faults.campaign import Campaign
from benchmarks.faults.chance import chance
from benchmarks.faults.kinds import kinds
from benchmarks.faults.oracle import Wrong
from benchmarks.ingest.cloud import as_function
from local.runner import ingest
from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.ingestion.interfaces import FileRecord

PREFIX = "campaign-"
FILES = 10
FAULTS = 10
"""Faults that are armed for one round of changes."""
SETTLES = 300.0
"""Seconds within which all is read in, whatever failed."""
_DISPATCH: dict[str, dict[str, Any]] = {
    "500": {"status": "500"},
    "dropped": {"drop": True},
    "done, answer lost": {"drop": True, "late": True},
    "30 s late": {"delay": 3.0},
}
"""What happens to the sending of a task; its delay is shorter, since the queue waits for nobody."""


@dataclass
class Reading:
    """The changing files of a campaign."""

    campaign: Campaign
    folder: Path
    methods: list[tuple[str, str]] = field(default_factory=list)
    rounds: int = 0

    async def begin(self) -> None:
        """The first files, read in without faults, and what their tasks call."""
        for number in range(FILES):
            self._write(chance(number), f"{PREFIX}{number}.txt")
        (self.folder / f"{PREFIX}scan.png").write_bytes(next(self.folder.rglob("Scan*.png")).read_bytes())
        await self.sync()
        await self.settled()
        calls = await self.campaign.block.calls("")
        self.methods = sorted(
            {(one["service"], one["method"]) for one in calls if one["request"].startswith(TASKS)}
        )

    async def round(self) -> None:
        """Change files while faults are armed, and look at what came of it."""
        self.rounds += 1
        rng = chance(self.campaign.seed, "reading", self.rounds)
        armed = [await self._arm(rng) for _ in range(FAULTS)]
        self.change(rng)
        await self.sync()
        wrong = await self.settled()
        left = await self.campaign.block.left(f"{TASKS}*")
        for service, method, kind, number in armed:
            if number not in left:
                case = f"r{self.rounds}: ingest, {service} {method}: {kind}"
                self.campaign.tally.add(service, kind, case, [])
        wrong += await self.judged()
        self.campaign.tally.note(f"r{self.rounds}: {[one[:3] for one in armed]}", wrong)

    async def judged(self) -> list[Wrong]:
        """What is wrong with the files after a sync that nothing disturbs."""
        await self.sync()
        late = await self.settled()
        with as_function(dict(self.campaign.block.recipes["ingest"].environment)):
            return late + await _complaints(self.campaign.books.client, self._paths())

    async def sync(self) -> None:
        """Have the feed read."""
        await self._admin("POST", "/ingest/sync", {"collection": "main"})

    async def settled(self) -> list[Wrong]:
        """Return when nothing is pending; that it takes too long is wrong."""
        loop = asyncio.get_running_loop()
        end = loop.time() + SETTLES
        while True:
            answer = await self._admin("GET", "/ingest/status")
            now = ingest.progress_of(answer.json()) if answer.status_code == httpx.codes.OK else None
            if now is not None and now.finished:
                return [Wrong("losses", f"a sync failed: {now.error}")] if now.error else []
            if loop.time() > end:
                return [Wrong("not recovered", f"not read in after {SETTLES:.0f} s: {now}")]
            await asyncio.sleep(0.5)

    def change(self, rng: random.Random) -> None:
        """Edit, make or remove some files."""
        for path in self._paths():
            if path.suffix == ".txt" and rng.random() < 0.6:
                self._write(rng, path.name)
            elif path.suffix == ".txt" and rng.random() < 0.2:
                path.unlink()
        for _ in range(max(1, FILES - len(self._paths()))):
            self._write(rng, f"{PREFIX}{self.rounds}-{rng.randrange(10**6)}.txt")

    def _write(self, rng: random.Random, name: str) -> None:
        topics = "\n\n".join(
            f"Section {number}\n\nThe code word of part {number} is {rng.getrandbits(64):x}, says the note."
            for number in range(rng.randint(1, 4))
        )
        (self.folder / name).write_text(f"Note {name}\n\n{topics}\n")

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob(f"{PREFIX}*.txt"))

    async def _arm(self, rng: random.Random) -> tuple[str, str, str, str]:
        service, method = rng.choice([*self.methods, ("tasks", "Dispatch")])
        ways = _DISPATCH if method == "Dispatch" else kinds(service, method)
        kind = rng.choice(sorted(ways))
        scope = {} if method == "Dispatch" else {"request": f"{TASKS}*"}
        number = await self.campaign.block.arm(
            service, method=method, times=rng.choice([1, 2]), skip=rng.randrange(4), **scope, **ways[kind]
        )
        return service, method, kind, number

    async def _admin(self, method: str, path: str, body: Any = None) -> httpx.Response:
        block, admin = self.campaign.block, self.campaign.people["alice"]
        return await block.http.request(method, block.base + path, json=body, headers=admin.bearer)


async def _complaints(client: Any, paths: list[Path]) -> list[Wrong]:
    """Files = records = chunks = index, each once, and the chunks those that the bytes give."""
    records = await _records()
    mine = [one for one in records if one.name.startswith(PREFIX) and one.name.endswith(".txt")]
    names, there = Counter(one.name for one in mine), Counter(path.name for path in paths)
    wrong = [Wrong("losses", f"{name} has no record") for name in there - names]
    wrong += [Wrong("doubles", f"{name}: {names[name]} records for {there[name]}") for name in names - there]
    wrong += [
        Wrong("losses", f"{one.name}: {one.state} {one.reason} {one.lease} {one.staged} {one.stale}")
        for one in mine
        if one.state != "indexed" or one.lease or one.staged or one.stale
    ]
    for record, path in ((one, path) for one in mine for path in paths if path.name == one.name):
        keys = [
            f"{record.id}.{one.key}" for one in cut(extract(path, record.mime_type, path.name), path.name)
        ]
        if keys != list(record.chunks):
            wrong.append(Wrong("losses", f"{record.name}: other chunks than its bytes give"))
    return wrong + await _counted(client, {name for one in records for name in one.chunks})


async def _records() -> list[FileRecord]:
    """The whole ledger, by Docent's own adapter, in a function's environment."""
    from shared.gcp.clients import firestore
    from shared.gcp.firestore_files import FirestoreFiles
    from shared.settings import FirestoreSettings, ProjectSettings

    db = firestore(ProjectSettings(), FirestoreSettings())
    files, found = FirestoreFiles(db, 60.0), list[FileRecord]()
    try:
        while page := await files.page("main", "", found[-1].id if found else "", 500):
            found += page
    finally:
        await db.close()
    return found


async def _counted(client: Any, expected: set[str]) -> list[Wrong]:
    """No chunk is missing from the store or the index, and there are no others."""
    stored = {one.id async for one in client.collection("chunks").select([]).stream(timeout=120)}
    wrong = [Wrong("losses", f"{name}: no document") for name in sorted(expected - stored)]
    wrong += [Wrong("doubles", f"{name}: a document that no file has") for name in sorted(stored - expected)]
    points = await _points()
    if points != len(expected):
        wrong.append(
            Wrong(
                "doubles" if points > len(expected) else "losses",
                f"{points} datapoints for {len(expected)} chunks",
            )
        )
    return wrong


async def _points() -> int:
    """How many the index has, by Google's own client: Docent never asks."""
    from google.cloud.aiplatform_v1.services.index_service import IndexServiceAsyncClient
    from google.cloud.aiplatform_v1.services.index_service.transports.grpc_asyncio import (
        IndexServiceGrpcAsyncIOTransport,
    )
    from grpc.aio import insecure_channel

    from shared.settings import VectorSettings

    settings = VectorSettings()
    async with insecure_channel(settings.index_host) as channel:
        client = IndexServiceAsyncClient(transport=IndexServiceGrpcAsyncIOTransport(channel=channel))
        index = await client.get_index(name=settings.index, timeout=120)
        return int(index.index_stats.vectors_count)
