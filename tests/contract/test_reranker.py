"""The Ranking API as search's reranker, through Google's client on the local stand-in."""

from collections.abc import AsyncIterator

import pytest
from google.oauth2.credentials import Credentials

from local.control.faults import Fault
from local.ranking.server import RankingServer
from local.standin import Options
from shared.gcp import clients
from shared.gcp.ranking import VertexRanking
from shared.settings import ProjectSettings, RankingSettings
from tests.fakes.search import passage

PASSAGES = [
    passage("a", 1, "The van is serviced in spring."),
    passage("b", 1, "Kettles are descaled monthly."),
]


@pytest.fixture
async def server() -> AsyncIterator[RankingServer]:
    """A server that compares words."""
    made = RankingServer(Options())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture(params=[60.0])
def reranker(
    request: pytest.FixtureRequest, server: RankingServer, monkeypatch: pytest.MonkeyPatch
) -> VertexRanking:
    """The adapter, with a token that nobody checks; patient, unless a test says otherwise."""
    monkeypatch.setattr(clients, "credentials", lambda _: Credentials("token"))
    settings = RankingSettings(enabled=True, url=server.exports()["RANKING_URL"], timeout=request.param)
    project = ProjectSettings(google_cloud_project="docent-test")
    return VertexRanking(lambda: clients.ranking(settings), project, settings)


async def test_each_passage_gets_its_score(reranker: VertexRanking) -> None:
    """In the order of the passages, whatever order the service answers in."""
    scores = await reranker.scores("How often are kettles descaled?", PASSAGES)
    assert scores is not None
    assert scores[1] > scores[0]


@pytest.mark.parametrize("reranker", [1.0], indirect=True)
@pytest.mark.parametrize(
    "fault", [Fault(status="503", times=0), Fault(drop=True, times=0), Fault(delay=5.0, times=0)]
)
async def test_a_failing_service_is_no_error(
    server: RankingServer, reranker: VertexRanking, fault: Fault
) -> None:
    """Down, cut off or slow: None, so that search keeps its own order."""
    server.control.faults = [fault]
    assert await reranker.scores("kettles", PASSAGES) is None
    server.control.faults = []
