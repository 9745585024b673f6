"""Attempts that fail: when the next comes, what it says about the last, and when there is none."""

import asyncio
from datetime import timedelta
from email.utils import formatdate
from typing import Any

import pytest

from local.clock import ManualClock
from local.tasks import retry
from local.tasks.messages import RetryConfig
from local.times import duration
from tests.local.tasks.cloud import QUEUE, Cloud, running, until

pytestmark = pytest.mark.source("google/cloud/tasks/v2/queue.proto, RetryConfig; target.proto, HttpRequest")

START = 1_800_000_000.0


def config(**fields: Any) -> Any:
    """A RetryConfig with durations given in seconds."""
    durations = {"min_backoff", "max_backoff", "max_retry_duration"}
    given = {name: duration(value) if name in durations else value for name, value in fields.items()}
    return retry.completed(RetryConfig(**given))


async def attempt(cloud: Cloud, number: int) -> None:
    """Wait until the handler has been asked `number` times and the stand-in has noted the answer."""

    async def noted() -> bool:
        """Whether every task shows the outcome of its last attempt."""
        listed = await cloud.client.list_tasks(parent=QUEUE)
        return all([task.last_attempt.response_status.code async for task in listed])

    await until(lambda: len(cloud.handler.requests) == number)
    await until(noted)


def test_the_backoff_doubles_then_grows_evenly_then_stays() -> None:
    """10 s, 300 s and 3 doublings give 10, 20, 40, 80, 160, 240, 300, 300 (RetryConfig.max_doublings)."""
    documented = config(min_backoff=10, max_backoff=300, max_doublings=3)
    waits = [retry.backoff(documented, failures) for failures in range(1, 9)]
    assert waits == [10, 20, 40, 80, 160, 240, 300, 300]


def test_the_backoff_never_passes_its_maximum() -> None:
    """Even the ten thousandth failure waits max_backoff, no more (RetryConfig.max_backoff)."""
    assert retry.backoff(config(max_doublings=5000), 10_000) == 3600


@pytest.mark.parametrize(
    ("attempts", "age", "given_up"),
    [(3, 59, False), (2, 61, False), (3, 60, True), (9, 3600, True)],
)
def test_both_limits_must_be_met(attempts: int, age: float, given_up: bool) -> None:
    """With attempts and duration both limited, a task is given up when both are used up (RetryConfig)."""
    both = config(max_attempts=3, max_retry_duration=60)
    assert retry.exhausted(both, attempts, age) is given_up


def test_an_unlimited_side_does_not_count() -> None:
    """-1 attempts leave the duration alone, 0 seconds the attempts; both unlimited end after 31 days."""
    assert retry.exhausted(config(max_attempts=3), 3, 0.0)
    assert retry.exhausted(config(max_attempts=-1, max_retry_duration=60), 1, 60.0)
    assert not retry.exhausted(config(max_attempts=-1), 10_000, 30 * 86400.0)
    assert retry.exhausted(config(max_attempts=-1), 1, 31 * 86400.0)


async def test_a_target_that_fails_twice_and_then_succeeds() -> None:
    """Two failures, then 200: three attempts; headers tell of the earlier ones (values recorded)."""
    async with running() as cloud:
        cloud.handler.answers = [503, 404]
        await cloud.create("a")
        await cloud.empty()
        told = [
            (
                request.headers["x-cloudtasks-taskretrycount"],
                request.headers["x-cloudtasks-taskexecutioncount"],
                request.headers.get("x-cloudtasks-taskpreviousresponse"),
                request.headers.get("x-cloudtasks-taskretryreason"),
            )
            for request in cloud.handler.requests
        ]
        assert told == [("0", "0", None, None), ("1", "0", "503", ""), ("2", "1", "404", "")]


@pytest.mark.parametrize("status", [300, 302, 400, 401, 404, 500])
async def test_only_2xx_is_success(status: int) -> None:
    """Every other status, redirects too, is a failed attempt (HttpRequest)."""
    async with running() as cloud:
        cloud.handler.answers = [(status, {"Location": "/elsewhere"}), 204]
        await cloud.create("a")
        await cloud.empty()
        assert [request.path for request in cloud.handler.requests] == ["/work", "/work"]


async def test_the_wait_between_attempts_is_the_configured_one() -> None:
    """Retries come after 10, 20 and 40 s, no sooner, and the task shows what happened (Task.last_attempt)."""
    clock = ManualClock(START)
    settings = {"minBackoff": "10s", "maxBackoff": "300s", "maxDoublings": 3}
    async with running([{"name": QUEUE, "retryConfig": settings}], clock=clock) as cloud:
        cloud.handler.answers = [500, 404, 400]
        task = await cloud.create("a")
        for number, wait in enumerate((10, 20, 40), start=1):
            await attempt(cloud, number)
            shown = await cloud.client.get_task(name=task.name)
            assert (shown.schedule_time.timestamp() - clock.now(), shown.dispatch_count) == (wait, number)
            clock.advance(wait - 1)
            await asyncio.sleep(0.02)
            assert len(cloud.handler.requests) == number
            clock.advance(1)
        await cloud.empty()


