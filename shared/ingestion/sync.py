"""Keeping the ledger in step with Drive: from the change feed, from a full listing, or from both.

One run at a time a collection: `sync_state` names the run that holds it. A run is done by a task, step by
step, and saved after each; whoever comes after a kill goes on from there. The feed's tokens are kept for
the next run only after everything they tell of is queued.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.errors import AppError, Conflict
from shared.ingestion.drive import TokenLost
from shared.ingestion.groups import Groups
from shared.ingestion.identifiers import task_name
from shared.ingestion.interfaces import Collection, Task
from shared.ingestion.queueing import LOST_AFTER, Ask
from shared.ingestion.runs import Folder, Run, RunKind, StateStore, SyncState
from shared.ingestion.steps import Save, Steps, Stores, count
from shared.log import get_logger

SYNC_TASK = "/ingest/tasks/sync"
LEASE = timedelta(seconds=90)
"""How long a worker may be silent between two steps before another takes the run over."""
ABANDONED = timedelta(minutes=20)
"""A run that nobody has worked on for so long is given up, and the next one may start."""
BUDGET = 480.0
"""Seconds of work in one delivery; the rest is done by the next one, well within the task's deadline."""
ASKED = 500
"""Files that are asked for between two renewals of the lease."""
LEAVING = timedelta(seconds=3)
"""How long after a look at a collection that is leaving the next one is had."""
GROUPS_AGE = timedelta(seconds=50)
"""Groups read longer ago than this are read again by a sync: with a sync every two minutes, at each. One
that an administrator started reads all that were read before it was asked for."""

_log = get_logger("ingestion.sync")


class Cancelled(Exception):
    """An administrator ended the run."""


