"""Many small requests, few passes of the model.

While one pass runs, whatever arrives waits; the next pass takes the one that waited longest and the waiting
windows nearest to it in length, up to a number of tokens that keeps a pass near a tenth of a second. Larger
passes are no faster: the arithmetic takes the time, not its overhead. As many passes run side by side as
there are threads, each on one: threads that share a pass wait for each other at every step, which is slow
as soon as the machine has other work. Questions go before documents, so asking stays quick while files are
being ingested.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from local.vertex.encoder import DIMENSIONS, Encoded, Encoder, Vectors, release_memory, unit

PASS_TOKENS = 256


@dataclass
class _Job:
    """A text on its way: the sum of its windows so far, and how many windows are still missing."""

    done: asyncio.Future[Vectors]
    missing: int
    total: Vectors = field(default_factory=lambda: np.zeros(DIMENSIONS, np.float32))


@dataclass
class _Waiting:
    window: Sequence[int]
    job: _Job


class Embedder:
    """The model behind all the others, loaded in the background, run in a thread of its own."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._inference = ThreadPoolExecutor(threads, thread_name_prefix="inference")
        self._tokenizing = ThreadPoolExecutor(1, thread_name_prefix="tokenizing")
        self._loaded: asyncio.Future[Encoder] | None = None
        self._queues: tuple[list[_Waiting], list[_Waiting]] = ([], [])
        self._workers: set[asyncio.Task[None]] = set()

    def load(self) -> None:
        """Begin loading the model, once."""
        if self._loaded is None:
            loop = asyncio.get_running_loop()
            self._loaded = loop.run_in_executor(self._inference, Encoder)

    async def encoder(self) -> Encoder:
        """The model, when it is loaded. Raises WeightsMissing."""
        self.load()
        assert self._loaded is not None  # noqa: S101 - load() has just set it
        return await asyncio.shield(self._loaded)

    async def close(self) -> None:
        """Stop the workers; texts still waiting are given up."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        for waiting in (*self._queues[0], *self._queues[1]):
            waiting.job.done.cancel()
        for pool in (self._tokenizing, self._inference):
            pool.shutdown(wait=False, cancel_futures=True)

    async def encode(self, texts: Sequence[str], limit: int | None = None) -> list[Encoded]:
        """The texts as token windows, each truncated at `limit`."""
        encoder = await self.encoder()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._tokenizing, lambda: [encoder.encode(text, limit) for text in texts]
        )

    async def embed(self, encoded: Sequence[Encoded], *, urgent: bool = False) -> list[Vectors]:
        """One unit vector of 384 numbers per text, in order."""
        loop = asyncio.get_running_loop()
        jobs = []
        for text in encoded:
            job = _Job(loop.create_future(), len(text.windows))
            jobs.append(job)
            self._queues[0 if urgent else 1].extend(_Waiting(window, job) for window in text.windows)
        windows = sum(job.missing for job in jobs)
        for _ in range(min(windows, self._threads - len(self._workers))):
            self._workers.add(asyncio.create_task(self._work()))
        return list(await asyncio.gather(*(job.done for job in jobs)))

    async def _work(self) -> None:
        """Run passes until nothing waits; memory is handed back when the model falls idle."""
        try:
            encoder, loop = await self.encoder(), asyncio.get_running_loop()
            while any(self._queues):
                while batch := self._next():
                    await self._pass(encoder, batch)
                if len(self._workers) == 1:
                    await loop.run_in_executor(self._inference, release_memory)
        finally:  # at once, not in a callback: whoever comes next must see that a worker is missing
            self._workers -= {asyncio.current_task()}

    async def _pass(self, encoder: Encoder, batch: Sequence[_Waiting]) -> None:
        windows = [waiting.window for waiting in batch]
        work = partial(encoder.infer, windows, last=not any(self._queues))
        try:
            sums = await asyncio.get_running_loop().run_in_executor(self._inference, work)
        except Exception as error:  # noqa: BLE001 - whatever the runtime raises belongs to those who wait
            for waiting in batch:
                if not waiting.job.done.done():
                    waiting.job.done.set_exception(error)
            return
        for waiting, total in zip(batch, sums, strict=True):
            _add(waiting.job, total)

    def _next(self) -> list[_Waiting]:
        """The windows of the next pass, longest-waiting first and the others nearest to it in length."""
        queue = self._queues[0] or self._queues[1]
        queue[:] = [waiting for waiting in queue if not waiting.job.done.done()]
        if not queue:
            return []
        length = len(queue[0].window)
        order = sorted(range(len(queue)), key=lambda i: abs(len(queue[i].window) - length))
        chosen, longest = [0], length
        for i in order:
            grown = max(longest, len(queue[i].window))
            if i == 0 or grown * (len(chosen) + 1) > PASS_TOKENS:
                continue
            chosen.append(i)
            longest = grown
        batch = [queue[i] for i in chosen]
        taken = set(chosen)
        queue[:] = [waiting for i, waiting in enumerate(queue) if i not in taken]
        return batch


def _add(job: _Job, total: Vectors) -> None:
    job.total += total
    job.missing -= 1
    if job.missing == 0 and not job.done.done():
        job.done.set_result(unit(job.total))
