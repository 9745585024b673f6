"""A queue's http_target over a task's own request (google.cloud.tasks.v2.HttpTarget)."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from local.tasks.messages import HttpRequest

_GET = 2
_IF_NOT_EXISTS = 1
_SCHEMES = {1: "http", 2: "https"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


def overridden(own: Any, target: Any) -> Any:
    """The request as it is sent: `own` with what the queue's `target` overrides."""
    request = HttpRequest()
    request.CopyFrom(own)
    if target.HasField("uri_override"):
        request.url = _url(own.url, target.uri_override)
    if target.http_method:
        request.http_method = target.http_method
        if target.http_method == _GET:
            request.ClearField("body")
    for override in target.header_overrides:
        for name in [each for each in request.headers if each.lower() == override.header.key.lower()]:
            del request.headers[name]
        request.headers[override.header.key] = override.header.value
    if target.HasField("oidc_token"):
        request.oidc_token.CopyFrom(target.oidc_token)
    return request


def _url(url: str, override: Any) -> str:
    """The task's URL with the parts that the queue names.

    With IF_NOT_EXISTS only the parts that the task's URL leaves out are taken from the queue.
    """
    parts = urlsplit(url)
    keep = override.uri_override_enforce_mode == _IF_NOT_EXISTS
    scheme, host, port, path, query = parts.scheme, parts.hostname or "", parts.port, parts.path, parts.query
    if override.HasField("scheme") and not (keep and scheme):
        scheme = _SCHEMES.get(override.scheme, "https")
    if override.HasField("host") and not (keep and host):
        host = override.host
    if override.HasField("port") and not (keep and port):
        port = override.port or None
    if override.HasField("path_override") and not (keep and path.strip("/")):
        path = "/" + override.path_override.path.lstrip("/") if override.path_override.path else ""
    if override.HasField("query_override") and not (keep and query):
        query = override.query_override.query_params
    authority = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS.get(scheme):
        authority += f":{port}"
    return urlunsplit((scheme, authority, path, query, ""))
