"""The methods of CloudTasks that are about tasks."""

import uuid
from typing import Any

from google.longrunning.operations_pb2 import Operation
from google.protobuf.empty_pb2 import Empty
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from local.clock import Clock
from local.rpc import RefusedError
from local.tasks import errors, paging, rules
from local.tasks.dispatcher import Dispatcher
from local.tasks.messages import (
    BatchCreateTasksMetadata,
    BatchCreateTasksResponse,
    BatchDeleteTasksMetadata,
    ListTasksResponse,
    Task,
)
from local.tasks.queues import Queues
from local.tasks.store import Store, StoredTask
from local.times import timestamp

MAX_PAGE = 1000
MAX_BATCH_CREATE, MAX_BATCH_DELETE = 100, 1000


class Tasks:
    """Create, get, list, delete, run, and the two batches.

    `kept` is for how many seconds the name of a finished or deleted task stays taken.
    """

    def __init__(
        self, store: Store, queues: Queues, dispatcher: Dispatcher, clock: Clock, kept: float
    ) -> None:
        self._store, self._queues, self._dispatcher, self._clock = store, queues, dispatcher, clock
        self._kept = kept

    async def create(self, request: Any) -> Any:
        """CreateTask."""
        rules.check_queue_name(request.parent)
        self._queues.existing(request.parent)
        now = self._clock.now()
        task = rules.accepted_task(request.parent, request.task, now)
        if self._store.task(task.name):
            raise errors.task_exists()
        if self._recently_gone(task.name):
            raise errors.task_too_recent()
        self._store.add(request.parent, task)
        self._dispatcher.wake(request.parent)
        return _viewed(task, request.response_view)

    async def get(self, request: Any) -> Any:
        """GetTask."""
        return _viewed(self._existing(request.name).message, request.response_view)

    async def list(self, request: Any) -> Any:
        """ListTasks, in the order of their names."""
        self._queues.existing(request.parent)
        size = paging.size(request.page_size, MAX_PAGE)
        tasks = self._store.tasks(request.parent, paging.position(request.page_token), size + 1)
        token = paging.token(tasks[size - 1].name) if len(tasks) > size else ""
        shown = [_viewed(task, request.response_view) for task in tasks[:size]]
        return ListTasksResponse(tasks=shown, next_page_token=token)

    async def delete(self, request: Any) -> Empty:
        """DeleteTask; an attempt under way is not called back."""
        self._existing(request.name)
        self._store.remove(request.name, self._clock.now())
        return Empty()

    async def run(self, request: Any) -> Any:
        """RunTask: dispatch now, whatever the queue says; the reply counts this attempt."""
        stored = self._existing(request.name)
        self._dispatcher.run_now(rules.queue_of(request.name), stored)
        return _viewed(stored.message, request.response_view)

    async def batch_create(self, request: Any) -> Operation:
        """BatchCreateTasks; the operation is done when it is returned."""
        self._queues.existing(request.parent)
        _check_batch(len(request.requests), MAX_BATCH_CREATE)
        metadata, response = BatchCreateTasksMetadata(), BatchCreateTasksResponse()
        metadata.start_time.CopyFrom(timestamp(self._clock.now()))
        for index, each in enumerate(request.requests):
            try:
                if each.parent and each.parent != request.parent:
                    raise errors.invalid("The parent of every request must be the parent of the batch.")
                each.parent = request.parent
                response.tasks.append(await self.create(each))
            except RefusedError as refused:
                metadata.failed_requests[index].CopyFrom(_status(refused))
        return self._operation(request.parent, metadata, response, len(request.requests))

    async def batch_delete(self, request: Any) -> Operation:
        """BatchDeleteTasks; the operation is done when it is returned."""
        self._queues.existing(request.parent)
        _check_batch(len(request.names), MAX_BATCH_DELETE)
        metadata = BatchDeleteTasksMetadata()
        metadata.start_time.CopyFrom(timestamp(self._clock.now()))
        for index, name in enumerate(request.names):
            try:
                if rules.queue_of(name) != request.parent:
                    raise errors.invalid("Every task of the batch must belong to its parent.")
                self._existing(name)
                self._store.remove(name, self._clock.now())
            except RefusedError as refused:
                metadata.failed_requests[index].CopyFrom(_status(refused))
        return self._operation(request.parent, metadata, Empty(), len(request.names))

    def _operation(self, parent: str, metadata: Any, response: Any, total: int) -> Operation:
        failed = len(metadata.failed_requests)
        metadata.state = metadata.State.PARTIALLY_SUCCEEDED if failed else metadata.State.SUCCEEDED
        metadata.end_time.CopyFrom(timestamp(self._clock.now()))
        location = parent.rsplit("/queues/", 1)[0]
        operation = Operation(name=f"{location}/operations/{uuid.uuid4()}", done=True)
        operation.metadata.Pack(metadata)
        if failed == total:
            operation.error.code = StatusCode.ABORTED.value[0]
            operation.error.message = (
                f"None of the requests succeeded, refer to {type(metadata).__name__}.failed_requests "
                "for individual error details"
            )
        else:
            operation.response.Pack(response)
        return operation

    def _existing(self, name: str) -> StoredTask:
        rules.queue_of(name)
        stored = self._store.task(name)
        if stored is None:
            raise errors.task_gone() if self._recently_gone(name) else errors.no_entity()
        return stored

    def _recently_gone(self, name: str) -> bool:
        gone = self._store.gone_since(name)
        return gone is not None and self._clock.now() - gone < self._kept


def _viewed(task: Any, view: int) -> Any:
    """A copy of the task as the caller asked to see it: BASIC leaves the body out."""
    shown = Task()
    shown.CopyFrom(task)
    shown.view = view or Task.View.BASIC
    if shown.view != Task.View.FULL:
        shown.http_request.ClearField("body")
    return shown


def _check_batch(size: int, most: int) -> None:
    if not 1 <= size <= most:
        raise errors.invalid(f"A batch must hold 1 to {most} requests.")


def _status(refused: RefusedError) -> Status:
    return Status(code=refused.code.value[0], message=refused.message)
