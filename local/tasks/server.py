"""The Cloud Tasks stand-in."""

import json
from pathlib import Path

import httpx
from google.protobuf import json_format

from local.clock import Clock, SystemClock
from local.control.faults import Control
from local.oidc import IdTokens
from local.outgoing import http_client
from local.rpc import GrpcServer, Method, unimplemented
from local.standin import LOOPBACK, Options
from local.tasks import messages
from local.tasks.dispatcher import Dispatcher
from local.tasks.items import Tasks
from local.tasks.queues import QUEUE_NAME_KEPT, Queues
from local.tasks.store import Store
from local.tasks.target import Target

_FILE = "tasks.sqlite"
SERVICE = "google.cloud.tasks.v2.CloudTasks"
TASK_NAME_KEPT = 24 * 3600.0
"""Seconds for which the name of a finished task stays taken; the service says "up to 24 hours"."""


class TasksServer:
    """Cloud Tasks over gRPC.

    Of `Options.settings` it reads `queues`, a JSON list of Queue messages that exist from the start, as
    terraform would make them, and `task_name_kept`, the seconds for which a finished task's name stays
    taken (default 24 h).
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.control = Control("tasks")
        self._options, self._clock = options, clock or SystemClock()
        self._port = options.port
        self._started: tuple[Store, httpx.AsyncClient, Dispatcher, GrpcServer] | None = None
        self._queues: Queues | None = None

    async def start(self) -> int:
        """Listen and take up what an earlier process left; returns the port."""
        store = Store(self._options.state and self._options.state / _FILE)
        now = self._clock.now()
        store.forget(now - self._kept, queues_before=now - QUEUE_NAME_KEPT)
        client = http_client()
        tokens = IdTokens(self._options.signin, client, self._clock)
        dispatcher = Dispatcher(store, Target(client, tokens, self._clock, self.control), self._clock)
        self._queues = queues = Queues(store, dispatcher, self._clock)
        tasks = Tasks(store, queues, dispatcher, self._clock, self._kept)
        server = GrpcServer(SERVICE, _methods(queues, tasks), self.control, self._port)
        self._started = store, client, dispatcher, server
        try:
            self._take_up(store, dispatcher, queues)
            self._port = await server.start()
        except BaseException:
            await self.stop()
            raise
        return self._port

    async def stop(self) -> None:
        """Stop listening and dispatching; tasks that are not finished stay in the store."""
        if self._started is None:
            return
        store, client, dispatcher, server = self._started
        self._started = None
        await server.stop()
        await dispatcher.stop()
        await client.aclose()
        store.close()

    async def save(self, folder: Path) -> None:
        """Copy queues, tasks and the names still taken; an attempt under way counts as not yet ended."""
        self._open()[0].save(folder / _FILE)

    async def restore(self, folder: Path | None) -> None:
        """Go back to what save() copied; None: only the declared queues, empty.

        Attempts under way are broken off first; those that were when the copy was made begin again.
        """
        store, dispatcher, queues = self._open()
        await dispatcher.stop()
        store.restore(folder and folder / _FILE)
        self._take_up(store, dispatcher, queues)

    def _open(self) -> tuple[Store, Dispatcher, Queues]:
        if self._started is None or self._queues is None:
            raise RuntimeError("start() Cloud Tasks first")
        return self._started[0], self._started[2], self._queues

    def _take_up(self, store: Store, dispatcher: Dispatcher, queues: Queues) -> None:
        """Declare the queues that always exist, and begin to serve all."""
        for queue in json.loads(self._options.settings.get("queues", "[]")):
            queues.declare(json_format.ParseDict(queue, messages.Queue()))
        for queue in store.queues():
            dispatcher.configure(queue)

    def exports(self) -> dict[str, str]:
        """TASKS_HOST, the address of an insecure gRPC channel."""
        return {"TASKS_HOST": f"{LOOPBACK}:{self._port}"}

    @property
    def _kept(self) -> float:
        return float(self._options.settings.get("task_name_kept", TASK_NAME_KEPT))


def _methods(queues: Queues, tasks: Tasks) -> list[Method]:
    iam = "IAM is not emulated by the local Cloud Tasks."
    cmek = "Customer-managed encryption is not emulated by the local Cloud Tasks."
    return [
        Method("ListQueues", messages.ListQueuesRequest, queues.list),
        Method("GetQueue", messages.GetQueueRequest, queues.get),
        Method("CreateQueue", messages.CreateQueueRequest, queues.create),
        Method("UpdateQueue", messages.UpdateQueueRequest, queues.update),
        Method("DeleteQueue", messages.DeleteQueueRequest, queues.delete),
        Method("PurgeQueue", messages.PurgeQueueRequest, queues.purge),
        Method("PauseQueue", messages.PauseQueueRequest, queues.pause),
        Method("ResumeQueue", messages.ResumeQueueRequest, queues.resume),
        Method("ListTasks", messages.ListTasksRequest, tasks.list),
        Method("GetTask", messages.GetTaskRequest, tasks.get),
        Method("CreateTask", messages.CreateTaskRequest, tasks.create),
        Method("BatchCreateTasks", messages.BatchCreateTasksRequest, tasks.batch_create),
        Method("DeleteTask", messages.DeleteTaskRequest, tasks.delete),
        Method("BatchDeleteTasks", messages.BatchDeleteTasksRequest, tasks.batch_delete),
        Method("RunTask", messages.RunTaskRequest, tasks.run),
        unimplemented("GetIamPolicy", iam),
        unimplemented("SetIamPolicy", iam),
        unimplemented("TestIamPermissions", iam),
        unimplemented("GetCmekConfig", cmek),
        unimplemented("UpdateCmekConfig", cmek),
    ]
