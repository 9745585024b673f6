"""What scripts/verify-deployment says and writes, on a local cloud that is set to either answer."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.control.faults import Fault
from local.firestore.server import FirestoreServer
from local.runner.front import Front
from local.runner.proxy import Manners, Proxy
from local.standin import HttpServer, Options
from local.tasks.server import TasksServer
from local.vertex.server import VertexServer
from scripts.deployment.cloud import Cloud
from scripts.verification import drive, entrance, index, models
from scripts.verification.__main__ import CHECKS, Check, verify
from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise, written
from shared.gcp import clients
from shared.settings import FirestoreSettings, ProjectSettings, TasksSettings
from shared.web.client_address import forwarded

TERRAFORM = Path(__file__).parents[2] / "terraform"
PROJECT = "docent-check"
QUEUE = f"projects/{PROJECT}/locations/us-central1/queues/docent-ingest"
INDEX = f"projects/{PROJECT}/locations/us-central1/indexes/1"
ENDPOINT = f"projects/{PROJECT}/locations/us-central1/indexEndpoints/1"
WIDTH = 384


def answering(body: dict[str, Any], status: int = 200) -> Cloud:
    """Google's REST APIs, which say this to whatever they are asked."""
    return Cloud(PROJECT, "t", httpx.MockTransport(lambda _: httpx.Response(status, json=body)))


def deployment(address: str = "http://127.0.0.1:9", **others: Any) -> Deployment:
    """A deployment at an address, looked at by an administrator."""
    there = Deployment(PROJECT, "us-central1", "docent", address, "session", answering({}))
    return replace(there, **others)


async def found(check: Check, there: Deployment) -> dict[str, Finding]:
    """The findings of a check by what they are about."""
    return {one.about: one async for one in check(there)}


async def tell(request: Request) -> Response:
    """A function: it tells what reached it, as the doctor and every problem do."""
    trace = request.headers.get("traceparent", "-" * 36).split("-")[1]
    body = {"forwarded": forwarded(request), "request_id": trace}
    return JSONResponse(body, headers={"cache-control": "no-store"})


async def answer(_: Request) -> Response:
    """An answer of twenty events, a tenth of a second apart."""

    async def events() -> AsyncIterator[str]:
        for name in ("meta", *(["token"] * 18), "done"):
            yield f"event: {name}\ndata: {{}}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(events(), media_type="text/event-stream")


@asynccontextmanager
async def behind(manners: Manners) -> AsyncIterator[Deployment]:
    """A function behind a front end with these manners."""
    routes = [Route("/chat", answer, methods=["POST"]), Route("/{path:path}", tell)]
    async with AsyncExitStack() as ends:
        server = HttpServer(Starlette(routes=routes))
        proxy = Proxy({"chat": f"http://127.0.0.1:{await server.start()}"}, manners)
        ends.push_async_callback(server.stop)

        async def gateway(scope: Any, receive: Any, send: Any) -> None:
            await proxy.forward("chat", scope, receive, send)

        front = Front(gateway)
        ends.push_async_callback(proxy.close)
        address = f"http://127.0.0.1:{await front.start()}"
        ends.push_async_callback(front.stop)
        yield deployment(address)


@pytest.mark.parametrize(
    ("manners", "verdict", "settings"),
    [
        (Manners(), "as assumed", {"TRUSTED_PROXY_HOPS": "0"}),
        (Manners(adds=("203.0.113.9",)), "as assumed", {"TRUSTED_PROXY_HOPS": "1"}),
        (Manners(hides="10.0.0.1"), "otherwise", {}),
        (Manners(drops=frozenset({b"x-forwarded-for"})), "as assumed", {"TRUSTED_PROXY_HOPS": "0"}),
    ],
)
async def test_addresses(manners: Manners, verdict: str, settings: dict[str, str]) -> None:
    """The proxies behind the client's address are counted; one that can be made to lie is named."""
    async with behind(manners) as there:
        (finding,) = (await found(entrance.addresses, there)).values()
    assert (finding.verdict, finding.settings) == (verdict, settings), finding


async def test_without_a_session_nothing_is_guessed() -> None:
    """What needs somebody who is signed in is not seen, and sets nothing."""
    there = deployment(session="")
    for check in (entrance.addresses, entrance.streams):
        (finding,) = (await found(check, there)).values()
        assert (finding.verdict, finding.settings) == ("not seen", {})


