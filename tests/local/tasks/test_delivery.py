"""What a handler receives, and when."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from local.clock import ManualClock
from local.control.faults import Fault
from tests.local.tasks.cloud import QUEUE, running, until

pytestmark = pytest.mark.source(
    "google/cloud/tasks/v2/task.proto, target.proto and queue.proto: the message "
    "that each docstring names; 'recorded' is from the service"
)

START = 1_800_000_000.0


async def test_a_handler_gets_the_request_and_the_services_headers() -> None:
    """Method, path, body and headers arrive, with X-CloudTasks headers (names and values recorded)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        url = f"{cloud.handler.url}/a/b?c=d"
        request = {
            "url": url,
            "http_method": "PUT",
            "body": b"\x00\xffbytes",
            "headers": {"Content-Type": "application/x-thing", "X-Mine": "kept"},
        }
        await cloud.create("t-1", http_request=request)
        await until(lambda: cloud.handler.requests)
        (got,) = cloud.handler.requests
        assert (got.method, got.path, got.body) == ("PUT", "/a/b", b"\x00\xffbytes")
        expected = {
            "user-agent": "Google-Cloud-Tasks",
            "content-type": "application/x-thing",
            "x-mine": "kept",
            "x-cloudtasks-queuename": "q",
            "x-cloudtasks-taskname": "t-1",
            "x-cloudtasks-taskretrycount": "0",
            "x-cloudtasks-taskexecutioncount": "0",
            "x-cloudtasks-tasketa": f"{START:.6f}",
        }
        assert expected.items() <= got.headers.items()
        assert "x-cloudtasks-taskpreviousresponse" not in got.headers


async def test_reserved_headers_cannot_be_set() -> None:
    """User-Agent, Host, X-Google-* and X-CloudTasks-* are the service's own (HttpRequest.headers)."""
    async with running() as cloud:
        forged = {"X-CloudTasks-TaskRetryCount": "7", "User-Agent": "me", "Host": "evil", "X-Google-Y": "1"}
        await cloud.create(http_request={"headers": forged})
        await until(lambda: cloud.handler.requests)
        headers = cloud.handler.requests[0].headers
        assert headers["x-cloudtasks-taskretrycount"] == "0"
        assert headers["user-agent"] == "Google-Cloud-Tasks"
        assert headers["host"] in cloud.handler.url
        assert "x-google-y" not in headers


async def test_a_task_waits_for_its_schedule_time() -> None:
    """A task is not sent before its schedule_time (Task.schedule_time)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        due = datetime.fromtimestamp(START + 3600, UTC)
        await cloud.create("later", schedule_time=due)
        clock.advance(3599)
        await asyncio.sleep(0.05)
        assert cloud.handler.requests == []
        clock.advance(2)
        await until(lambda: cloud.handler.names() == ["later"])
        assert cloud.handler.requests[0].headers["x-cloudtasks-tasketa"] == f"{START + 3600:.6f}"


async def test_a_schedule_time_in_the_past_is_now() -> None:
    """The service sets a past schedule_time to the present (CreateTaskRequest.task)."""
    clock = ManualClock(START)
    async with running(clock=clock) as cloud:
        task = await cloud.create(schedule_time=datetime.fromtimestamp(START - 60, UTC))
        assert task.schedule_time.timestamp() == START


async def test_views_show_or_hide_the_body() -> None:
    """BASIC, the default, leaves the body out; User-Agent is among the stored headers (recorded)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        created = await cloud.create("a", http_request={"body": b"secret"})
        assert (created.view, created.http_request.body) == (tasks_v2.Task.View.BASIC, b"")
        assert created.http_request.headers["User-Agent"] == "Google-Cloud-Tasks"
        assert created.dispatch_deadline == timedelta(minutes=10)
        full = await cloud.client.get_task(request={"name": created.name, "response_view": "FULL"})
        assert full.http_request.body == b"secret"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"http_request": {"url": ""}}, "HttpRequest.url is required"),
        ({"http_request": {"url": "example.com"}}, "must start with 'http://' or 'https://'"),
        ({"http_request": {"url": "http://x/" + "y" * 2083}}, "at most 2083"),
        ({"http_request": {"http_method": "GET", "body": b"x"}}, "allowed only with POST, PUT or PATCH"),
        ({"http_request": {"headers": {"x": "y" * 81920}}}, "smaller than 80KB"),
        ({"http_request": {"body": b"x" * 1_048_569}}, "Task size too large"),
        ({"dispatch_deadline": timedelta(seconds=14)}, "dispatchDeadline must be between"),
        ({"dispatch_deadline": timedelta(minutes=31)}, "dispatchDeadline must be between"),
        ({"schedule_time": datetime.now(UTC) + timedelta(days=31)}, "no more than 720h in the future"),
    ],
)
async def test_a_task_beyond_the_limits_is_refused(task: dict[str, Any], message: str) -> None:
    """Size, URL, headers, deadline and horizon are checked at creation (quotas page, HttpRequest, Task)."""
    async with running() as cloud:
        with pytest.raises(exceptions.InvalidArgument, match=message):
            await cloud.create(**task)