@dataclass(frozen=True)
class Sync:
    """Starts, works, cancels and counts runs."""

    stores: Stores
    states: StateStore
    groups: Groups
    budget: float = BUDGET
    monotonic: Callable[[], float] = time.monotonic

    def _now(self) -> datetime:
        return self.stores.queueing.clock.now()

    async def start(
        self, collection_id: str, *, dry_run: bool = False, by_person: bool = True, kind: RunKind = "changes"
    ) -> Run | None:
        """Begin a run and return it, or the one under way, which is then followed by another.

        None when an administrator has paused the collection and nobody asks in person. A dry run lists
        and counts, changes nothing, and is returned complete. Raises NotFound.
        """
        collection = await self.stores.collections.get(collection_id)
        run = Run(uuid.uuid4().hex, collection.id, "queued", self._now(), kind=kind, by_person=by_person)
        if dry_run:
            return await self._counted(replace(run, dry_run=True), collection)
        state = await self.states.get(collection.id)
        if state.paused and not by_person:
            return None
        busy = await self._under_way(state)
        if busy is not None:
            await self.states.change(collection.id, lambda one: _again(one, by_person=by_person))
            return busy
        await self.stores.runs.put(run)
        held = await self.states.change(collection.id, lambda one: _taken(one, run, state.run))
        if held.run != run.id:  # somebody else was faster
            await self._end(run, "cancelled", "Another sync had just begun.")
            return await self.stores.runs.get(held.run) or run
        await self._enqueue(run)
        return run

    async def remove(self, collection: Collection) -> Run:
        """Begin to take a collection away with what only it holds; returns the run that does it.

        From now on nothing is in it, and what was under way in it ends. Asked for again, it is the same
        run; after that has failed, another one. Raises Conflict when a sync begins at the same moment.
        """
        await self.stores.collections.put(replace(collection, leaving=True))
        run = Run(uuid.uuid4().hex, collection.id, "queued", self._now(), kind="removal", by_person=True)
        busy = await self._under_way(await self.states.get(collection.id))
        if busy is not None and busy.kind == "removal":
            return busy
        if busy is not None:
            await self._end(busy, "cancelled", "The collection was removed.")
        await self.stores.runs.put(run)
        held = await self.states.change(collection.id, lambda one: _taken(one, run, ""))
        if held.run != run.id:
            await self._end(run, "cancelled", "Another run had just begun.")
            raise Conflict("Another run of this collection has just begun; try again.", retry_after=5)
        await self._enqueue(run)
        return run

    async def cancel(self, run_id: str) -> Run:
        """End a run and pause its collection until an administrator starts the next.

        Files that were queued already are still read. Raises NotFound, and Conflict for a removal.
        """
        found = await self.stores.runs.get(run_id)
        if found is not None and found.kind == "removal":
            raise Conflict("A removal cannot be stopped. Add the collection again when it is over.")
        run = await self.stores.runs.change(run_id, lambda one: _ended(one, "cancelled", "", self._now()))
        if run.state == "cancelled":
            await self.states.change(run.collection, lambda one: _paused(_released(one, run.id)))
        return run

    async def work(self, run_id: str) -> Run:
        """Do a run, or as much of it as one delivery may take; the rest is queued.

        Raises Conflict while another worker has it, and whatever transient failure should make Cloud
        Tasks try again.
        """
        worker = uuid.uuid4().hex
        run = await self.stores.runs.change(run_id, lambda one: self._leased(one, worker))
        if run.ended_at is not None:
            return run
        try:
            return await self._worked(run, worker)
        except Cancelled:
            return await self.stores.runs.get(run_id) or run
        except AppError as error:
            detail = error.detail
            await self.stores.runs.change(run_id, lambda one: _failed(one, worker, detail))
            raise

    async def give_up(self, run_id: str) -> None:
        """The last try failed: the run ends, and the next one may start."""
        run = await self.stores.runs.get(run_id)
        if run is not None and run.ended_at is None:
            await self._end(run, "failed", run.error or "The sync failed.")

    async def _worked(self, run: Run, worker: str) -> Run:
        async def save(one: Run) -> Run:
            return await self._saved(one, worker)

        if run.kind == "removal":
            return await self._removed(run, save)
        collection = await self.stores.collections.get(run.collection)
        deadline = self.monotonic() + self.budget
        steps = Steps(self.stores, collection, save)
        while True:
            try:
                after = await self._next(steps, run)
            except TokenLost:
                _log.warning("sync.token_lost", run=run.id)
                after = replace(run, kind="listing", begun=False, tokens={}, unread=(), recheck=())
            if after is None:
                return await self._finished(steps, run)
            run = await save(replace(after, steps=after.steps + 1))
            if self.monotonic() > deadline:
                return await self._handed_on(run)

    async def _next(self, steps: Steps, run: Run) -> Run | None:
        if run.begun:
            return await steps.step(run)
        state = await self.states.get(run.collection)
        lost = run.kind == "listing"
        if run.kind == "changes" and state.tokens and not state.relist:
            return replace(run, tokens=state.tokens, unread=tuple(state.tokens), begun=True)
        kind: RunKind = "reconcile" if state.tokens and not lost else "listing"
        state = replace(state, tokens={}) if lost else state
        return await steps.begin(replace(run, kind=kind), state)

    async def _removed(self, run: Run, save: Save) -> Run:
        """Ask for every file, which then finds no collection or another one; wait until none is left.

        Whoever still writes what he found before has a record that is asked for here.
        """
        records = self.stores.records
        if not run.begun:
            names = await records.ids(run.collection)
            for start in range(0, len(names), ASKED):
                asks = (Ask(name, f"removed@{run.id}") for name in names[start : start + ASKED])
                await self.stores.queueing.ask_all(asks)
                run = await save(replace(run, listed=len(names), steps=run.steps + 1))
            run = await save(replace(run, begun=True))
        left = sum((await records.counts(run.collection)).values())
        if left and run.started_at + LOST_AFTER > self._now():
            run = await save(replace(run, removed=max(0, run.listed - left), steps=run.steps + 1))
            return await self._handed_on(run, self._now() + LEAVING)
        if left:
            return await self._end(
                run, "failed", f"Not everything is gone yet ({left} left); the next sync tries again."
            )
        await self.states.change(run.collection, lambda one: SyncState(one.collection, run=one.run))
        done = await self._end(replace(run, removed=run.listed), "done", "")
        await self.stores.collections.delete(run.collection)
        _log.info("sync.collection_removed", run=run.id, files=run.listed)
        return done

    async def _finished(self, steps: Steps, run: Run) -> Run:
        gone = await steps.gone(run) if run.kind != "changes" else []
        queueing, now = self.stores.queueing, self._now()
        removed = await queueing.ask_all(Ask(name, f"gone@{run.id}") for name in gone)
        until = now + timedelta(days=36500) if run.by_person else now
        due = await self.stores.records.due(run.collection, now, until, now - LOST_AFTER)
        queued = await queueing.ask_all(Ask(name, f"due@{run.id}") for name in due)
        await self.groups.refresh(now - run.started_at if run.by_person else GROUPS_AGE)
        before = await self._kept(run)
        drift = run.drift + (removed if run.kind == "reconcile" else 0)
        done = replace(run, queued=run.queued + queued, removed=run.removed + removed, drift=drift, error="")
        done = await self._end(done, "done", "")
        _log.info("sync.finished", run=run.id, kind=run.kind, listed=done.listed, queued=done.queued)
        if before.again or run.relist:
            await self.start(run.collection, by_person=before.again_by_person)
        return done

    async def _kept(self, run: Run) -> SyncState:
        """Keep the tokens and let go of the collection; returns what was asked for until then."""
        before: list[SyncState] = []

        def change(state: SyncState) -> SyncState:
            before.append(state)
            if state.run != run.id:  # done before, or given up meanwhile
                return state
            state = replace(state, again=False, again_by_person=False)
            return replace(state, run="", tokens=run.tokens, relist=run.relist)

        await self.states.change(run.collection, change)
        return before[-1]

    async def _handed_on(self, run: Run, after: datetime | None = None) -> Run:
        """Give the lease back and queue the next delivery, not before `after`."""
        run = await self.stores.runs.change(run.id, lambda one: replace(one, worker="", leased_until=None))
        await self._enqueue(run, after)
        return run

    async def _saved(self, run: Run, worker: str) -> Run:
        def change(stored: Run) -> Run:
            if stored.ended_at is not None:
                raise Cancelled
            if stored.worker != worker:
                raise Conflict("Another worker took this sync over.", retry_after=10)
            return replace(run, state="listing", worker=worker, leased_until=self._now() + LEASE)

        return await self.stores.runs.change(run.id, change)

    def _leased(self, run: Run, worker: str) -> Run:
        now = self._now()
        if run.ended_at is not None:
            return run
        if run.worker and run.leased_until and run.leased_until > now:
            raise Conflict("Another worker has this sync.", retry_after=10)
        return replace(run, state="listing", error="", worker=worker, leased_until=now + LEASE)

    async def _under_way(self, state: SyncState) -> Run | None:
        """The run that holds the collection, unless it was given up."""
        run = await self.stores.runs.get(state.run) if state.run else None
        if run is None or run.ended_at is not None:
            return None
        if (run.leased_until or run.started_at) + ABANDONED > self._now():
            return run
        await self._end(run, "failed", "Nobody has worked on it for 20 minutes.")
        return None

    async def _end(self, run: Run, state: str, error: str) -> Run:
        now = self._now()

        def change(stored: Run) -> Run:
            return _ended(replace(run, worker="", leased_until=None), state, error, now, stored.ended_at)

        ended = await self.stores.runs.change(run.id, change)
        await self.states.change(run.collection, lambda one: _released(one, run.id))
        return ended

    async def _enqueue(self, run: Run, after: datetime | None = None) -> None:
        await self.stores.queueing.queue.enqueue(
            Task(task_name("sync", run.id, run.steps), SYNC_TASK, {"run": run.id}, after)
        )

    async def _counted(self, run: Run, collection: Collection) -> Run:
        listed, queued, removed = await count(self.stores, collection, _Scratch())
        return replace(
            run,
            state="done",
            ended_at=self._now(),
            kind="listing",
            listed=listed,
            queued=queued,
            removed=removed,
        )


