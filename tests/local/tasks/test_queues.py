"""Queues: made, found, changed, paused, purged, deleted; with the service's words for what it refuses."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.protobuf import field_mask_pb2

from local.clock import ManualClock
from tests.local.tasks.cloud import LOCATION, QUEUE, running, until

pytestmark = pytest.mark.source(
    "google/cloud/tasks/v2/cloudtasks.proto and queue.proto: the message that each docstring "
    "names; 'recorded' is from the service"
)

MISSING = "Queue does not exist. If you just created the queue, wait at least a minute"


async def test_a_new_queue_gets_the_services_defaults() -> None:
    """CreateQueue fills in 500/s, 1000 at once, 100 attempts, 0.1 s to 1 h, 16 doublings."""
    async with running([]) as cloud:
        await cloud.client.create_queue(parent=LOCATION, queue={"name": QUEUE})
        queue = await cloud.client.get_queue(name=QUEUE)
        assert queue.state == tasks_v2.Queue.State.RUNNING
        rates, retry = queue.rate_limits, queue.retry_config
        assert (rates.max_dispatches_per_second, rates.max_concurrent_dispatches) == (500, 1000)
        assert rates.max_burst_size == 100
        assert (retry.max_attempts, retry.max_doublings) == (100, 16)
        assert (retry.min_backoff, retry.max_backoff) == (timedelta(seconds=0.1), timedelta(hours=1))


async def test_a_queue_is_created_once() -> None:
    """A second CreateQueue is ALREADY_EXISTS (recorded from the service)."""
    async with running() as cloud:
        with pytest.raises(exceptions.AlreadyExists, match="Queue already exists"):
            await cloud.client.create_queue(parent=LOCATION, queue={"name": QUEUE})


async def test_any_project_and_location_will_do() -> None:
    """Queues of different projects are apart, whatever the projects are called."""
    async with running([]) as cloud:
        for project in ("one", "example.com:two"):
            parent = f"projects/{project}/locations/europe-west1"
            await cloud.client.create_queue(parent=parent, queue={"name": f"{parent}/queues/q"})
            found = [queue.name async for queue in await cloud.client.list_queues(parent=parent)]
            assert found == [f"{parent}/queues/q"]


@pytest.mark.parametrize("method", ["get_queue", "pause_queue", "resume_queue", "purge_queue"])
async def test_a_queue_that_does_not_exist(method: str) -> None:
    """Get, Pause, Resume and Purge of a missing queue are NOT_FOUND in the service's words (recorded)."""
    async with running([]) as cloud:
        with pytest.raises(exceptions.NotFound, match=MISSING):
            await getattr(cloud.client, method)(name=QUEUE)


async def test_a_task_for_a_queue_that_does_not_exist() -> None:
    """CreateTask, ListTasks and DeleteQueue on a missing queue are NOT_FOUND (texts recorded)."""
    async with running([]) as cloud:
        with pytest.raises(exceptions.NotFound, match=MISSING):
            await cloud.create("a")
        with pytest.raises(exceptions.NotFound, match=MISSING):
            await cloud.left()
        with pytest.raises(exceptions.NotFound, match="Requested entity was not found"):
            await cloud.client.delete_queue(name=QUEUE)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate_limits": {"max_dispatches_per_second": -1}}, "maxDispatchesPerSecond cannot be negative"),
        ({"rate_limits": {"max_dispatches_per_second": 501}}, "must be less than or equal to 500"),
        ({"rate_limits": {"max_concurrent_dispatches": -1}}, "maxConcurrentDispatches cannot be negative"),
        ({"rate_limits": {"max_concurrent_dispatches": 5001}}, "must be less than or equal to 5000"),
        ({"retry_config": {"max_attempts": -2}}, "maxAttempts must be greater or equal to -1"),
        ({"retry_config": {"max_doublings": -1}}, "maxDoublings cannot be negative"),
        ({"retry_config": {"min_backoff": timedelta(seconds=-1)}}, "minBackoff cannot be negative"),
        (
            {"retry_config": {"min_backoff": timedelta(seconds=10), "max_backoff": timedelta(seconds=5)}},
            "minBackoff must be less than or equal to RetryConfig.maxBackoff",
        ),
        ({"name": "no-name"}, "Queue name must be formatted"),
    ],
)
async def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    """CreateQueue refuses them with INVALID_ARGUMENT (texts recorded from the service)."""
    async with running([]) as cloud:
        with pytest.raises(exceptions.InvalidArgument, match=message):
            await cloud.client.create_queue(parent=LOCATION, queue={"name": QUEUE} | settings)


async def test_a_refused_name_says_where_names_are_defined() -> None:
    """INVALID_ARGUMENT for a queue's name carries a google.rpc.Help with a link (recorded)."""
    async with running([]) as cloud:
        with pytest.raises(exceptions.InvalidArgument) as refused:
            await cloud.client.create_queue(parent=LOCATION, queue={"name": "no-name"})
        (help_,) = refused.value.details
        assert help_.links[0].description == "Definition of queue name"
        assert help_.links[0].url.endswith("#Queue.FIELDS.name")


async def test_a_parent_that_is_no_location() -> None:
    """CreateQueue in a malformed parent is PERMISSION_DENIED on a project of that name (recorded)."""
    async with running([]) as cloud:
        with pytest.raises(exceptions.PermissionDenied, match="on resource project not-a-parent"):
            await cloud.client.create_queue(parent="not-a-parent", queue={"name": QUEUE})


