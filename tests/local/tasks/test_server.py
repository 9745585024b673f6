"""The stand-in as a process: its port, its file, its end by kill -9."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.api_core import exceptions

from local.standin import Options
from local.tasks.server import TasksServer
from tests.local.tasks.cloud import QUEUE, QUICK, Handler, client, running, until

pytestmark = pytest.mark.source("local/tasks/README.md: state and start")

PROCESS = """
import asyncio, json, sys
from pathlib import Path
from local.standin import Options
from local.tasks.server import TasksServer

async def serve(state, queues):
    server = TasksServer(Options(state=Path(state), settings={"queues": queues}))
    print(await server.start(), flush=True)
    await asyncio.Event().wait()

asyncio.run(serve(*sys.argv[1:]))
"""


@contextlib.contextmanager
def process(state: Path) -> Iterator[tuple[int, int]]:
    """A stand-in in a process of its own: its port and its process id. Ends by kill -9."""
    command = [sys.executable, "-c", PROCESS, str(state), json.dumps([QUICK])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:  # noqa: S603
        try:
            assert started.stdout is not None
            yield int(started.stdout.readline()), started.pid
        finally:
            started.kill()


async def test_every_task_is_delivered_after_kill_9(tmp_path: Path) -> None:
    """Tasks that waited or were under way when the process was killed are delivered by the next one."""
    handler = Handler()
    await handler.start()
    names = [f"t{number}" for number in range(8)]
    handler.gate = asyncio.Event()
    with process(tmp_path) as (port, pid):
        async with client(port) as tasks:
            for name in names:
                task = {"name": f"{QUEUE}/tasks/{name}", "http_request": {"url": handler.url}}
                await tasks.create_task(parent=QUEUE, task=task)
                if name == "t3":
                    await until(lambda: handler.under_way == 4)
                    await tasks.pause_queue(name=QUEUE)
        os.kill(pid, signal.SIGKILL)
    handler.gate.set()
    assert sorted(handler.names()) == names[:4]
    handler.requests.clear()
    with process(tmp_path) as (port, _):
        async with client(port) as tasks:
            assert len([task async for task in await tasks.list_tasks(parent=QUEUE)]) == 8
            await tasks.resume_queue(name=QUEUE)
            await until(lambda: sorted(handler.names()) == names)
            retries = {each.task: each.headers["x-cloudtasks-taskretrycount"] for each in handler.requests}
            assert retries == {name: "1" if name in names[:4] else "0" for name in names}
    await handler.stop()


async def test_names_outlive_a_restart(tmp_path: Path) -> None:
    """A finished task's name is still taken after a restart on the same state."""
    async with running(state=tmp_path) as cloud:
        await cloud.create("once")
        await cloud.empty()
    async with running(state=tmp_path) as cloud:
        with pytest.raises(exceptions.AlreadyExists, match="existed too recently"):
            await cloud.create("once")


async def test_declared_queues_follow_their_declaration(tmp_path: Path) -> None:
    """As after `terraform apply`: new settings are taken over at the start, the state and tasks are kept."""
    async with running(state=tmp_path) as cloud:
        await cloud.client.pause_queue(name=QUEUE)
        await cloud.create("kept")
    changed = {"name": QUEUE, "rateLimits": {"maxConcurrentDispatches": 7}}
    async with running([changed], state=tmp_path) as cloud:
        queue = await cloud.client.get_queue(name=QUEUE)
        assert (queue.rate_limits.max_concurrent_dispatches, queue.state.name) == (7, "PAUSED")
        assert await cloud.left() == ["kept"]


@pytest.mark.source("local/standin.py, StandIn.start")
async def test_a_taken_port_is_named() -> None:
    """start() on a port in use raises OSError with its number, and leaves nothing behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = TasksServer(Options(port=port))
        with pytest.raises(OSError, match=str(port)):
            await server.start()
        await server.stop()


async def test_two_stand_ins_do_not_share_a_port() -> None:
    """A second stand-in on the same port is refused: gRPC would otherwise spread calls over both."""
    first = TasksServer(Options())
    port = await first.start()
    assert first.exports() == {"TASKS_HOST": f"127.0.0.1:{port}"}
    with pytest.raises(OSError, match=str(port)):
        await TasksServer(Options(port=port)).start()
    await first.stop()


async def test_stopping_twice_or_before_the_start_is_harmless() -> None:
    """stop() may be called at any time."""
    server = TasksServer(Options())
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()
