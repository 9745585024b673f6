"""The Ranking API, through googleapiclient.

Expected behaviour: the discovery document discoveryengine v1 (RankRequest, RankingRecord).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.control.faults import Fault
from local.ranking.server import RankingServer
from local.standin import HttpServer, Options

pytestmark = pytest.mark.source("discovery document discoveryengine v1: RankRequest, RankingRecord")

CONFIG = "projects/p/locations/global/rankingConfigs/default_ranking_config"
RECORDS = [
    {"id": "holiday", "title": "Holidays", "content": "Staff have 30 days of holiday a year."},
    {"id": "kettle", "title": "Kettles", "content": "Kettles are descaled every four weeks."},
    {"id": "van", "content": "The van is serviced in spring."},
]


@pytest.fixture
async def server() -> AsyncIterator[RankingServer]:
    """A server that compares words."""
    made = RankingServer(Options())
    await made.start()
    yield made
    await made.stop()


async def rank(server: RankingServer, config: str = CONFIG, **body: Any) -> list[dict[str, Any]]:
    """What the real client gets for this body."""

    def call() -> list[dict[str, Any]]:
        """In a thread: the client is synchronous."""
        options = {"api_endpoint": server.exports()["RANKING_URL"]}
        with build(
            "discoveryengine",
            "v1",
            credentials=Credentials("token"),
            client_options=options,
            static_discovery=True,
            cache_discovery=False,
        ) as service:
            configs = service.projects().locations().rankingConfigs()
            found: list[dict[str, Any]] = configs.rank(rankingConfig=config, body=body).execute()["records"]
            return found

    return await asyncio.to_thread(call)


async def test_order(server: RankingServer) -> None:
    """The record that answers comes first; scores fall, lie in 0..1 and have four decimals at most."""
    found = await rank(server, query="When is the kettle descaled?", records=RECORDS)
    assert [each["id"] for each in found] == ["kettle", "holiday", "van"]
    scores = [each["score"] for each in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    assert scores[0] == round(scores[0], 4) > 0.9
    assert scores[-1] == 0.00001
    assert found[0] == RECORDS[1] | {"score": scores[0]}


async def test_top_and_details(server: RankingServer) -> None:
    """TopN cuts the list, 0 does not; without details there are ids and scores."""
    asked = {"query": "van", "records": RECORDS, "model": "semantic-ranker-default@latest"}
    bare = await rank(server, **asked, topN=1, ignoreRecordDetailsInResponse=True)
    assert [each.keys() for each in bare] == [{"id", "score"}]
    assert len(await rank(server, **asked, topN=0)) == 3


async def test_truncation(server: RankingServer) -> None:
    """What stands behind the model's limit does not count, and is no error."""
    long = [{"id": "a", "content": "filler " * 2000 + "kettle"}, {"id": "b", "content": "a kettle"}]
    found = await rank(server, query="kettle", records=long)
    assert [(each["id"], each["score"] > 0.5) for each in found] == [("b", True), ("a", False)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": ""},
        {"model": "gpt"},
        {"records": []},
        {"records": [{"id": "a"}]},
        {"records": ["a"]},
        {"records": [{"id": "a", "content": "x"}] * 201},
        {"topN": "all"},
    ],
)
async def test_invalid(server: RankingServer, wrong: dict[str, Any]) -> None:
    """What the service does not accept is a 400 INVALID_ARGUMENT."""
    with pytest.raises(HttpError) as refused:
        await rank(server, **({"query": "q", "records": RECORDS} | wrong))
    assert refused.value.resp.status == 400
    assert json.loads(refused.value.content)["error"]["status"] == "INVALID_ARGUMENT"


async def test_unknown_config(server: RankingServer) -> None:
    """There is one ranking config."""
    with pytest.raises(HttpError) as refused:
        await rank(server, CONFIG.replace("default", "other"), query="q", records=RECORDS)
    assert refused.value.resp.status == 404


@pytest.mark.source("local/control/README.md")
async def test_faults(server: RankingServer) -> None:
    """An armed fault fails the call; calls are counted."""
    server.control.faults.append(Fault("rank", status="429"))
    with pytest.raises(HttpError) as refused:
        await rank(server, query="q", records=RECORDS)
    assert refused.value.resp.status == 429
    await rank(server, query="q", records=RECORDS)
    assert server.control.calls["rank"] == 2


@pytest.mark.source("local/ranking/README.md")
async def test_embeddings() -> None:
    """With Vertex AI's address meaning counts too; when it fails the call is a 503, not a worse order."""

    async def predict(request: Request) -> Response:
        """Vectors that put `water boiler` beside `kettle`."""
        texts = [each["content"].strip() for each in (await request.json())["instances"]]
        vectors = [[1.0, 0.0] if text in {"kettle", "water boiler"} else [0.0, 1.0] for text in texts]
        return JSONResponse({"predictions": [{"embeddings": {"values": each}} for each in vectors]})

    path = "/v1/projects/local/locations/global/publishers/google/models/text-embedding-005:predict"
    vertex = HttpServer(Starlette(routes=[Route(path, predict, methods=["POST"])]))
    port = await vertex.start()
    server = RankingServer(Options(settings={"vertex": f"http://127.0.0.1:{port}"}))
    await server.start()
    records = [{"id": str(i), "content": f"text {i}"} for i in range(60)] + [
        {"id": "w", "content": "water boiler"}
    ]
    try:
        found = await rank(server, query="kettle", records=records, topN=2)
        assert [each["id"] for each in found] == ["w", "0"]
        assert found[0]["score"] == 0.5
        await vertex.stop()
        with pytest.raises(HttpError) as refused:
            await rank(server, query="kettle", records=records)
        assert refused.value.resp.status == 503
    finally:
        await server.stop()