async def test_an_update_changes_what_its_mask_names() -> None:
    """UpdateQueue with a mask leaves the other settings alone (UpdateQueueRequest.update_mask)."""
    async with running() as cloud:
        updated = await cloud.client.update_queue(
            queue={"name": QUEUE, "rate_limits": {"max_concurrent_dispatches": 3}},
            update_mask=field_mask_pb2.FieldMask(paths=["rate_limits.max_concurrent_dispatches"]),
        )
        assert updated.rate_limits.max_concurrent_dispatches == 3
        assert updated.rate_limits.max_dispatches_per_second == 500
        assert updated.retry_config.min_backoff == timedelta(seconds=0.02)


async def test_an_update_creates_a_queue_that_is_missing() -> None:
    """UpdateQueue of a missing queue makes it (CloudTasks.UpdateQueue)."""
    async with running([]) as cloud:
        await cloud.client.update_queue(queue={"name": QUEUE})
        assert (await cloud.client.get_queue(name=QUEUE)).name == QUEUE


async def test_an_update_does_not_resume_a_paused_queue() -> None:
    """The state changes by PauseQueue and ResumeQueue only (Queue.state)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        updated = await cloud.client.update_queue(queue={"name": QUEUE, "state": "RUNNING"})
        assert updated.state == tasks_v2.Queue.State.PAUSED


async def test_a_paused_queue_takes_tasks_and_sends_none_until_it_is_resumed() -> None:
    """PauseQueue stops delivery, not creation; ResumeQueue delivers what waits (Queue.State.PAUSED)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        for name in ("a", "b"):
            await cloud.create(name)
        await asyncio.sleep(0.05)
        assert cloud.handler.requests == []
        assert sorted(await cloud.left()) == ["a", "b"]
        await cloud.client.resume_queue(name=QUEUE)
        await until(lambda: sorted(cloud.handler.names()) == ["a", "b"])
        await cloud.empty()


async def test_a_purge_deletes_what_waits() -> None:
    """PurgeQueue removes all tasks and says when; the names stay taken (Queue.purge_time)."""
    clock = ManualClock(1_800_000_000.0)
    async with running(clock=clock) as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("a")
        purged = await cloud.client.purge_queue(name=QUEUE)
        assert purged.purge_time.timestamp() == clock.now()
        assert await cloud.left() == []
        with pytest.raises(exceptions.AlreadyExists):
            await cloud.create("a")


async def test_the_name_of_a_deleted_queue_is_blocked_for_seven_days() -> None:
    """CreateQueue after DeleteQueue is FAILED_PRECONDITION (recorded) for seven days (quotas page)."""
    clock = ManualClock(1_800_000_000.0)
    async with running(clock=clock) as cloud:
        await cloud.client.delete_queue(name=QUEUE)
        with pytest.raises(exceptions.NotFound, match=MISSING):
            await cloud.client.get_queue(name=QUEUE)
        clock.advance(7 * 24 * 3600 - 1)
        with pytest.raises(
            exceptions.FailedPrecondition, match="a queue with this name existed too recently"
        ):
            await cloud.client.create_queue(parent=LOCATION, queue={"name": QUEUE})
        clock.advance(2)
        await cloud.client.create_queue(parent=LOCATION, queue={"name": QUEUE})


async def test_lists_come_in_pages() -> None:
    """ListQueues and ListTasks give every item once over their pages; a made-up token is refused."""
    async with running([{"name": f"{LOCATION}/queues/q{n}"} for n in range(5)] + [{"name": QUEUE}]) as cloud:
        pager = await cloud.client.list_queues(request={"parent": LOCATION, "page_size": 4})
        sizes = [len(page.queues) async for page in pager.pages]
        assert sizes == [4, 2]
        await cloud.client.pause_queue(name=QUEUE)
        for _ in range(5):
            await cloud.create()
        listed = await cloud.client.list_tasks(request={"parent": QUEUE, "page_size": 2})
        assert len({task.name async for task in listed}) == 5
        with pytest.raises(exceptions.InvalidArgument, match="page token"):
            await cloud.client.list_tasks(request={"parent": QUEUE, "page_token": "?"})


async def test_queues_are_filtered_by_state() -> None:
    """ListQueues understands a filter on state; any other is refused as UNIMPLEMENTED."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        request = {"parent": LOCATION, "filter": "state: PAUSED"}
        assert [queue.name async for queue in await cloud.client.list_queues(request=request)] == [QUEUE]
        with pytest.raises(exceptions.MethodNotImplemented):
            await cloud.client.list_queues(request=request | {"filter": "rateLimits.maxBurstSize>5"})


async def test_what_is_not_emulated_is_refused() -> None:
    """IAM, CMEK, App Engine and OAuth targets are UNIMPLEMENTED, never silently accepted."""
    async with running() as cloud:
        calls = [
            cloud.client.get_iam_policy(request={"resource": QUEUE}),
            cloud.client.get_cmek_config(name=f"{LOCATION}/cmekConfig"),
            cloud.client.create_task(parent=QUEUE, task={"app_engine_http_request": {"relative_uri": "/"}}),
            cloud.create(http_request={"oauth_token": {"service_account_email": "a@b"}}),
        ]
        for call in calls:
            with pytest.raises(exceptions.MethodNotImplemented, match="not emulated"):
                await call
