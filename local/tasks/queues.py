"""The methods of CloudTasks that are about queues."""

import re
from typing import Any

from google.protobuf.empty_pb2 import Empty

from local.clock import Clock
from local.tasks import errors, paging, rules
from local.tasks.dispatcher import Dispatcher
from local.tasks.messages import ListQueuesResponse, Queue
from local.tasks.store import Store

QUEUE_NAME_KEPT = 7 * 24 * 3600.0
"""Seconds until the name of a deleted queue is free again (quotas page)."""
MAX_PAGE = 9800
_FILTER = re.compile(r"\s*state\s*[:=]\s*\"?(\w+)\"?\s*")


class Queues:
    """Create, get, update, list, delete, pause, resume, purge."""

    def __init__(self, store: Store, dispatcher: Dispatcher, clock: Clock) -> None:
        self._store, self._dispatcher, self._clock = store, dispatcher, clock

    async def create(self, request: Any) -> Any:
        """CreateQueue."""
        rules.check_location(request.parent)
        queue = rules.accepted_queue(request.queue)
        if not queue.name.startswith(f"{request.parent}/queues/"):
            raise errors.invalid("The queue name must belong to the location in parent.")
        if self._store.queue(queue.name):
            raise errors.queue_exists()
        return self._created(queue)

    def declare(self, given: Any) -> None:
        """Make or update a queue as terraform would; a deleted name does not stand in its way."""
        queue = rules.accepted_queue(given)
        if existing := self._store.queue(queue.name):
            queue.state = existing.state
        if given.state:
            queue.state = given.state
        self._saved(queue)

    async def get(self, request: Any) -> Any:
        """GetQueue."""
        return self.existing(request.name)

    async def update(self, request: Any) -> Any:
        """UpdateQueue; a queue that does not exist is created, as by the service."""
        existing = self._store.queue(request.queue.name)
        if not existing:
            return self._created(rules.accepted_queue(request.queue))
        merged = Queue()
        if request.HasField("update_mask") and request.update_mask.paths:
            merged.CopyFrom(existing)
            known = Queue.DESCRIPTOR.fields_by_name
            unknown = [path for path in request.update_mask.paths if path.split(".")[0] not in known]
            if unknown:
                raise errors.invalid(f"The update_mask names no field of a queue: {unknown[0]}.")
            request.update_mask.MergeMessage(request.queue, merged, True, True)
            merged.name = existing.name
        else:
            merged.CopyFrom(request.queue)
        queue = rules.accepted_queue(merged)
        queue.state = existing.state
        if existing.HasField("purge_time"):
            queue.purge_time.CopyFrom(existing.purge_time)
        return self._saved(queue)

    async def list(self, request: Any) -> Any:
        """ListQueues; of filters, only on `state`."""
        rules.check_location(request.parent)
        queues = self._store.queues(request.parent)
        if request.filter:
            match = _FILTER.fullmatch(request.filter)
            if not match:
                raise errors.not_emulated("A filter other than on state")
            queues = [queue for queue in queues if Queue.State.Name(queue.state) == match[1]]
        after = paging.position(request.page_token)
        size = paging.size(request.page_size, MAX_PAGE)
        rest = [queue for queue in queues if queue.name > after]
        token = paging.token(rest[size - 1].name) if len(rest) > size else ""
        return ListQueuesResponse(queues=rest[:size], next_page_token=token)

    async def delete(self, request: Any) -> Empty:
        """DeleteQueue, with all its tasks."""
        if not self._store.queue(request.name):
            raise errors.no_entity()
        self._store.drop_queue(request.name, self._clock.now())
        await self._dispatcher.drop(request.name)
        return Empty()

    async def pause(self, request: Any) -> Any:
        """PauseQueue: tasks may be added, none is dispatched."""
        return self._with_state(request.name, Queue.State.PAUSED)

    async def resume(self, request: Any) -> Any:
        """ResumeQueue."""
        return self._with_state(request.name, Queue.State.RUNNING)

    async def purge(self, request: Any) -> Any:
        """PurgeQueue: every task that is there now is deleted."""
        queue = self.existing(request.name)
        self._store.purge(queue, self._clock.now())
        return self._saved(queue)

    def existing(self, name: str) -> Any:
        """The queue, or NOT_FOUND in the service's words."""
        queue = self._store.queue(name)
        if not queue:
            raise errors.no_queue()
        return queue

    def _created(self, queue: Any) -> Any:
        gone = self._store.gone_since(queue.name)
        if gone is not None and self._clock.now() - gone < QUEUE_NAME_KEPT:
            raise errors.queue_too_recent()
        return self._saved(queue)

    def _with_state(self, name: str, state: int) -> Any:
        queue = self.existing(name)
        queue.state = state
        return self._saved(queue)

    def _saved(self, queue: Any) -> Any:
        self._store.put_queue(queue)
        self._dispatcher.configure(queue)
        return queue
