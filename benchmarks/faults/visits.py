"""What people do: every route of the four functions, as requests that can be sent again and again."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.faults.people import Asker, Question

STREAM = {"Accept": "text/event-stream"}
_numbers = itertools.count(1)
ALL = ("alice", "bob", "carol")
ADMIN = ("alice",)


@dataclass(frozen=True)
class Visit:
    """One kind of request. Words in braces are the asker's facts; `signed` is False for strangers'."""

    name: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    ok: tuple[int, ...] = (200,)
    who: tuple[str, ...] = ALL
    headers: dict[str, str] = field(default_factory=dict)
    asks: bool = False
    breaks: bool = False
    """A long download: once it has begun, a connection that is cut says that it is not whole."""
    signed: bool = True
    cookie: bool = False

    def request(self, asker: Asker, question: Question | None = None) -> httpx.Request:
        """The request as this person sends it; a question is made another by its number."""
        body = self.body
        if self.asks and question is not None:
            body = {**(body or {}), "message": f"{question.text} ({next(_numbers)})"}
        headers = dict(self.headers)
        if self.cookie:
            headers |= {"Cookie": f"__session={asker.access}~{asker.refresh}"}
        elif self.signed:
            headers |= asker.bearer
        filled = {key: _filled(value, asker) for key, value in body.items()} if body is not None else None
        return httpx.Request(
            self.method, "http://docent" + _filled(self.path, asker), json=filled, headers=headers
        )


def _filled(value: Any, asker: Asker) -> Any:
    return value.format(**asker.facts) if isinstance(value, str) and "{" in value else value


def _get(name: str, path: str, who: Sequence[str] = ALL, **more: Any) -> Visit:
    return Visit(name, "GET", path, who=tuple(who), **more)


def _send(name: str, method: str, path: str, body: dict[str, Any] | None = None, **more: Any) -> Visit:
    return Visit(name, method, path, body, **more)


VISITS = [
    _send("chat", "POST", "/chat", {}, asks=True),
    _send("chat, streamed", "POST", "/chat", {}, asks=True, headers=STREAM),
    _send("follow-up", "POST", "/chat", {"conversation_id": "{conversation}"}, asks=True, headers=STREAM),
    _send("one file", "POST", "/chat", {"file_id": "{file}"}, asks=True),
    _get("conversations", "/chat/conversations"),
    _get("conversation", "/chat/conversations/{conversation}"),
    _get("found conversations", "/chat/conversations?q=kettle"),
    _get("conversation, exported", "/chat/conversations/{conversation}/export"),
    _send("rename", "PATCH", "/chat/conversations/{conversation}", {"title": "Renamed"}),
    _send("share", "POST", "/chat/conversations/{conversation}/share"),
    _get("shared", "/chat/shared/{share}"),
    _send("feedback", "POST", "/chat/messages/{message}/feedback", {"rating": "up"}, ok=(204,)),
    _get("suggestions", "/chat/suggestions"),
    _get("collections", "/collections"),
    _get("folders", "/folders?collection=main"),
    _get("search in folders", "/folders/search?q=price"),
    _get("preview", "/files/{file}/passages"),
    _get("access", "/files/{file}/access"),
    _get("download", "/files/{file}/download", ok=(303,)),
    _get("user", "/auth/user"),
    _get("sessions", "/auth/sessions"),
    _get("export of my data", "/auth/user/export", breaks=True),
    _get("login", "/auth/login", signed=False, ok=(303,)),
    _get("keys", "/auth/jwks", signed=False),
    _get("people's list", "/auth/users", ADMIN),
    _get("doctor", "/auth/doctor", ADMIN),
    _get("ingest status", "/ingest/status", ADMIN),
    _get("ingest runs", "/ingest/runs", ADMIN),
    _get("ledger", "/ingest/files?collection=main", ADMIN),
    _get("index", "/ingest/index", ADMIN),
    _send("estimate", "POST", "/ingest/estimate", {"folder_id": "everything", "sample": 1}, who=ADMIN),
    _send("dry sync", "POST", "/ingest/sync", {"collection": "main", "dry_run": True}, who=ADMIN),
    _send(
        "collection",
        "PUT",
        "/collections/main",
        {"name": "Sample Drive", "folder_id": "everything"},
        who=ADMIN,
    ),
    _get("health", "/health", signed=False, ok=(200, 503)),
    _get("stats", "/stats", ADMIN),
    _get("stats of people", "/stats/people", ADMIN),
    _get("stats of questions", "/stats/questions?kind=degraded", ADMIN),
    _get("stats of feedback", "/stats/feedback", ADMIN),
    _get("cost", "/cost/summary", ADMIN),
    _get("cache", "/cache/status", ADMIN),
    _send("preload", "POST", "/cache/preload", {"limit": 3}, who=ADMIN),
    _get("metrics", "/metrics", ADMIN),
    _get("audit", "/audit", ADMIN),
]
