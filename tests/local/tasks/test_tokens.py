"""OIDC tokens on deliveries: the handler verifies them as production does."""

from typing import Any

import pytest

from local.clock import ManualClock
from tests.local.tasks.cloud import ACCOUNT, QUEUE, Cloud, running, until

pytestmark = pytest.mark.source(
    "google/cloud/tasks/v2/target.proto, OidcToken; https://cloud.google.com/tasks/docs/creating-http-target-tasks#token"
)

AUDIENCE = "https://ingest.example.com"


def guarded(cloud: Cloud, audience: str = AUDIENCE) -> dict[str, Any]:
    """Make the handler refuse what has no good token; returns the oidc_token that is one."""
    cloud.handler.check = lambda received: cloud.issuer.accepts(received, audience)
    return {"oidc_token": {"service_account_email": ACCOUNT, "audience": audience}}


async def test_a_task_with_an_account_carries_its_token() -> None:
    """The token is the account's, for the audience, with a verified e-mail, signed by the issuer."""
    async with running() as cloud:
        await cloud.create(http_request=guarded(cloud))
        await cloud.empty()
        assert len(cloud.handler.requests) == 1


async def test_a_task_without_a_token_is_refused_by_the_handler() -> None:
    """No oidc_token, no Authorization header: the handler answers 401 and the task is given up."""
    async with running() as cloud:
        guarded(cloud)
        await cloud.create(retry_config={"max_attempts": 2})
        await cloud.empty()
        assert len(cloud.handler.requests) == 2
        assert "authorization" not in cloud.handler.requests[0].headers


async def test_an_expired_token_is_refused_by_the_handler() -> None:
    """A handler that verifies `exp` refuses a token past it."""
    async with running() as cloud:
        cloud.issuer.lifetime = -10
        await cloud.create(http_request=guarded(cloud), retry_config={"max_attempts": 2})
        await cloud.empty()
        assert len(cloud.handler.requests) == 2
        assert not any(cloud.issuer.accepts(each, AUDIENCE) for each in cloud.handler.requests)


async def test_a_token_for_another_audience_is_refused_by_the_handler() -> None:
    """The audience is the task's, so a handler can tell tokens meant for others."""
    async with running() as cloud:
        token = guarded(cloud)["oidc_token"] | {"audience": "https://other.example.com"}
        await cloud.create(http_request={"oidc_token": token}, retry_config={"max_attempts": 1})
        await cloud.empty()
        assert not cloud.issuer.accepts(cloud.handler.requests[0], AUDIENCE)


async def test_the_audience_defaults_to_the_whole_url() -> None:
    """Without an audience the target's URL is used (OidcToken.audience)."""
    async with running() as cloud:
        url = f"{cloud.handler.url}/work?x=1"
        guarded(cloud, url)
        await cloud.create(http_request={"url": url, "oidc_token": {"service_account_email": ACCOUNT}})
        await cloud.empty()
        assert len(cloud.handler.requests) == 1


async def test_the_token_replaces_a_callers_authorization_header() -> None:
    """oidc_token wins over an Authorization header of the task (HttpRequest.oidc_token)."""
    async with running() as cloud:
        await cloud.create(http_request=guarded(cloud) | {"headers": {"authorization": "Bearer mine"}})
        await cloud.empty()
        assert len(cloud.handler.requests) == 1


async def test_a_queues_oidc_token_covers_all_its_tasks() -> None:
    """http_target.oidc_token of the queue is used for tasks without their own (HttpTarget.oidc_token)."""
    async with running() as cloud:
        await cloud.client.update_queue(queue={"name": QUEUE, "http_target": guarded(cloud)})
        await cloud.create()
        await cloud.empty()
        assert len(cloud.handler.requests) == 1


@pytest.mark.source("local/tasks/README.md")
async def test_one_token_serves_many_tasks() -> None:
    """A token is minted once for each account and audience, also when many tasks want it at once."""
    async with running() as cloud:
        for _ in range(5):
            await cloud.create(http_request=guarded(cloud))
        await cloud.empty()
        assert (cloud.issuer.minted, len(cloud.handler.requests)) == (1, 5)


@pytest.mark.source("local/tasks/README.md")
async def test_a_kept_token_is_not_used_past_its_time() -> None:
    """After five minutes by the stand-in's clock a new token is asked for."""
    clock = ManualClock(1_800_000_000.0)
    async with running(clock=clock) as cloud:
        cloud.issuer.lifetime = 10**9
        for _ in range(2):
            await cloud.create(http_request=guarded(cloud))
            await cloud.empty()
            clock.advance(301)
        assert cloud.issuer.minted == 2


@pytest.mark.source("local/tasks/README.md")
async def test_keys_may_rotate_under_a_kept_token() -> None:
    """A token signed with a withdrawn key is refused once; the retry carries a new one."""
    async with running() as cloud:
        await cloud.create(http_request=guarded(cloud))
        await cloud.empty()
        cloud.issuer.rotate()
        await cloud.create(http_request=guarded(cloud))
        await cloud.empty()
        assert len(cloud.handler.requests) == 3
        assert cloud.issuer.accepts(cloud.handler.requests[-1], AUDIENCE)


@pytest.mark.source("local/tasks/README.md")
async def test_an_issuer_that_is_down_delays_the_task() -> None:
    """Without a token nothing is sent; when the issuer is back the task arrives."""
    async with running() as cloud:
        cloud.issuer.broken = True
        task = await cloud.create(http_request=guarded(cloud))
        await until(lambda: cloud.server.control.calls["Dispatch"] >= 2)
        assert cloud.handler.requests == []
        failed = (await cloud.client.get_task(name=task.name)).last_attempt.response_status.code
        assert failed in {0, 16}
        cloud.issuer.broken = False
        await cloud.empty()
        assert len(cloud.handler.requests) == 1
