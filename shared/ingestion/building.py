"""Another index beside the one that answers: built from stored texts, switched to, gone back from, emptied.

All of it is one state for all instances (indexes.py) and one piece of work that is done in tasks, saved after
each page of records: of a killed worker a page is gone over again, and a file that is there is not embedded
again.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from shared.errors import AppError, Conflict, Invalid, NotFound, Unavailable
from shared.ingestion.builds import Build, BuildKind, BuildStore, released, reopened
from shared.ingestion.filling import Filled, Filler
from shared.ingestion.identifiers import task_name
from shared.ingestion.indexes import INDEX_TASK, Indexes, IndexState, Slot, Target, has_chunks, held_in
from shared.ingestion.interfaces import (
    ChunkStore,
    Clock,
    Datapoint,
    FileRecord,
    Queue,
    RecordStore,
    Task,
)
from shared.ingestion.leases import LEASE, kept_alive
from shared.ingestion.queueing import LOST_AFTER
from shared.log import get_logger

PAGE, AT_ONCE = 100, 4
"""Records that are read at a time, and files that are filled at the same time."""
BUDGET = 240.0
"""Seconds of one delivery; the rest is queued."""
SOON = timedelta(seconds=10)
"""After which files that somebody is working on are come back to."""
SILENT = timedelta(minutes=3)
"""After a worker's lease ran out: Cloud Tasks has given its task up by then."""
MOST_MISSED, MOST_TRIES = 500, 60
LONG = 120.0
"""Seconds to wait from which on the work sleeps, until tomorrow's budget say, instead of being retried."""
PROBE = "docent.probe"
UNKNOWN = "The other index is not among the settings of this function."
UNSEEN = "The new index does not show what was written to it: is it the one deployed at its endpoint?"
_log = get_logger("ingestion.building")


