"""How to make each Google client, and nothing else.

Imports are inside on purpose: a function pays only for the clients it makes, and pays at its first
request instead of at its cold start. Call these inside the serving event loop: a gRPC channel belongs
to the loop it was made in and does not survive a fork.
"""

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.gcp.firestore_database import Database
from shared.gcp.own_account import CLOUD, credentials
from shared.gcp.tracing import traced, traced_request
from shared.loopback import is_loopback
from shared.settings import (
    DriveSettings,
    FirestoreSettings,
    GenAISettings,
    ProjectSettings,
    RankingSettings,
    TasksSettings,
)

if TYPE_CHECKING:
    from shared.gcp.vertex_models import VertexModels

_MESSAGE_LIMIT = [("grpc.max_receive_message_length", 32 * 1024 * 1024)]


def firestore(project: ProjectSettings, settings: FirestoreSettings) -> Database:
    """Firestore."""
    return Database(project.google_cloud_project, settings)


def tasks(settings: TasksSettings) -> Any:
    """Cloud Tasks."""
    from google.cloud.tasks_v2.services.cloud_tasks import CloudTasksAsyncClient
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

    return _grpc(CloudTasksAsyncClient, CloudTasksGrpcAsyncIOTransport, settings.host)


def models(project: ProjectSettings, settings: GenAISettings) -> "VertexModels":
    """Gemini and embeddings."""
    from shared.gcp.vertex_models import VertexModels

    return VertexModels(project.google_cloud_project, settings, credentials([CLOUD]))


def drive(settings: DriveSettings, connector: Any) -> Any:
    """Drive v3 with the connector's credentials, for all threads."""
    return _discovered("drive", "v3", settings.drive_url, connector, settings.drive_download_timeout)


def directory(settings: DriveSettings) -> Any:
    """The Admin SDK's directory, for the members of groups; for all threads."""
    return _discovered(
        "admin",
        "directory_v1",
        settings.directory_url,
        credentials(["https://www.googleapis.com/auth/admin.directory.group.member.readonly"]),
        settings.drive_timeout,
    )


def ranking(settings: RankingSettings) -> Any:
    """The Ranking API, for all threads."""
    return _discovered("discoveryengine", "v1", settings.url, credentials([CLOUD]), settings.timeout)


def _grpc(client: Any, transport: Any, host: str) -> Any:
    """A gapic client: Google's own address, another address over TLS, or plaintext on this machine."""
    if is_loopback(host):
        from grpc.aio import insecure_channel

        channel = insecure_channel(host, options=_MESSAGE_LIMIT)
        return traced(client(transport=transport(channel=channel)))
    return traced(client(client_options={"api_endpoint": host} if host else None))


def _discovered(api: str, version: str, url: str, account: Any, timeout: float) -> Any:
    """A client for all threads: its description takes megabytes. Connections are a thread's own.

    They alone are not thread-safe (google-api-python-client, "Thread Safety").
    """
    import google_auth_httplib2
    import httplib2
    from googleapiclient.discovery import build

    mine = threading.local()

    def connections() -> Any:
        if not hasattr(mine, "http"):
            made = httplib2.Http(timeout=timeout)
            mine.http = google_auth_httplib2.AuthorizedHttp(account, http=made)
        return mine.http

    def request(_http: Any, *args: Any, **kwargs: Any) -> Any:
        return traced_request(connections(), *args, **kwargs)

    client = build(
        api,
        version,
        http=connections(),
        requestBuilder=request,
        client_options={"api_endpoint": url},
        static_discovery=True,
        cache_discovery=False,
    )
    for name in client._rootDesc.get("resources", ()):  # noqa: SLF001 - the library has no other list
        # made anew at every call, a resource takes longer than the call
        setattr(client, name, cache(getattr(client, name)))
    return client
