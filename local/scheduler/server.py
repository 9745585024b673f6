"""The Cloud Scheduler stand-in."""

import asyncio
import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from local.clock import Clock, SystemClock
from local.control.faults import Control
from local.control.http import ControlMiddleware
from local.oidc import IdTokens
from local.outgoing import http_client
from local.scheduler.api import error_body, method_name, rest_app
from local.scheduler.jobs import Job, Standing, declared, shown
from local.scheduler.sender import OK, UNAVAILABLE, Sender
from local.standin import LOOPBACK, HttpServer, Options

_log = logging.getLogger(__name__)
_FILE = "scheduler.json"
MAX_BACKOFF, MAX_DOUBLINGS = 3600.0, 5
"""Seconds, and how often the rest between retries doubles (google.cloud.scheduler.v1.RetryConfig)."""


class Scheduler:
    """Sends each job of `Options.settings["jobs"]` (a JSON list; see README.md) when its time comes.

    Its port answers the part of the REST API v1 that shows jobs and runs one now.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.control = Control("scheduler")
        self._options, self._clock = options, clock or SystemClock()
        self._port = options.port
        jobs = [declared(each) for each in json.loads(options.settings.get("jobs", "[]"))]
        self._jobs = {job.name: job for job in jobs}
        now = self._clock.now()
        self._standing = {job.name: Standing(job.schedule.after(now)) for job in jobs}
        self._work: set[asyncio.Task[Any]] = set()
        self._started: tuple[HttpServer, httpx.AsyncClient] | None = None
        self._sender: Sender | None = None

    async def start(self) -> int:
        """Listen and begin to keep time; returns the port. Raises OSError when the port is taken."""
        app = ControlMiddleware(rest_app(self._shown, self._run_shown), self.control, method_name, error_body)
        server = HttpServer(app, self._port)
        self._port = await server.start()
        client = http_client()
        self._sender = Sender(client, IdTokens(self._options.signin, client, self._clock), self._clock)
        self._started = server, client
        for job in self._jobs.values():
            self._spawn(self._keep_time(job))
        return self._port

    async def stop(self) -> None:
        """Stop listening; executions under way are dropped."""
        if self._started is None:
            return
        server, client = self._started
        self._started = None
        work = list(self._work)
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await server.stop()
        await client.aclose()

    async def save(self, folder: Path) -> None:
        """Write down when each job is due next, and how its last attempt ended."""
        standing = {name: asdict(one) for name, one in self._standing.items()}
        (folder / _FILE).write_text(json.dumps(standing))

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() wrote, or to no attempt at all; executions under way are dropped.

        Times that have passed since are not made up for: each job is due at its next time from now.
        """
        saved = json.loads((folder / _FILE).read_text()) if folder else {}
        work = list(self._work)
        for each in work:
            each.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        now = self._clock.now()
        for job in self._jobs.values():
            known = saved.get(job.name, {})
            self._standing[job.name] = Standing(**known | {"next_time": job.schedule.after(now)})
            if self._started:
                self._spawn(self._keep_time(job))

    def exports(self) -> dict[str, str]:
        """SCHEDULER_HOST, the address of the REST API."""
        return {"SCHEDULER_HOST": f"{LOOPBACK}:{self._port}"}

    async def run(self, name: str) -> int:
        """Execute a job now, with its retries; returns the google.rpc.Code of the last attempt, 0 = done.

        `name` is the full name or its last part. Raises KeyError when there is no such job.
        """
        return await self._execute(self._job(name), self._clock.now())

    def _job(self, name: str) -> Job:
        for job in self._jobs.values():
            if name in {job.name, job.short_name}:
                return job
        raise KeyError(name)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("a scheduler job broke", exc_info=error)

    async def _keep_time(self, job: Job) -> None:
        """One execution at a time: a time that comes while the last one runs is passed over."""
        never, standing = asyncio.Event(), self._standing[job.name]
        while True:
            await self._clock.wait(never, standing.next_time)
            await self._execute(job, standing.next_time)
            standing.next_time = job.schedule.after(self._clock.now())

    async def _execute(self, job: Job, due: float) -> int:
        if self._sender is None:
            raise RuntimeError("start() the scheduler first")
        standing = self._standing[job.name]
        for attempt in range(job.retry_count + 1):
            with self.control.call("Execute", detail=job.short_name) as call:
                fault = await self.control.meet(call)
                standing.last_attempt = self._clock.now()
                injected = fault is not None and bool(fault.drop or fault.status)
                standing.code = UNAVAILABLE if injected else await self._sender.send(job, due)
                call.status = str(standing.code)
            if standing.code == OK:
                break
            _log.warning("job %s ended with code %d", job.short_name, standing.code)
            if attempt < job.retry_count:
                rest = min(MAX_BACKOFF, job.min_backoff * 2.0 ** min(attempt, MAX_DOUBLINGS))
                await self._clock.wait(asyncio.Event(), self._clock.now() + rest)
        return int(standing.code or OK)

    def _shown(self) -> list[dict[str, Any]]:
        return [shown(job, self._standing[job.name]) for job in self._jobs.values()]

    def _run_shown(self, name: str) -> dict[str, Any]:
        job = self._job(name)
        self._spawn(self.run(job.name))
        return shown(job, self._standing[job.name])