class _Scratch:
    """Folders of a dry run, which are not to be stored."""

    async def get(self, ids: object) -> dict[str, Folder]:
        """None is known."""
        del ids
        return {}

    async def put(self, folders: object) -> None:
        """Nothing is kept."""

    async def delete(self, ids: object) -> None:
        """Nothing is kept."""


def _taken(state: SyncState, run: Run, seen: str) -> SyncState:
    """The state held by `run`, unless somebody took it since it was seen."""
    if state.run != seen and state.run:
        return state
    return replace(state, run=run.id, again=False, again_by_person=False, paused=False)


def _again(state: SyncState, *, by_person: bool) -> SyncState:
    return replace(state, again=True, again_by_person=state.again_by_person or by_person)


def _paused(state: SyncState) -> SyncState:
    return replace(state, paused=True, again=False, again_by_person=False)


def _released(state: SyncState, run_id: str) -> SyncState:
    return replace(state, run="" if state.run == run_id else state.run)


def _failed(run: Run, worker: str, detail: str) -> Run:
    if run.worker != worker:
        return run
    return replace(run, state="failed", error=detail, worker="", leased_until=None)


def _ended(run: Run, state: str, error: str, now: datetime, before: datetime | None = None) -> Run:
    """The run ended, unless it had ended before."""
    if run.ended_at is not None or before is not None:
        return run
    return replace(run, state=state, error=error, ended_at=now, worker="")  # type: ignore[arg-type]