@pytest.mark.parametrize("held", [False, True])
async def test_streams(held: bool) -> None:
    """Events that come one by one, and an entrance that holds them back."""
    async with behind(Manners(holds_back=held)) as there:
        (finding,) = (await found(entrance.streams, there)).values()
    assert finding.verdict == ("otherwise" if held else "as assumed"), finding
    assert ("load_balancer" in finding.then) is held


@pytest.mark.parametrize("drops", [frozenset[bytes](), frozenset({b"traceparent", b"cache-control"})])
async def test_headers(drops: frozenset[bytes]) -> None:
    """Trace and cache headers that pass, and an entrance that eats them."""
    async with behind(Manners(drops=drops)) as there:
        findings = await found(entrance.headers, there)
    wanted = "otherwise" if drops else "as assumed"
    assert [one.verdict for one in findings.values()] == [wanted, wanted]


def service(at_once: int) -> dict[str, Any]:
    """A service as the Cloud Run Admin API v2 shows it."""
    resources = {"limits": {"cpu": "1", "memory": "1Gi"}, "startupCpuBoost": True}
    return {"template": {"maxInstanceRequestConcurrency": at_once, "containers": [{"resources": resources}]}}


async def test_services() -> None:
    """Concurrency as Terraform said it, or one request an instance; a refusal is not seen."""
    right = await found(entrance.services, deployment(cloud=answering(service(80))))
    assert right["Cloud Run service of auth"].verdict == "as assumed"
    assert "boost on" in right["Cloud Run service of auth"].saw
    wrong = await found(entrance.services, deployment(cloud=answering(service(1))))
    assert {one.verdict for one in wrong.values()} == {"otherwise"}
    unseen = await found(entrance.services, deployment(cloud=answering({}, 403)))
    assert {one.verdict for one in unseen.values()} == {"not seen"}


@dataclass(frozen=True)
class Vertex:
    """The stand-in, and the deployment that uses it."""

    server: VertexServer
    there: Deployment


@asynccontextmanager
async def vertex(monkeypatch: pytest.MonkeyPatch, **settings: str) -> AsyncIterator[Vertex]:
    """The models and an index, set to one way or another."""
    declared = [{"index": INDEX, "endpoint": ENDPOINT, "deployed_index_id": "docent", "dimensions": WIDTH}]
    server = VertexServer(Options(settings={"indexes": json.dumps(declared), "preload": "no", **settings}))
    await server.start()
    try:
        with monkeypatch.context() as patch:
            for name, value in {
                **server.exports(),
                "GOOGLE_CLOUD_PROJECT": PROJECT,
                "GENAI_EMBEDDING_DIMENSIONS": str(WIDTH),
                "VECTOR_INDEX": INDEX,
                "VECTOR_ENDPOINT": ENDPOINT,
                "VECTOR_DEPLOYED_INDEX": "docent",
            }.items():
                patch.setenv(name, value)
            options = types.HttpOptions(base_url=server.exports()["GENAI_BASE_URL"], api_version="v1")
            client = genai.Client(
                vertexai=True,
                project=PROJECT,
                location="global",
                credentials=Credentials("t"),
                http_options=options,
            )
            yield Vertex(server, deployment(genai=client))
            await client.aio.aclose()
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
    yield clients.firestore(ProjectSettings(), FirestoreSettings())
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


def test_what_follows_is_written_for_terraform(tmp_path: Path) -> None:
    """A setting that was found replaces the one before; what was not seen this time stays."""
    file = tmp_path / "verified.auto.tfvars.json"
    written([assumed("a", "x", GENAI_MODEL="one", TRUSTED_PROXY_HOPS="1")], file)
    written([otherwise("a", "x", GENAI_MODEL="two"), not_seen("b", "why")], file)
    assert json.loads(file.read_text()) == {"verified": {"GENAI_MODEL": "two", "TRUSTED_PROXY_HOPS": "1"}}
    assert 'variable "verified"' in (TERRAFORM / "variables.tf").read_text()


async def test_a_check_that_breaks_hides_no_other() -> None:
    """Whatever one check meets, the others are made, and it is told."""

    async def broken(_: Deployment) -> AsyncIterator[Finding]:
        raise RuntimeError("boom")
        yield

    async def fine(_: Deployment) -> AsyncIterator[Finding]:
        yield assumed("fine", "yes")

    findings = await verify(deployment(), (broken, fine))
    assert [(one.about, one.verdict) for one in findings] == [("broken", "not seen"), ("fine", "as assumed")]
    assert len(CHECKS) == len(set(CHECKS)) == 11


def test_every_check_is_in_the_manual() -> None:
    """docs/deploy.md has a line for each check, and none for one that is gone."""
    text = (TERRAFORM.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [one.__name__ for one in CHECKS]
