"""The queue of ingestion: Cloud Tasks that call the ingest function with an OIDC token."""

import json
from typing import Any

from google.api_core.exceptions import AlreadyExists

from shared.gcp.failures import translated
from shared.ingestion.interfaces import Task
from shared.settings import TasksSettings

_DEADLINE_SECONDS = 15 * 60
"""Above the ingest function's own timeout: a second attempt must not start while the first one runs."""


class CloudTasks:
    """Queue on Cloud Tasks."""

    def __init__(self, client: Any, settings: TasksSettings) -> None:
        self._client, self._settings = client, settings

    async def enqueue(self, task: Task) -> None:
        """Queue a task; one of the same name already queued or done is success."""
        from google.cloud import tasks_v2
        from google.protobuf.duration_pb2 import Duration

        request = tasks_v2.HttpRequest(
            url=self._settings.target.rstrip("/") + task.path,
            http_method=tasks_v2.HttpMethod.POST,
            headers={"Content-Type": "application/json"},
            body=json.dumps(task.body).encode(),
            oidc_token=tasks_v2.OidcToken(
                service_account_email=self._settings.service_account, audience=self._settings.target
            ),
        )
        queued = tasks_v2.Task(
            name=f"{self._settings.queue}/tasks/{task.name}",
            http_request=request,
            dispatch_deadline=Duration(seconds=_DEADLINE_SECONDS),
            schedule_time=task.after,
        )
        async with translated("Cloud Tasks"):
            try:
                await self._client.create_task(
                    parent=self._settings.queue, task=queued, timeout=self._settings.timeout
                )
            except AlreadyExists:
                return