async def test_run_task_passes_pause_and_schedule() -> None:
    """RunTask dispatches even in a paused queue; its reply counts the attempt (CloudTasks.RunTask)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        task = await cloud.create("a", schedule_time=datetime.now(UTC) + timedelta(hours=1))
        ran = await cloud.client.run_task(name=task.name)
        assert (ran.dispatch_count, ran.response_count) == (1, 0)
        await until(lambda: cloud.handler.names() == ["a"])
        await cloud.empty()
        with pytest.raises(exceptions.NotFound):
            await cloud.client.run_task(name=task.name)


async def test_a_task_deleted_while_it_runs_is_not_retried() -> None:
    """A dispatched task can be deleted; its failure brings it back no more (CloudTasks.DeleteTask)."""
    async with running() as cloud:
        cloud.handler.gate, cloud.handler.answers = asyncio.Event(), [500]
        task = await cloud.create("a")
        await until(lambda: cloud.handler.under_way == 1)
        await cloud.client.delete_task(name=task.name)
        cloud.handler.gate.set()
        await until(lambda: cloud.handler.under_way == 0)
        await cloud.create("b")
        await cloud.empty()
        assert cloud.handler.names() == ["a", "b"]


async def test_no_more_attempts_at_once_than_the_queue_allows() -> None:
    """max_concurrent_dispatches bounds what is under way (RateLimits)."""
    limited = {"name": QUEUE, "rateLimits": {"maxConcurrentDispatches": 2}}
    async with running([limited]) as cloud:
        cloud.handler.gate = asyncio.Event()
        for _ in range(6):
            await cloud.create()
        await until(lambda: cloud.handler.under_way == 2)
        cloud.handler.gate.set()
        await until(lambda: len(cloud.handler.requests) == 6)
        assert cloud.handler.most_at_once == 2


@pytest.mark.source("local/tasks/README.md")
async def test_a_crowd_of_tasks_is_delivered_a_hundred_at_a_time() -> None:
    """Where a queue allows more, the stand-in still has at most 100 attempts under way, and loses none."""
    async with running() as cloud:
        cloud.handler.gate = asyncio.Event()
        names = [f"t{number}" for number in range(150)]
        await asyncio.gather(*(cloud.create(name) for name in names))
        await until(lambda: cloud.handler.under_way == 100)
        cloud.handler.gate.set()
        await cloud.empty()
        assert sorted(cloud.handler.names()) == sorted(names)
        assert cloud.handler.most_at_once == 100


async def test_no_more_dispatches_a_second_than_the_queue_allows() -> None:
    """A burst of max_burst_size, then max_dispatches_per_second, by a token bucket (RateLimits)."""
    clock = ManualClock(START)
    limited = {"name": QUEUE, "rateLimits": {"maxDispatchesPerSecond": 2}}
    async with running([limited], clock=clock) as cloud:
        for _ in range(6):
            await cloud.create()
        for received in (2, 3, 4, 5, 6):
            await until(lambda wanted=received: len(cloud.handler.requests) == wanted)
            await asyncio.sleep(0.02)
            assert len(cloud.handler.requests) == received
            clock.advance(0.5)


async def test_a_queue_can_override_where_its_tasks_go() -> None:
    """http_target replaces host, port, path, query, method and headers of every task (HttpTarget)."""
    async with running() as cloud:
        port = int(cloud.handler.url.rsplit(":", 1)[-1])
        target = {
            "uri_override": {
                "scheme": "HTTP",
                "host": "127.0.0.1",
                "port": port,
                "path_override": {"path": "/elsewhere"},
            },
            "http_method": "PATCH",
            "header_overrides": [{"header": {"key": "X-From", "value": "queue"}}],
        }
        await cloud.client.update_queue(queue={"name": QUEUE, "http_target": target})
        request = {"url": "https://example.invalid/task", "headers": {"x-from": "task"}}
        await cloud.create(http_request=request)
        await until(lambda: cloud.handler.requests)
        (got,) = cloud.handler.requests
        assert (got.method, got.path, got.headers["x-from"]) == ("PATCH", "/elsewhere", "queue")


@pytest.mark.source("local/control/README.md")
async def test_calls_are_counted_and_faults_injected() -> None:
    """Control counts methods and dispatches, and makes either fail on demand."""
    async with running() as cloud:
        cloud.server.control.faults.append(Fault("CreateTask", status="UNAVAILABLE"))
        with pytest.raises(exceptions.ServiceUnavailable):
            await cloud.create("a")
        cloud.server.control.faults.append(Fault("Dispatch", drop=True))
        await cloud.create("a")
        await cloud.empty()
        assert cloud.server.control.calls["CreateTask"] == 2
        assert cloud.server.control.calls["Dispatch"] == 2
        assert cloud.handler.requests[0].headers["x-cloudtasks-taskretrycount"] == "1"