@dataclass(frozen=True)
class Building:
    """Builds, switches and discards the other index."""

    indexes: Indexes
    builds: BuildStore
    records: RecordStore
    chunks: ChunkStore
    queue: Queue
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic

    async def start(self, *, hold: bool = False) -> Build:
        """Begin to build the index that the settings name beside the first, or go on with it.

        It answers as soon as it is complete, unless `hold`. Raises Invalid without such settings or when
        model and index do not fit, Conflict while something else is done with the other index.
        """
        state = await self.indexes.state()
        if state.phase == "building":
            return await self._again(state, hold=hold)
        target = self._next(state)
        await self._try_out(target)
        build = self._new("build", Slot(uuid.uuid4().hex[:12], target.space))
        await self.builds.put(build)

        def begin(stored: IndexState | None) -> IndexState:
            current = stored or self.indexes.initial
            if current.phase != "single":
                raise Conflict("There is another index already; switch to it, or discard it first.")
            other = Slot(build.key, build.space)
            wanted = "" if hold else build.key
            return replace(
                current,
                other=other,
                phase="building",
                wanted=wanted,
                newest=build.key,
                build=build.id,
                behind=0,
            )

        await self.indexes.states.change(begin)
        await self._enqueue(build)
        return build

    async def planned(self) -> tuple[Target, Target]:
        """The index that would be built, and the one that answers. Raises Invalid, Conflict, Unavailable."""
        state, answering = await self.indexes.active()
        return self._next(state), answering

    async def switch(self, *, back: bool = False) -> IndexState:
        """Let the newest index answer, or with `back` the one before it. Raises Conflict unless complete."""

        def swap(stored: IndexState | None) -> IndexState:
            state = stored or self.indexes.initial
            if state.other is None or state.phase == "discarding":
                raise Conflict("There is no other index.")
            if (state.active.key == state.newest) != back:
                raise Conflict("That index answers already.")
            if state.phase != "complete":
                raise Conflict("The other index does not hold every file yet.")
            return replace(state, active=state.other, other=state.active, wanted="")

        state = await self.indexes.states.change(swap)
        _log.info("index.switched", back=back)
        return state

    async def discard(self) -> Build:
        """Empty the index that does not answer; from now on nothing is written to it. Raises Conflict."""
        state, build = await self.now()
        if state.other is None:
            raise Conflict("There is no other index.")
        if state.phase == "discarding" and build is not None:
            return await self._reopen(build) if build.state == "failed" else build
        build = self._new("discard", state.other)
        await self.builds.put(build)

        def leave(stored: IndexState | None) -> IndexState:
            current = stored or self.indexes.initial
            if current.other is None or current.other.key != build.key or current.phase == "discarding":
                raise Conflict("Somebody else has just changed this.")
            return replace(current, phase="discarding", wanted="", newest="", build=build.id)

        await self.indexes.states.change(leave)
        await self._enqueue(build)
        return build

    async def now(self) -> tuple[IndexState, Build | None]:
        """What is in use, and the newest work on the other index."""
        state = await self.indexes.state()
        return state, await self.builds.get(state.build) if state.build else None

    async def nudge(self) -> None:
        """Queue the work again if nobody has done any for a while: its task was lost."""
        state, build = await self.now()
        if state.phase not in ("building", "discarding") or build is None or build.ended_at is not None:
            return
        silent = build.leased_until and build.leased_until + SILENT
        queued = max(filter(None, (build.resumes_at, build.queued_at)), default=build.started_at) + LOST_AFTER
        if (silent or queued) < self.clock.now():
            await self._enqueue(await self.builds.change(build.id, self._queued))

    async def work(self, build_id: str) -> Build:
        """Do the work, or as much as one delivery may take; the rest is queued.

        Raises Conflict while another worker has it, and whatever transient failure should make Cloud Tasks
        try again.
        """
        worker = uuid.uuid4().hex
        state = await self.indexes.state()
        build = await self.builds.change(build_id, lambda one: self._leased(one, worker, state))
        deadline = self.monotonic() + BUDGET
        try:
            async with kept_alive(
                lambda: self.builds.change(build_id, lambda one: self._renewed(one, worker))
            ):
                while build.ended_at is None and build.resumes_at is None and self.monotonic() <= deadline:
                    build = await self._saved(await self._step(build), worker)
        except AppError:
            await self.builds.change(build_id, lambda one: released(one, worker))
            raise
        if build.ended_at is None:
            build = await self.builds.change(build_id, lambda one: self._queued(released(one, worker)))
            await self._enqueue(build)
        return build

    async def give_up(self, build_id: str, detail: str) -> None:
        """The last try failed: it waits for an administrator, who may start it again or discard the index."""
        await self.builds.change(build_id, lambda one: self._ended(replace(one, error=detail), "failed"))

    async def _step(self, build: Build) -> Build:
        """The next page. What no other try will mend ends the work; a long wait lets it sleep."""
        state = await self.indexes.state()
        phase = "discarding" if build.kind == "discard" else "building"
        if (state.build, state.phase) != (build.id, phase) or state.other is None:
            return self._ended(build, "cancelled")
        try:
            if build.kind == "discard":
                return await self._emptied(build, state.other)
            if state.other.space not in self.indexes.targets:
                return self._ended(replace(build, error=UNKNOWN), "failed")
            return await self._counted(build) if build.round == 0 else await self._filled(build, state)
        except (Invalid, NotFound) as error:
            return self._ended(replace(build, error=error.detail), "failed")
        except Unavailable as error:
            if (error.retry_after or 0) < LONG:
                raise
            until = self.clock.now() + timedelta(seconds=error.retry_after or 0)
            return replace(build, state="waiting", resumes_at=until, error=error.detail)

    async def _counted(self, build: Build) -> Build:
        records = await self.records.page("", "", build.after, PAGE)
        if not records:
            return replace(build, round=1, after="", filling_since=self.clock.now())
        return replace(
            build,
            after=records[-1].id,
            total_files=build.total_files + sum(has_chunks(one) for one in records),
            total_chunks=build.total_chunks + sum(len(one.chunks) for one in records),
        )

    async def _filled(self, build: Build, state: IndexState) -> Build:
        records = await self.records.page("", "", build.after, PAGE)
        if records:
            build = await self._gone_over(build, state, records)
            return self._passed(build, records)
        if build.missed:
            if build.tries > MOST_TRIES:
                raise Invalid(UNSEEN)
            found = await self._come_back(build)
            build = await self._gone_over(replace(build, missed=(), tries=build.tries + 1), state, found)
            return replace(build, resumes_at=self.clock.now() + SOON) if build.missed else build
        if build.filled:
            return replace(build, round=build.round + 1, after="", filled=0, tries=0)
        return await self._completed(build)

    async def _gone_over(self, build: Build, state: IndexState, records: Sequence[FileRecord]) -> Build:
        """Fill those of the files that are not in the index; see whether it shows the others."""
        assert state.other is not None  # noqa: S101 - _step saw to it
        slot, target = state.other, self.indexes.target(state.other)
        filler = Filler(self.indexes, self.records, self.chunks, self.clock, state, slot, target)
        gate = asyncio.Semaphore(AT_ONCE)

        async def fill(record: FileRecord) -> Filled | None:
            async with gate:
                return await filler.fill(record)

        done = await asyncio.gather(*map(fill, records), return_exceptions=True)
        for one in done:
            if isinstance(one, BaseException):
                raise one
        each = list(zip(records, cast("list[Filled | None]", done), strict=True))
        missed = [record.id for record, one in each if one is not None and not one.done]
        missed += await self._unseen(target, slot, [record for record, one in each if one is None])
        filled = [one for _, one in each if one is not None and one.chunks]
        return replace(
            build,
            missed=(*build.missed, *missed)[:MOST_MISSED],
            filled=build.filled + len(filled) + (len(missed) > MOST_MISSED),
            characters=build.characters + sum(one.characters for one in filled),
        )

    @staticmethod
    def _passed(build: Build, records: Sequence[FileRecord]) -> Build:
        """The work after a page: what the first round went over is what is shown as done."""
        build = replace(build, after=records[-1].id)
        if build.round > 1:
            return build
        return replace(
            build,
            files=build.files + sum(map(has_chunks, records)),
            chunks=build.chunks + sum(len(one.chunks) for one in records),
        )

    async def _unseen(self, target: Target, slot: Slot, records: Sequence[FileRecord]) -> list[str]:
        """The files of which the index does not show the first chunk."""
        first = {one.chunks[0]: one.id for one in records if one.chunks and slot.key in held_in(one)}
        seen = await target.reader.read(list(first)) if first else {}
        return [file_id for chunk, file_id in first.items() if chunk not in seen]

    async def _completed(self, build: Build) -> Build:
        """Nothing is left to do: it is complete, unless a file had to be left out meanwhile."""

        def complete(stored: IndexState | None) -> IndexState:
            state = stored or self.indexes.initial
            if state.build != build.id or state.phase != "building" or state.behind != build.behind:
                return state
            state = replace(state, phase="complete")
            if state.other is not None and state.wanted == state.other.key:
                return replace(state, active=state.other, other=state.active, wanted="")
            return state

        state = await self.indexes.states.change(complete)
        if state.build == build.id and state.phase == "building":
            return replace(build, round=build.round + 1, after="", filled=0, tries=0, behind=state.behind)
        _log.info("index.complete", chunks=build.chunks, files=build.files)
        return self._ended(build, "done")

    async def _emptied(self, build: Build, slot: Slot) -> Build:
        """The next page out of the index; of one that the settings do not have any more nothing is done."""
        known = slot.space in self.indexes.targets
        records = await self.records.page("", "", build.after, PAGE) if known else ()
        if records:
            return self._passed(await self._without(build, slot, records), records)
        if build.missed:
            found = await self._come_back(build)
            build = await self._without(replace(build, missed=()), slot, found)
            return replace(build, resumes_at=self.clock.now() + SOON) if build.missed else build
        await self._forgotten(build)
        return self._ended(build, "done")

    async def _without(self, build: Build, slot: Slot, records: Sequence[FileRecord]) -> Build:
        """Remove what the records name, except of files whose workers may still write to the index."""
        now = self.clock.now()
        busy = [one.id for one in records if one.lease and one.leased_until and one.leased_until > now]
        free = [one for one in records if one.id not in busy]
        names = [name for one in free for name in {*one.chunks, *one.staged, *one.stale}]
        if names:
            await self.indexes.target(slot).index.remove(names)
        return replace(build, missed=(*build.missed, *busy))

    async def _come_back(self, build: Build) -> list[FileRecord]:
        found = [await self.records.get(name) for name in build.missed]
        return [one for one in found if one is not None]

    async def _forgotten(self, build: Build) -> None:
        def forget(stored: IndexState | None) -> IndexState:
            state = stored or self.indexes.initial
            if state.build != build.id or state.phase != "discarding":
                return state
            return replace(state, other=None, phase="single")

        await self.indexes.states.change(forget)

    def _next(self, state: IndexState) -> Target:
        """The configured index that does not answer."""
        for space, target in self.indexes.targets.items():
            if space != state.active.space:
                return target
        raise Invalid("NEXT_EMBEDDING_MODEL is not set, so there is no other index to build.")

    async def _try_out(self, target: Target) -> None:
        """Embed a word, write it and remove it: what does not fit shows now. Raises Invalid."""
        try:
            (vector,) = await target.embedder.documents(["Docent"])
            await target.index.upsert([Datapoint(PROBE, vector, {"file": (PROBE,)}, PROBE)])
            await target.index.remove([PROBE])
        except (NotFound, Invalid) as error:
            raise Invalid(f"The new index cannot be used: {error.detail}") from error

    async def _again(self, state: IndexState, *, hold: bool) -> Build:
        """Go on with a build that failed; one that is under way is left alone."""
        build = await self.builds.get(state.build)
        if build is None:
            raise NotFound("There is no such build.")
        wanted = "" if hold or state.other is None or state.other.key != state.newest else state.other.key
        await self.indexes.states.change(lambda one: replace(one or state, wanted=wanted))
        return await self._reopen(build) if build.state in ("failed", "waiting") else build

    async def _reopen(self, build: Build) -> Build:
        build = await self.builds.change(build.id, lambda one: self._queued(reopened(one)))
        await self._enqueue(build)
        return build

    def _new(self, kind: BuildKind, slot: Slot) -> Build:
        return Build(uuid.uuid4().hex, kind, slot.key, slot.space, "queued", self.clock.now())

    def _ended(self, build: Build, state: str) -> Build:
        if build.ended_at is not None:
            return build
        ended = self.clock.now()
        return replace(build, state=state, ended_at=ended, worker="", leased_until=None)  # type: ignore[arg-type]

    def _leased(self, build: Build, worker: str, state: IndexState) -> Build:
        now = self.clock.now()
        if build.worker and build.leased_until and build.leased_until > now:
            raise Conflict("Another worker has this.", retry_after=30)
        if build.state == "done" and (state.build, state.phase) == (build.id, "building"):
            build = replace(reopened(build), behind=state.behind)  # a file had to be left out since
        if build.ended_at is not None:
            return build
        if build.state == "waiting":
            build = replace(build, filling_since=now, chunks_before=build.chunks)
        until = now + LEASE
        return replace(build, state="running", error="", worker=worker, leased_until=until, resumes_at=None)

    async def _saved(self, build: Build, worker: str) -> Build:
        def change(stored: Build) -> Build:
            if stored.worker != worker:
                raise Conflict("Another worker took this over.", retry_after=30)
            return replace(build, leased_until=None if build.ended_at else self.clock.now() + LEASE)

        return await self.builds.change(build.id, change)

    def _renewed(self, build: Build, worker: str) -> Build:
        if build.worker != worker:
            return build
        return replace(build, leased_until=self.clock.now() + LEASE)

    def _queued(self, build: Build) -> Build:
        return replace(build, steps=build.steps + 1, queued_at=self.clock.now())

    async def _enqueue(self, build: Build) -> None:
        name = task_name("index", build.id, build.steps)
        await self.queue.enqueue(Task(name, INDEX_TASK, {"build": build.id}, build.resumes_at))
