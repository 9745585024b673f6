"""What scripts/verify-deployment says and writes, on a local cloud that is set to either answer."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.runner.front import Front
from local.runner.proxy import Manners, Proxy
from local.standin import HttpServer
from scripts.verification import entrance
from scripts.verification.__main__ import CHECKS, verify
from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise, written
from shared.web.client_address import forwarded
from tests.fakes.deployment import answering, deployment, found

TERRAFORM = Path(__file__).parents[2] / "terraform"


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


async def test_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """There when they are looked for, not there in time, or not to be seen."""
    monkeypatch.setattr(entrance, "SPANS_WITHIN", 0.0)
    for status, verdict in ((200, "as assumed"), (404, "otherwise"), (403, "not seen")):
        async with behind(Manners()) as there:
            (finding,) = (await found(entrance.spans, replace(there, cloud=answering({}, status)))).values()
        assert finding.verdict == verdict


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
    assert len(CHECKS) == len(set(CHECKS)) == 13


def test_every_check_is_in_the_manual() -> None:
    """docs/deploy.md has a line for each check, and none for one that is gone."""
    text = (TERRAFORM.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [one.__name__ for one in CHECKS]
