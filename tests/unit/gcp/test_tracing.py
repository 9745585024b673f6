"""Calls of Google carry the trace of the request they are made for: seen by the stand-ins."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from local.control.calls import Call
from local.firestore.server import FirestoreServer
from local.secrets.server import SecretsServer
from local.standin import Options
from shared import log
from shared.gcp import clients
from shared.gcp.secrets import SecretManagerSecrets
from shared.gcp.tracing import hooks, traced_request, traceparent
from shared.settings import FirestoreSettings, ProjectSettings, SecretsSettings
from tests.fakes.declared import declared

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    """Each test begins and ends outside a request."""
    log.unbind_all()
    yield
    log.unbind_all()


def requests(calls: list[Call]) -> set[str]:
    """The requests that calls belong to."""
    return {one.request for one in calls}


async def test_firestore_is_told_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unary and streaming calls, each with the trace of the task that makes it; outside a request none."""
    server = FirestoreServer(declared())
    await server.start()
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", server.exports()["FIRESTORE_EMULATOR_HOST"])
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    db = clients.firestore(ProjectSettings(), FirestoreSettings())
    client = db.client

    async def request(trace: str) -> None:
        if trace:
            log.bind(request_id=trace)
        reference = client.document(f"c/{trace or 'none'}")
        await reference.set({"n": 1})
        await reference.get()
        assert [one async for one in client.collection("c").stream()]

    traces = ["a" * 32, "b" * 32, ""]
    await asyncio.gather(*(asyncio.create_task(request(trace)) for trace in traces))
    for trace in traces:
        methods = sorted(one.method for one in server.control.traces if one.request == trace)
        assert methods == ["BatchGetDocuments", "Commit", "RunQuery"]
    await db.close()
    await server.stop()


async def test_calls_with_own_messages_tell_the_request() -> None:
    """Secret Manager is called without Google's client."""
    declared = '{"projects/p/secrets/s": "v"}'
    server = SecretsServer(Options(settings={"secrets": declared}))
    await server.start()
    secrets = SecretManagerSecrets("p", SecretsSettings(host=server.exports()["SECRETS_HOST"]))
    log.bind(request_id=TRACE)
    assert await secrets.text("s") == "v"
    assert requests(list(server.control.traces)) == {TRACE}
    await secrets.close()
    await server.stop()


async def test_the_header_is_w3c_trace_context() -> None:
    """Version, the request's trace id, a parent id of its own for each call, sampled; or no header."""
    assert traceparent() == ""
    log.bind(request_id="not-a-trace")
    assert traceparent() == ""
    log.bind(request_id="0" * 32)
    assert traceparent() == ""
    log.bind(request_id=TRACE)
    version, trace, parent, flags = traceparent().split("-")
    assert (version, trace, len(parent), flags) == ("00", TRACE, 16, "01")
    assert traceparent().split("-")[2] != parent


async def test_http_clients_tell_the_request() -> None:
    """Httpx by a hook, googleapiclient by its request builder; outside a request neither does."""
    for bound in (False, True):
        if bound:
            log.bind(request_id=TRACE)
        request = httpx.Request("GET", "http://127.0.0.1/")
        await hooks("any")["request"][0](request)
        built = traced_request(None, None, "http://127.0.0.1/")
        for headers in (request.headers, built.headers):
            assert ("traceparent" in headers) == bound
            assert not bound or headers["traceparent"].startswith(f"00-{TRACE}-")
