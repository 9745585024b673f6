"""What scripts/verify-deployment says of models, index, database and Drive, with either answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.standin import HttpServer, Options
from local.tasks.server import TasksServer
from local.vertex.server import VertexServer
from scripts.verification import drive, index, models
from scripts.verification.__main__ import Check
from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding
from shared.gcp import clients
from shared.gcp.vertex_models import VertexModels
from shared.settings import FirestoreSettings, GenAISettings, ProjectSettings, TasksSettings
from tests.fakes.deployment import PROJECT, answering, deployment, found

TERRAFORM = Path(__file__).parents[2] / "terraform"
QUEUE = f"projects/{PROJECT}/locations/us-central1/queues/docent-ingest"
INDEX = f"projects/{PROJECT}/locations/us-central1/indexes/1"
ENDPOINT = f"projects/{PROJECT}/locations/us-central1/indexEndpoints/1"
WIDTH = 384


@dataclass(frozen=True)
class Vertex:
    """The stand-in, and the deployment that uses it."""

    server: VertexServer
    there: Deployment


async def test_ranking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not looked at while it is off; on, it stays on or is switched off by what Google says."""
    assert not await found(models.ranking, deployment())
    monkeypatch.setenv("RANKING_ENABLED", "true")
    for status, settings in (
        (200, {"RANKING_ENABLED": "true"}),
        (400, {"RANKING_ENABLED": "false"}),
        (500, {}),
    ):
        (finding,) = (await found(models.ranking, deployment(cloud=answering({}, status)))).values()
        assert finding.settings == settings


@asynccontextmanager
async def vertex(monkeypatch: pytest.MonkeyPatch, **settings: str) -> AsyncIterator[Vertex]:
    """The models and an index, set to one way or another."""
    declared = [{"index": INDEX, "endpoint": ENDPOINT, "deployed_index_id": "docent", "dimensions": WIDTH}]
    server = VertexServer(Options(settings={"indexes": json.dumps(declared), "preload": "no", **settings}))
    await server.start()
    try:
        for name, value in {
            **server.exports(),
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "GENAI_EMBEDDING_DIMENSIONS": str(WIDTH),
            "VECTOR_INDEX": INDEX,
            "VECTOR_ENDPOINT": ENDPOINT,
            "VECTOR_DEPLOYED_INDEX": "docent",
        }.items():
            # not in a context of its own: what a test sets inside would be put back after it, to this
            monkeypatch.setenv(name, value)
        client = VertexModels(PROJECT, GenAISettings(), Credentials("t"))
        yield Vertex(server, deployment(models=client))
        await client.close()
    finally:
        await server.stop()


async def test_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """The configured model answers; retired, the first that does is set; none, and a person is told."""
    first = "gemini-3.5-flash-lite"
    async with vertex(monkeypatch) as made:
        (finding,) = (await found(models.generation, made.there)).values()
        assert (finding.verdict, finding.settings["GENAI_MODEL"]) == ("as assumed", first)
    async with vertex(monkeypatch, retired_models=f"{first},gemini-3.6-flash") as made:
        (finding,) = (await found(models.generation, made.there)).values()
        assert (finding.verdict, finding.settings) == ("otherwise", {"GENAI_MODEL": "gemini-3.1-flash-lite"})
    async with vertex(monkeypatch, retired_models=",".join(models.OTHERS)) as made:
        (finding,) = (await found(models.generation, made.there)).values()
        assert (finding.verdict, finding.settings) == ("otherwise", {})
    async with vertex(monkeypatch) as made:
        made.server.control.faults.append(Fault(method="generateContent", status="403", times=0))
        (finding,) = (await found(models.generation, made.there)).values()
        assert (finding.verdict, finding.settings) == ("not seen", {})


@pytest.mark.parametrize(
    ("settings", "most", "length", "tasks"),
    [
        ({}, "1", "length", "otherwise"),
        ({"embed_instances": "2"}, "2", "length", "otherwise"),
        (
            {"embed_instances": "250", "otherwise": "cut-vectors-are-unit,task-types-differ"},
            "8",
            "unit length",
            "as assumed",
        ),
    ],
)
async def test_embeddings(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], most: str, length: str, tasks: str
) -> None:
    """Texts a request become a setting; lengths and kinds of task are told either way."""
    async with vertex(monkeypatch, **settings) as made:
        monkeypatch.setenv("GENAI_EMBEDDING_DIMENSIONS", "256")
        findings = await found(models.embedding, made.there)
    assert findings["texts a request of gemini-embedding-001"].settings == {"GENAI_EMBEDDING_INSTANCES": most}
    assert findings["vectors of 256 numbers"].saw.startswith(length)
    assert findings["task types"].verdict == tasks


