"""Cloud Scheduler: jobs are posted when their time comes, or when asked to run."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from local.clock import Clock, ManualClock
from local.control.faults import Fault
from local.scheduler.server import Scheduler
from local.standin import Options
from tests.local.tasks.cloud import ACCOUNT, Handler, Issuer, until

pytestmark = pytest.mark.source(
    "google/cloud/scheduler/v1/job.proto and target.proto: the message that each docstring names"
)

START = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""
FULL = "projects/p/locations/l/jobs/sync"


@dataclass
class Cloud:
    """A running scheduler with a handler, a token issuer and its REST API."""

    scheduler: Scheduler
    handler: Handler
    issuer: Issuer
    rest: httpx.AsyncClient


@contextlib.asynccontextmanager
async def running(*jobs: dict[str, Any], clock: Clock | None = None) -> AsyncIterator[Cloud]:
    """A scheduler with these jobs; a job's url is a path of the handler."""
    handler, issuer = Handler(), Issuer()
    await asyncio.gather(handler.start(), issuer.start())
    declared = [job | {"url": f"{handler.url}{job.get('url', '/sync')}"} for job in jobs]
    scheduler = Scheduler(Options(0, None, issuer.url, settings={"jobs": json.dumps(declared)}), clock)
    port = await scheduler.start()
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10
        ) as rest:
            yield Cloud(scheduler, handler, issuer, rest)
    finally:
        await scheduler.stop()
        await asyncio.gather(handler.stop(), issuer.stop())


async def shows(cloud: Cloud, **fields: Any) -> None:
    """Wait until the REST API shows these fields on the job called sync."""

    async def seen() -> bool:
        """Whether the job shows them."""
        (job,) = (await cloud.rest.get(f"/v1/{FULL.rpartition('/')[0]}")).json()["jobs"]
        return fields.items() <= job.items()

    await until(seen)


async def test_a_job_is_posted_when_its_time_comes() -> None:
    """A cron job goes out each time, with the service's headers and its body ."""
    clock = ManualClock(START)
    job = {"name": FULL, "schedule": "*/2 * * * *", "body": '{"full": false}'}
    async with running(job, clock=clock) as cloud:
        clock.advance(119)
        await asyncio.sleep(0.02)
        assert cloud.handler.requests == []
        clock.advance(1)
        await shows(cloud, scheduleTime="2027-01-15T08:04:00Z")
        assert len(cloud.handler.requests) == 1
        clock.advance(120)
        await until(lambda: len(cloud.handler.requests) == 2)
        got = cloud.handler.requests[0]
        assert (got.method, got.path, got.body) == ("POST", "/sync", b'{"full": false}')
        expected = {
            "user-agent": "Google-Cloud-Scheduler",
            "x-cloudscheduler": "true",
            "x-cloudscheduler-jobname": "sync",
            "x-cloudscheduler-scheduletime": "2027-01-15T08:02:00Z",
            "content-type": "application/octet-stream",
        }
        assert expected.items() <= got.headers.items()


async def test_a_job_carries_its_accounts_token() -> None:
    """With a service account the request has an OIDC token for the job's audience (OidcToken)."""
    audience = "https://ingest.example.com"
    job = {"name": "sync", "schedule_seconds": 3600, "service_account": ACCOUNT, "audience": audience}
    async with running(job) as cloud:
        cloud.handler.check = lambda received: cloud.issuer.accepts(received, audience)
        assert await cloud.scheduler.run("sync") == 0
        assert len(cloud.handler.requests) == 1


async def test_a_job_without_a_token_is_refused_by_the_handler() -> None:
    """No service account, no Authorization: the run ends as UNAUTHENTICATED."""
    async with running({"name": "sync", "schedule_seconds": 3600}) as cloud:
        cloud.handler.check = lambda received: cloud.issuer.accepts(received, "any")
        assert await cloud.scheduler.run("sync") == 16


async def test_the_rest_api_runs_a_job_now() -> None:
    """POST /v1/NAME:run answers with the job and posts it at once (projects.locations.jobs.run)."""
    async with running({"name": FULL, "schedule": "0 3 * * *", "headers": {"X-A": "b"}}) as cloud:
        answer = await cloud.rest.post(f"/v1/{FULL}:run", json={})
        assert (answer.status_code, answer.json()["name"]) == (200, FULL)
        await until(lambda: cloud.handler.requests)
        assert cloud.handler.requests[0].headers["x-a"] == "b"
        assert (await cloud.rest.get(f"/v1/{FULL}")).json()["httpTarget"][
            "uri"
        ] == f"{cloud.handler.url}/sync"
        listed = (await cloud.rest.get("/v1/projects/p/locations/l/jobs")).json()["jobs"]
        assert [(job["schedule"], job["state"]) for job in listed] == [("0 3 * * *", "ENABLED")]


