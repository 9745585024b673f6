"""Named tasks: one name, one task, also for a day after it is gone."""

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from local.clock import ManualClock
from tests.local.tasks.cloud import QUEUE, running, until

pytestmark = pytest.mark.source(
    "google/cloud/tasks/v2/cloudtasks.proto and task.proto: the message that each docstring "
    "names; 'recorded' is from the service"
)

NAME = f"{QUEUE}/tasks/once"


async def test_the_name_of_a_waiting_task_is_taken() -> None:
    """A second CreateTask under a waiting task's name is ALREADY_EXISTS (recorded from the service)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("once")
        with pytest.raises(exceptions.AlreadyExists, match="Requested entity already exists"):
            await cloud.create("once")
        assert await cloud.left() == ["once"]


async def test_the_name_of_a_finished_task_stays_taken_for_a_day() -> None:
    """After completion the name is refused for up to 24 hours, then free (CreateTaskRequest.task)."""
    clock = ManualClock(1_800_000_000.0)
    async with running(clock=clock) as cloud:
        await cloud.create("once")
        await cloud.empty()
        clock.advance(24 * 3600 - 1)
        with pytest.raises(exceptions.AlreadyExists, match="existed too recently"):
            await cloud.create("once")
        clock.advance(2)
        await cloud.create("once")
        await cloud.empty()
        assert cloud.handler.names() == ["once", "once"]


async def test_the_name_of_a_deleted_task_stays_taken() -> None:
    """Deleting a task does not free its name (CreateTaskRequest.task)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("once")
        await cloud.client.delete_task(name=NAME)
        with pytest.raises(exceptions.AlreadyExists, match="existed too recently"):
            await cloud.create("once")


async def test_a_finished_task_is_told_from_one_that_never_was() -> None:
    """GetTask says whether a task of this name existed (texts recorded from the service)."""
    async with running() as cloud:
        await cloud.create("once")
        await cloud.empty()
        with pytest.raises(exceptions.NotFound, match="The task no longer exists, though"):
            await cloud.client.get_task(name=NAME)
        with pytest.raises(exceptions.NotFound, match="Requested entity was not found"):
            await cloud.client.get_task(name=f"{QUEUE}/tasks/never")


async def test_a_task_without_a_name_gets_a_fresh_one() -> None:
    """Unnamed tasks are never duplicates of each other (Task.name)."""
    async with running() as cloud:
        names = {(await cloud.create()).name for _ in range(20)}
        assert len(names) == 20
        await until(lambda: len(cloud.handler.requests) == 20)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (f"{QUEUE}/tasks/not a valid id", 'Task ID "not a valid id" can contain only letters'),
        (f"{QUEUE}/tasks/{'x' * 501}", "Task ID must between 1 and 500 characters"),
        (f"{QUEUE}-other/tasks/a", "must be the same as the queue name in the named task"),
        ("a", "Task name must be formatted"),
    ],
)
async def test_a_name_that_is_none_is_refused(name: str, message: str) -> None:
    """A malformed name, or one of another queue, is INVALID_ARGUMENT (texts recorded from the service)."""
    async with running() as cloud:
        with pytest.raises(exceptions.InvalidArgument, match=message):
            await cloud.client.create_task(
                parent=QUEUE, task={"name": name, "http_request": {"url": cloud.handler.url}}
            )


async def test_a_name_of_500_characters_is_accepted() -> None:
    """The longest allowed TASK_ID has 500 characters (Task.name)."""
    async with running() as cloud:
        await cloud.create("x" * 500)
        await until(lambda: cloud.handler.names() == ["x" * 500])


async def test_a_batch_reports_what_it_could_not_create() -> None:
    """BatchCreateTasks creates what it can and lists the rest by index (BatchCreateTasksMetadata)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("once")
        url = cloud.handler.url
        tasks = [{"name": NAME, "http_request": {"url": url}}, {"http_request": {"url": url}}]
        requests = [{"parent": QUEUE, "task": task} for task in tasks]
        operation = await cloud.client.batch_create_tasks(request={"parent": QUEUE, "requests": requests})
        assert len((await operation.result()).tasks) == 1
        metadata = operation.metadata
        assert metadata.state == tasks_v2.BatchCreateTasksMetadata.State.PARTIALLY_SUCCEEDED
        assert {index: status.code for index, status in metadata.failed_requests.items()} == {0: 6}


async def test_a_batch_deletes_tasks_and_fails_when_all_of_it_fails() -> None:
    """When every deletion of a batch fails, the operation is ABORTED (BatchDeleteTasksMetadata)."""
    async with running() as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("once")
        request = {"parent": QUEUE, "names": [NAME]}
        await (await cloud.client.batch_delete_tasks(request=request)).result()
        assert await cloud.left() == []
        failed = await cloud.client.batch_delete_tasks(request=request)
        with pytest.raises(exceptions.GoogleAPICallError, match="None of the requests succeeded"):
            await failed.result()