async def test_vector_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """As assumed with a delay, otherwise in every way at once; either way nothing is left behind."""
    async with vertex(monkeypatch, visibility_delay="0.2") as made:
        findings = await found(index.vector_search, deployment())
        assert {one.verdict for one in findings.values()} == {"as assumed"}, findings
        assert len(findings) == 5
        assert (await made.server._indexes.stats(INDEX))[0] == 0
    async with vertex(monkeypatch, otherwise="distance-is-negative,missing-namespace-matches") as made:
        findings = await found(index.vector_search, deployment())
        assert findings["distance of DOT_PRODUCT"].verdict == "otherwise"
        assert findings["a datapoint without the namespace"].then.startswith("STOP")
        assert (await made.server._indexes.stats(INDEX))[0] == 0
    async with vertex(monkeypatch, visibility_delay="60"):
        monkeypatch.setattr(index, "PATIENCE", 0.5)
        findings = await found(index.vector_search, deployment())
        assert findings["a batch of 100"].verdict == "otherwise"
        assert findings["removal"].verdict == "as assumed"


@pytest.fixture
async def database(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """An empty Firestore and a queue without workers."""
    queues = json.dumps([{"name": QUEUE}])
    servers = [
        FirestoreServer(Options(settings={"firestore_indexes": str(TERRAFORM)})),
        TasksServer(Options(settings={"queues": queues})),
    ]
    for server in servers:
        await server.start()
        for name, value in server.exports().items():
            monkeypatch.setenv(name, value)
    for name, value in {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "SEARCH_BACKEND": "firestore",
        "TASKS_QUEUE": QUEUE,
        "TASKS_TARGET": "http://127.0.0.1:9",
        "TASKS_SERVICE_ACCOUNT": "tasks@example.com",
    }.items():
        monkeypatch.setenv(name, value)
    db = clients.firestore(ProjectSettings(), FirestoreSettings())
    yield db.client
    await db.close()
    for server in servers:
        await server.stop()


async def test_push(database: Any) -> None:
    """Without a collection nothing is known; with one, a channel is open, or Drive refused the address."""
    assert [one.verdict for one in (await found(drive.push, deployment())).values()] == ["not seen"]
    await database.document("collections/main").set({"name": "Main", "folder_id": "f"})
    (finding,) = (await found(drive.push, deployment())).values()
    assert (finding.verdict, finding.settings) == ("otherwise", {"DRIVE_PUSH_URL": ""})
    channel = {
        "feed": "user",
        "resource": "r",
        "secret": "s",
        "expires": datetime.now(UTC) + timedelta(days=6),
    }
    await database.document("channels/c").set({**channel, "expire_at": channel["expires"]})
    (finding,) = (await found(drive.push, deployment())).values()
    assert (finding.verdict, finding.settings) == ("as assumed", {})


async def test_tokens(database: Any) -> None:
    """A file that is indexed shows that tokens are believed; before that, nobody knows."""
    (finding,) = (await found(drive.tokens, deployment())).values()
    assert finding.verdict == "not seen"
    async with refusing() as target:
        client = clients.tasks(TasksSettings())
        task = {"http_request": {"url": target}}
        await client.create_task(request={"parent": QUEUE, "task": task})
        while (finding := (await all_of(drive.tokens))[0]).verdict == "not seen":
            await asyncio.sleep(0.01)
        assert finding.verdict == "otherwise"
        assert "not authenticated" in finding.saw
    await database.document("files/f").set({"state": "indexed", "collections": ["main"]})
    (finding,) = (await found(drive.tokens, deployment())).values()
    assert finding.verdict == "as assumed"


async def all_of(check: Check) -> list[Finding]:
    """The findings of a check."""
    return [one async for one in check(deployment())]


@asynccontextmanager
async def refusing() -> AsyncIterator[str]:
    """The address of an ingest that believes no token."""

    async def refuse(_: Request) -> Response:
        return Response(status_code=401)

    server = HttpServer(Starlette(routes=[Route("/", refuse, methods=["POST"])]))
    yield f"http://127.0.0.1:{await server.start()}/"
    await server.stop()


async def test_quota() -> None:
    """By the day on which the project was made."""
    for made, kind in (("2026-04-30T23:59:59Z", "in requests"), ("2026-05-01T00:00:00Z", "in units")):
        there = deployment(cloud=answering({"createTime": made}))
        (finding,) = (await found(drive.quota, there)).values()
        assert finding.saw.startswith(kind)


async def test_reads(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Query Explain bills is compared with what the costs page reckons with."""
    from google.cloud.firestore_v1.vector import Vector

    for number in range(3):
        vector = Vector([0.0] * 767 + [1.0])
        await database.document(f"vectors/v{number}").set({"dense": vector, "reach": ["anyone"]})
    (finding,) = (await found(index.billed, deployment())).values()
    assert finding.verdict == "as assumed", finding
    monkeypatch.setattr(index, "PER_READ", -1)
    (finding,) = (await found(index.billed, deployment())).values()
    assert finding.verdict == "otherwise", finding