async def test_a_task_is_given_up_after_max_attempts() -> None:
    """With max_attempts alone, that many attempts are made (RetryConfig.max_attempts)."""
    quick = {"maxAttempts": 3, "minBackoff": "0.01s", "maxBackoff": "0.01s"}
    async with running([{"name": QUEUE, "retryConfig": quick}]) as cloud:
        cloud.handler.answers = [500] * 5
        await cloud.create("a")
        await cloud.empty()
        assert len(cloud.handler.requests) == 3


async def test_the_tasks_own_retry_config_wins() -> None:
    """Task.retry_config overrides the queue's for that task (Task.retry_config)."""
    async with running() as cloud:
        cloud.handler.answers = [500] * 5
        await cloud.create("a", retry_config={"max_attempts": 1})
        await cloud.empty()
        assert len(cloud.handler.requests) == 1


async def test_a_target_that_is_down_is_tried_again() -> None:
    """A refused connection is a failed attempt without a response; the task arrives when the target is up."""
    async with running() as cloud:
        cloud.server.control.calls.clear()
        await cloud.handler.stop()
        task = await cloud.create("a")
        await until(lambda: cloud.server.control.calls["Dispatch"] >= 2)
        shown = await cloud.client.get_task(name=task.name)
        assert shown.response_count == 0
        assert shown.dispatch_count >= 1
        port = int(cloud.handler.url.rsplit(":", 1)[-1])
        await cloud.handler.start(port)
        await cloud.empty()
        assert "x-cloudtasks-taskpreviousresponse" not in cloud.handler.requests[0].headers


async def test_an_attempt_ends_at_its_dispatch_deadline() -> None:
    """After dispatch_deadline the attempt is DEADLINE_EXCEEDED and retried (Task.dispatch_deadline)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        cloud.handler.gate = asyncio.Event()
        task = await cloud.create("a", dispatch_deadline=timedelta(seconds=15))
        await until(lambda: cloud.handler.under_way == 1)
        clock.advance(14.9)
        await asyncio.sleep(0.02)
        assert (await cloud.client.get_task(name=task.name)).last_attempt.response_status.code == 0
        clock.advance(0.1)
        await attempt(cloud, 1)
        ended = (await cloud.client.get_task(name=task.name)).last_attempt
        assert ended.response_status.code == 4
        cloud.handler.gate.set()
        clock.advance(1)
        await cloud.empty()


@pytest.mark.parametrize("header", ["120", formatdate(START + 120, usegmt=True)])
async def test_retry_after_is_considered(header: str) -> None:
    """A failed task waits at least as long as Retry-After asks, in seconds or as a date (HttpRequest)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        cloud.handler.answers = [(500, {"Retry-After": header})]
        task = await cloud.create("a")
        await attempt(cloud, 1)
        shown = await cloud.client.get_task(name=task.name)
        assert shown.schedule_time.timestamp() == START + 120


@pytest.mark.parametrize("status", [429, 503])
async def test_429_and_503_hold_back_the_whole_queue(status: int) -> None:
    """While a target is overloaded the other tasks wait too (HttpRequest, system throttling)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        cloud.handler.answers = [(status, {"Retry-After": "30"})]
        await cloud.create("first")
        await attempt(cloud, 1)
        await cloud.create("second")
        clock.advance(29)
        await asyncio.sleep(0.02)
        assert cloud.handler.names() == ["first"]
        clock.advance(1)
        await cloud.empty()
        assert sorted(cloud.handler.names()) == ["first", "first", "second"]


async def test_other_failures_do_not_hold_back_the_queue() -> None:
    """After a 500 the next task goes at once: only the failed one waits."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        cloud.handler.answers = [(500, {"Retry-After": "30"})]
        await cloud.create("first")
        await attempt(cloud, 1)
        await cloud.create("second")
        await until(lambda: cloud.handler.names() == ["first", "second"])


def test_the_queues_rest_doubles_while_it_is_refused() -> None:
    """Each refusal after a rest doubles it up to a minute; those already under way do not; success resets."""
    throttle = retry.Throttle()
    now, rests = START, []
    for _ in range(12):
        throttle.refused(now, 0.1, 0.0)
        throttle.refused(now, 0.1, 0.0)
        rests.append(round(throttle.until - now, 3))
        now = throttle.until
    assert rests[:4] == [0.1, 0.2, 0.4, 0.8]
    assert rests[-1] == 60
    throttle.accepted()
    throttle.refused(now, 0.1, 0.0)
    assert round(throttle.until - now, 3) == 0.1
