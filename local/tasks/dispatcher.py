"""Takes due tasks from the queues and has them attempted, within each queue's limits."""

import asyncio
import logging
from typing import Any

from local.clock import Clock
from local.tasks import retry, rules
from local.tasks.messages import Queue
from local.tasks.retry import Throttle, TokenBucket
from local.tasks.store import Store, StoredTask
from local.tasks.target import Outcome, Target
from local.times import seconds, timestamp

_log = logging.getLogger(__name__)
_SERVER_ERROR = 500
MAX_UNDER_WAY = 100
"""Attempts at once in one queue, whatever it allows: a laptop's sockets are fewer than the service's."""


def _report(work: asyncio.Task[None]) -> None:
    """What breaks here is a fault of the stand-in; the tasks concerned are taken up at the next start."""
    if not work.cancelled() and (error := work.exception()):
        _log.error("the dispatching of a queue broke", exc_info=error)


class QueueRunner:
    """The dispatching of one queue: one loop, and one asyncio task for each attempt under way."""

    def __init__(self, queue: Any, store: Store, target: Target, clock: Clock) -> None:
        self._store, self._target, self._clock = store, target, clock
        self._wake = asyncio.Event()
        self._attempts: set[asyncio.Task[None]] = set()
        self._throttle = Throttle()
        self._bucket = TokenBucket(rate=0.0, burst=0)
        self.configure(queue)
        self._loop = asyncio.create_task(self._run())
        self._loop.add_done_callback(_report)

    def configure(self, queue: Any) -> None:
        """Take over new settings or a new state; attempts under way go on."""
        rates = queue.rate_limits
        self._queue = queue
        if (self._bucket.rate, self._bucket.burst) != (rates.max_dispatches_per_second, rates.max_burst_size):
            self._bucket = TokenBucket(rates.max_dispatches_per_second, rates.max_burst_size)
        self._wake.set()

    def wake(self) -> None:
        """Something changed in the store: look again."""
        self._wake.set()

    async def stop(self) -> None:
        """End the loop and what is under way; unfinished tasks stay in the store."""
        running = [self._loop, *self._attempts]
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def run_now(self, stored: StoredTask) -> None:
        """Dispatch at once, past rate limits, pause and schedule (RunTask)."""
        self._begin(stored)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            await self._clock.wait(self._wake, self._dispatch_due())

    def _dispatch_due(self) -> float | None:
        """Begin every attempt that may begin; returns when to look again, None = when woken."""
        if self._queue.state != Queue.State.RUNNING:
            return None
        while len(self._attempts) < min(self._queue.rate_limits.max_concurrent_dispatches, MAX_UNDER_WAY):
            now = self._clock.now()
            if now < self._throttle.until:
                return self._throttle.until
            waiting = self._store.next_due(self._queue.name)
            if waiting is None or waiting[1] > now:
                return waiting and waiting[1]
            if delay := self._bucket.delay(now):
                return now + delay
            self._bucket.take()
            stored = self._store.task(waiting[0])
            if stored:
                self._begin(stored)
        return None

    def _begin(self, stored: StoredTask) -> None:
        task, now = stored.message, timestamp(self._clock.now())
        task.dispatch_count += 1
        task.last_attempt.Clear()
        task.last_attempt.schedule_time.CopyFrom(task.schedule_time)
        task.last_attempt.dispatch_time.CopyFrom(now)
        if not task.HasField("first_attempt"):
            task.first_attempt.dispatch_time.CopyFrom(now)
        self._store.dispatched(stored)
        attempt = asyncio.create_task(self._attempt(stored))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._ended)

    def _ended(self, attempt: asyncio.Task[None]) -> None:
        self._attempts.discard(attempt)
        self._wake.set()
        _report(attempt)

    async def _attempt(self, stored: StoredTask) -> None:
        outcome = await self._target.attempt(self._queue, stored)
        self._settle(stored.message.name, outcome)

    def _settle(self, name: str, outcome: Outcome) -> None:
        """Finish, give up or plan again; a task deleted meanwhile is left deleted."""
        now = self._clock.now()
        stored = self._store.task(name)
        if outcome.done:
            self._throttle.accepted()
        elif outcome.overloaded:
            self._throttle.refused(now, seconds(self._queue.retry_config.min_backoff), outcome.retry_after)
        if stored is None:
            return
        config = rules.effective_retry(self._queue, stored.message)
        age = now - seconds(stored.message.first_attempt.dispatch_time)
        if outcome.done or retry.exhausted(config, stored.message.dispatch_count, age):
            self._store.remove(name, now)
            return
        self._note(stored, outcome, now)
        delay = max(retry.backoff(config, stored.message.dispatch_count), outcome.retry_after)
        stored.message.schedule_time.CopyFrom(timestamp(now + delay))
        self._store.failed(stored)

    @staticmethod
    def _note(stored: StoredTask, outcome: Outcome, now: float) -> None:
        attempt = stored.message.last_attempt
        attempt.response_status.code, attempt.response_status.message = outcome.code, outcome.message
        stored.previous = outcome.status
        if outcome.status is not None:
            attempt.response_time.CopyFrom(timestamp(now))
            stored.message.response_count += 1
            # "This number does not include failures due to 5XX error codes" (Cloud Tasks, HTTP handlers).
            stored.executions += outcome.status < _SERVER_ERROR


class Dispatcher:
    """One QueueRunner for each queue."""

    def __init__(self, store: Store, target: Target, clock: Clock) -> None:
        self._store, self._target, self._clock = store, target, clock
        self._runners: dict[str, QueueRunner] = {}

    def configure(self, queue: Any) -> None:
        """Begin to serve a queue, or take over its new settings."""
        if runner := self._runners.get(queue.name):
            runner.configure(queue)
        else:
            self._runners[queue.name] = QueueRunner(queue, self._store, self._target, self._clock)

    def wake(self, queue: str) -> None:
        """A task was added to this queue."""
        if runner := self._runners.get(queue):  # none while a copy is being restored
            runner.wake()

    def run_now(self, queue: str, stored: StoredTask) -> None:
        """Dispatch one task at once."""
        self._runners[queue].run_now(stored)

    async def drop(self, queue: str) -> None:
        """Stop serving a queue that is deleted."""
        await self._runners.pop(queue).stop()

    async def stop(self) -> None:
        """Stop all queues; configure() takes one up again."""
        runners, self._runners = self._runners, {}
        await asyncio.gather(*(runner.stop() for runner in runners.values()))
