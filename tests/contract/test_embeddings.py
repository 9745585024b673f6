"""Texts to vectors, at the local Vertex AI; the model itself costs nothing here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from google.oauth2.credentials import Credentials

from benchmarks.ingest.free_model import FreeEmbedder, vector
from local.control.faults import Fault
from local.standin import Options
from local.vertex.server import VertexServer
from shared.errors import Upstream
from shared.gcp.embeddings import Embeddings, _batches
from shared.gcp.vertex_models import VertexModels
from shared.settings import GenAISettings


@pytest.fixture
async def server() -> AsyncIterator[VertexServer]:
    """A local Vertex AI."""
    free: Any = FreeEmbedder()
    running = VertexServer(Options(settings={"preload": "no"}), free)
    await running.start()
    yield running
    await running.stop()


@asynccontextmanager
async def embedder(server: VertexServer, model: str, instances: int) -> AsyncIterator[Embeddings]:
    """The adapter, and its connections closed."""
    settings = GenAISettings(
        base_url=server.exports()["GENAI_BASE_URL"],
        location="us-central1",
        embedding_model=model,
        embedding_instances=instances,
        embedding_dimensions=384,
    )
    models = VertexModels("docent-test", settings, Credentials(token="of-nobody"))
    yield Embeddings(models, settings)
    await models.close()


@pytest.mark.parametrize(
    ("model", "instances", "requests"), [("text-embedding-005", 250, 1), ("gemini-embedding-001", 1, 30)]
)
async def test_a_file_is_embedded_in_as_few_requests_as_the_model_allows(
    server: VertexServer, model: str, instances: int, requests: int
) -> None:
    """One for thirty texts where many are taken, one for each where one is; the vectors in their order."""
    texts = [f"Text number {number}." for number in range(30)]
    async with embedder(server, model, instances) as made:
        found = await made.documents(texts)
    assert server.control.calls["predict"] == requests
    # signs are the model's own: text-embedding-005 has another space than gemini-embedding-001
    sizes = [[abs(number) for number in one] for one in found]
    assert sizes == [pytest.approx(abs(vector(text)).tolist(), abs=1e-6) for text in texts]


@pytest.mark.parametrize("status", ["401", "403", "404"])
async def test_a_model_that_refuses_docent_is_nothing_the_asker_did(
    server: VertexServer, status: str
) -> None:
    """It is told as Google's refusal, not as a session that ended, a missing right, or a thing not there."""
    server.control.faults.append(Fault("predict", status=status, times=0))
    async with embedder(server, "text-embedding-005", 250) as asking:
        with pytest.raises(Upstream):
            await asking.query("Is there leave?")


def test_no_request_has_more_tokens_than_it_may() -> None:
    """In whatever script: English has a token for two letters at most, Chinese up to two for a sign."""
    english, chinese = ["word " * 200] * 300, ["\u4e2d\u6587" * 500] * 40
    assert [len(batch) for batch in _batches(english, 250)] == [39] * 7 + [27]
    assert [len(batch) for batch in _batches(chinese, 250)] == [10] * 4
    assert [len(batch) for batch in _batches(["a"] * 300, 250)] == [250, 50]
    assert list(_batches([], 250)) == []
