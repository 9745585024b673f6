"""Passing a prompt on to an OpenAI-compatible server, such as Ollama, llama.cpp or vLLM.

Protocol: POST /v1/chat/completions with stream, as https://platform.openai.com/docs/api-reference/chat.
"""

import base64
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from local.httperrors import ApiError
from local.vertex.catalogue import OUTPUT_TOKENS
from local.vertex.prompt import Prompt
from local.vertex.settings import Settings

if TYPE_CHECKING:
    import httpx

FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
CONNECT_SECONDS, SILENCE_SECONDS = 5.0, 120.0


class Upstream:
    """A client of the server at `settings.model_url`; connects at first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient | None = None
        self._models: dict[str, str] = {}

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def answer(self, prompt: Prompt) -> AsyncIterator[tuple[str, str, int, int]]:
        """(text, finish reason, prompt tokens, output tokens); the last three on the last item only.

        Raises ApiError 429 and 400 as the server says them, 503 when it cannot be reached or breaks off.
        """
        import httpx

        client = self._connected()
        try:
            body = await self._request(client, prompt)
            async with client.stream("POST", f"{self._root()}/v1/chat/completions", json=body) as response:
                await _check(response)
                finish, pieces = "", 0
                usage: dict[str, Any] = {}
                async for line in response.aiter_lines():
                    event = _event(line)
                    if event is None:
                        continue
                    usage = event.get("usage") or usage
                    for choice in event.get("choices") or []:
                        finish = choice.get("finish_reason") or finish
                        if text := (choice.get("delta") or {}).get("content"):
                            pieces += 1
                            yield text, "", 0, 0
                if not finish:
                    raise ApiError(503, "The model server ended its stream without a finish reason.")
                yield "", FINISH.get(finish, "OTHER"), *_usage(usage, prompt, pieces)
        except httpx.HTTPError as error:
            message = f"The model server {self._settings.model_url} failed: {type(error).__name__}."
            raise ApiError(503, message) from error

    def _connected(self) -> "httpx.AsyncClient":
        import httpx

        if self._client is None:
            timeout = httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
            self._client = httpx.AsyncClient(timeout=timeout)
        return self._client

    def _root(self) -> str:
        return self._settings.model_url.removesuffix("/v1")

    async def _model(self, client: "httpx.AsyncClient") -> str:
        """The model named in the settings, or the first that the server offers."""
        if self._settings.model_name:
            return self._settings.model_name
        root = self._root()
        if root not in self._models:
            response = await client.get(f"{root}/v1/models")
            await _check(response)
            offered = response.json().get("data") or []
            if not offered:
                raise ApiError(503, f"{root} offers no model; name one in the setting model_name.")
            self._models[root] = str(offered[0]["id"])
        return self._models[root]

    async def _request(self, client: "httpx.AsyncClient", prompt: Prompt) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": await self._model(client),
            "messages": _messages(prompt),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if prompt.max_tokens < OUTPUT_TOKENS:
            body["max_tokens"] = prompt.max_tokens
        if prompt.temperature is not None:
            body["temperature"] = prompt.temperature
        return body


def _messages(prompt: Prompt) -> list[dict[str, Any]]:
    """The turns as chat messages; images go with the last one as data URLs."""
    messages: list[dict[str, Any]] = []
    if prompt.system:
        messages.append({"role": "system", "content": prompt.system})
    for role, text in prompt.turns:
        messages.append({"role": "assistant" if role == "model" else "user", "content": text})
    if prompt.images:
        urls = [
            f"data:{kind};base64,{base64.b64encode(data).decode()}"
            for kind, data in zip(prompt.image_types, prompt.images, strict=True)
        ]
        messages[-1]["content"] = [
            {"type": "text", "text": messages[-1]["content"]},
            *({"type": "image_url", "image_url": {"url": url}} for url in urls),
        ]
    return messages


def _event(line: str) -> dict[str, Any] | None:
    """The JSON of a `data:` line; None for comments, blank lines and the end mark."""
    if not line.startswith("data:") or line.removeprefix("data:").strip() == "[DONE]":
        return None
    try:
        event = json.loads(line.removeprefix("data:"))
    except ValueError:
        raise ApiError(503, "The model server sent a line that is not JSON.") from None
    return event if isinstance(event, dict) else None


def _usage(usage: dict[str, Any], prompt: Prompt, pieces: int) -> tuple[int, int]:
    """Prompt and output tokens; when the server does not say, a quarter of the characters, and the pieces."""
    return (
        int(usage.get("prompt_tokens") or len(prompt.text) // 4),
        int(usage.get("completion_tokens") or pieces),
    )


async def _check(response: "httpx.Response") -> None:
    if response.is_success:
        return
    await response.aread()
    code = response.status_code if response.status_code in {400, 429} else 503
    raise ApiError(code, f"The model server answered {response.status_code}: {response.text[:200]}")
