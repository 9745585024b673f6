"""Google's REST APIs as the person who deploys sees them: a refusal is an answer too, never an exception."""

from dataclasses import dataclass
from typing import Any

import httpx

_SECONDS = 30.0


class Unreachable(Exception):
    """Google could not be asked; the sentence says whom and why."""


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON that came with it ({} when it was none)."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return httpx.codes.is_success(self.status)

    @property
    def message(self) -> str:
        """Google's own sentence about a refusal."""
        error = self.body.get("error", {})
        return str(error.get("message", error) if isinstance(error, dict) else error) or f"HTTP {self.status}"

    @property
    def api_is_off(self) -> bool:
        """Whether the API has to be switched on first (ErrorInfo reason SERVICE_DISABLED)."""
        error = self.body.get("error", {})
        details = error.get("details", []) if isinstance(error, dict) else []
        return any(one.get("reason") == "SERVICE_DISABLED" for one in details)


class Cloud:
    """One project, asked over HTTPS with a person's access token; `transport` is for tests."""

    def __init__(self, project: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.project = project
        headers = {"Authorization": f"Bearer {token}", "X-Goog-User-Project": project}
        self._http = httpx.Client(transport=transport, timeout=_SECONDS, trust_env=True, headers=headers)

    def get(self, service: str, path: str, **query: Any) -> Answer:
        """GET https://{service}.googleapis.com/{path}. Raises Unreachable."""
        return self._send("GET", service, path, params=query)

    def post(self, service: str, path: str, body: dict[str, Any]) -> Answer:
        """POST the JSON `body`. Raises Unreachable."""
        return self._send("POST", service, path, json=body)

    def form(self, service: str, path: str, fields: dict[str, str]) -> Answer:
        """POST a form without the person's token: the OAuth token endpoint. Raises Unreachable."""
        return self._send("POST", service, path, data=fields, headers={"Authorization": ""})

    def _send(self, method: str, service: str, path: str, **options: Any) -> Answer:
        url = f"https://{service}.googleapis.com/{path}"
        try:
            answer = self._http.request(method, url, **options)
        except httpx.HTTPError as error:
            raise Unreachable(f"{service}.googleapis.com cannot be reached: {error!r}") from None
        try:
            body = answer.json()
        except ValueError:
            body = {}
        return Answer(answer.status_code, body if isinstance(body, dict) else {})