@pytest.mark.source("https://google.aip.dev/193; local/scheduler/README.md: what is refused")
async def test_what_the_rest_api_does_not_do_it_refuses() -> None:
    """An unknown job is 404; creating, pausing and deleting are 501; both in Google's error shape."""
    async with running({"name": FULL, "schedule": "0 3 * * *"}) as cloud:
        refused = [
            (await cloud.rest.get("/v1/projects/p/locations/l/jobs/none"), 404, "NOT_FOUND"),
            (await cloud.rest.post("/v1/projects/p/locations/l/jobs/none:run"), 404, "NOT_FOUND"),
            (await cloud.rest.post(f"/v1/{FULL}:pause"), 501, "UNIMPLEMENTED"),
            (await cloud.rest.post("/v1/projects/p/locations/l/jobs", json={}), 501, "UNIMPLEMENTED"),
            (await cloud.rest.delete(f"/v1/{FULL}"), 501, "UNIMPLEMENTED"),
        ]
        for answer, status, name in refused:
            assert (answer.status_code, answer.json()["error"]["status"]) == (status, name)


async def test_a_failed_run_is_retried_as_often_as_the_job_says() -> None:
    """retry_count retries with doubling rests; the first success ends them (RetryConfig.retry_count)."""
    clock = ManualClock(START)
    job = {"name": FULL, "schedule": "0 3 * * *", "retry_count": 3, "min_backoff": 5}
    async with running(job, clock=clock) as cloud:
        cloud.handler.answers = [500, 503]
        run = asyncio.create_task(cloud.scheduler.run("sync"))
        for count, rest, code in ((1, 5, 13), (2, 10, 14)):
            await shows(cloud, status={"code": code})
            clock.advance(rest - 1)
            await asyncio.sleep(0.02)
            assert len(cloud.handler.requests) == count
            clock.advance(1)
        assert await run == 0
        assert len(cloud.handler.requests) == 3


async def test_a_run_without_retries_is_made_once() -> None:
    """retry_count 0, the default, means one attempt."""
    async with running({"name": "sync", "schedule": "0 3 * * *"}) as cloud:
        cloud.handler.answers = [500]
        assert await cloud.scheduler.run("sync") == 13
        assert len(cloud.handler.requests) == 1


async def test_an_attempt_ends_at_its_deadline() -> None:
    """A target that does not answer by attempt_deadline makes DEADLINE_EXCEEDED (Job.attempt_deadline)."""
    clock = ManualClock(START)
    job = {"name": "sync", "schedule": "0 3 * * *", "attempt_deadline": 15}
    async with running(job, clock=clock) as cloud:
        cloud.handler.gate = asyncio.Event()
        run = asyncio.create_task(cloud.scheduler.run("sync"))
        await until(lambda: cloud.handler.under_way == 1)
        clock.advance(15)
        assert await run == 4


async def test_a_target_or_issuer_that_is_down_does_not_stop_the_schedule() -> None:
    """The next time comes all the same."""
    clock = ManualClock(START)
    job = {"name": "sync", "schedule": "* * * * *", "service_account": ACCOUNT}
    async with running(job, clock=clock) as cloud:
        cloud.issuer.broken = True
        clock.advance(60)
        await until(lambda: cloud.scheduler.control.calls["Execute"] == 1)
        cloud.issuer.broken = False

        async def sent() -> bool:
            """Move on a minute; whether the handler was reached."""
            clock.advance(60)
            return bool(cloud.handler.requests)

        await until(sent)


@pytest.mark.source("local/control/README.md")
async def test_faults_and_counts() -> None:
    """Control makes an execution or a REST call fail on demand, and counts both."""
    async with running({"name": FULL, "schedule": "0 3 * * *"}) as cloud:
        cloud.scheduler.control.faults = [Fault("Execute", drop=True), Fault("jobs.run", status="503")]
        assert await cloud.scheduler.run("sync") == 14
        assert (await cloud.rest.post(f"/v1/{FULL}:run")).status_code == 503
        assert cloud.handler.requests == []
        assert cloud.scheduler.control.calls == {"Execute": 1, "jobs.run": 1}


@pytest.mark.source("local/scheduler/README.md")
@pytest.mark.parametrize(
    ("job", "message"),
    [
        ({"name": "a", "url": "http://x"}, "'a': either schedule or schedule_seconds"),
        ({"name": "a", "url": "http://x", "schedule": "* * *"}, "has 3 fields"),
        ({"name": "a", "url": "http://x", "cron": "* * * * *"}, "unknown cron"),
        ({"name": "a", "schedule_seconds": 5}, "'url'"),
        ({"name": "a", "url": "http://x", "schedule_seconds": 5, "retry_count": 6}, "0 to 5"),
        ({"name": "a", "url": "http://x", "schedule_seconds": 5, "attempt_deadline": 5}, "15 s to 30 min"),
    ],
)
def test_a_wrong_declaration_is_refused(job: dict[str, Any], message: str) -> None:
    """A job that cannot be kept raises ValueError with its name, before anything starts."""
    with pytest.raises(ValueError, match=message):
        Scheduler(Options(settings={"jobs": json.dumps([job])}))


@pytest.mark.source("local/standin.py, StandIn.start")
async def test_a_taken_port_is_named() -> None:
    """start() on a port in use raises OSError."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        await Scheduler(Options(port=taken.getsockname()[1])).start()


@pytest.mark.source("local/scheduler/README.md")
async def test_exports_name_the_address() -> None:
    """SCHEDULER_HOST is the address of the REST API."""
    scheduler = Scheduler(Options())
    port = await scheduler.start()
    assert scheduler.exports() == {"SCHEDULER_HOST": f"127.0.0.1:{port}"}
    await scheduler.stop()
