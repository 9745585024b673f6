"""Passing on to an OpenAI-compatible server: a small one that streams what the test tells it to."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from local.standin import HttpServer
from local.vertex.server import VertexServer

pytestmark = pytest.mark.source(
    "https://platform.openai.com/docs/api-reference/chat/create and .../chat-streaming"
)


@dataclass
class ChatServer:
    """Speaks the chat completions protocol; keeps what it was sent."""

    pieces: list[str] = field(default_factory=lambda: ["Hel", "lo [1]"])
    finish: str | None = "stop"
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        """The two routes that are needed."""
        return Starlette(
            routes=[
                Route("/v1/models", self.models),
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
            ]
        )

    async def models(self, _: Request) -> Response:
        """One model."""
        return JSONResponse({"data": [{"id": "tiny"}]})

    async def complete(self, request: Request) -> Response:
        """Stream the pieces."""
        self.bodies.append(await request.json())
        if self.status != 200:
            return JSONResponse({"error": "no"}, self.status)
        return StreamingResponse(self.events(), media_type="text/event-stream")

    async def events(self) -> AsyncIterator[str]:
        """Server-sent events as OpenAI sends them."""
        for piece in self.pieces:
            yield f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]})}\n\n"
        if self.finish:
            yield f"data: {json.dumps({'choices': [{'delta': {}, 'finish_reason': self.finish}]})}\n\n"
            usage = {"prompt_tokens": 7, "completion_tokens": 2}
            yield f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"


@pytest.fixture
async def chat(vertex: VertexServer) -> AsyncIterator[ChatServer]:
    """A running chat server that the stand-in passes on to."""
    server = ChatServer()
    http = HttpServer(server.app())
    vertex.settings.model_url = f"http://127.0.0.1:{await http.start()}"
    vertex.settings.model_name = ""
    yield server
    await http.stop()


async def generate(client: genai.Client, **more: Any) -> list[types.GenerateContentResponse]:
    """A streamed answer to two turns."""
    contents = [
        types.Content(role="user", parts=[types.Part(text="Hi")]),
        types.Content(role="model", parts=[types.Part(text="Yes?")]),
        types.Content(role="user", parts=[types.Part(text="Greet me")]),
    ]
    config = types.GenerateContentConfig(system_instruction="Be kind", temperature=0.5, **more)
    stream = await client.aio.models.generate_content_stream(
        model="gemini-3.5-flash", contents=contents, config=config
    )
    return [chunk async for chunk in stream]


async def test_passes_on(client: genai.Client, chat: ChatServer) -> None:
    """Roles, system instruction and settings go over; text, finish reason and usage come back."""
    found = await generate(client, max_output_tokens=50)
    assert "".join(chunk.text or "" for chunk in found) == "Hello [1]"
    assert found[-1].candidates[0].finish_reason == types.FinishReason.STOP
    usage = found[-1].usage_metadata
    assert (usage.prompt_token_count, usage.candidates_token_count) == (7, 2)
    (body,) = chat.bodies
    assert body["messages"] == [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Greet me"},
    ]
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("tiny", 50, 0.5)


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "MAX_TOKENS"), ("content_filter", "SAFETY"), ("odd", "OTHER")]
)
async def test_finish_reasons(client: genai.Client, chat: ChatServer, finish: str, reason: str) -> None:
    """The server's finish reason becomes Google's."""
    chat.finish = finish
    found = await generate(client)
    assert found[-1].candidates[0].finish_reason == types.FinishReason[reason]


@pytest.mark.parametrize(("status", "code"), [(429, 429), (400, 400), (500, 503), (401, 503)])
async def test_errors(client: genai.Client, chat: ChatServer, status: int, code: int) -> None:
    """What the server refuses is refused, before a stream begins."""
    chat.status = status
    with pytest.raises(errors.APIError) as refused:
        await generate(client)
    assert refused.value.code == code


async def test_unreachable(client: genai.Client, vertex: VertexServer) -> None:
    """A server that is not there is 503 UNAVAILABLE."""
    vertex.settings.model_url = "http://127.0.0.1:9"
    with pytest.raises(errors.ServerError) as refused:
        await generate(client)
    assert (refused.value.code, refused.value.status) == (503, "UNAVAILABLE")


async def test_image_goes_along(client: genai.Client, chat: ChatServer) -> None:
    """An inline image reaches the server as a data URL."""
    image = types.Part.from_bytes(data=b"PNG", mime_type="image/png")
    await client.aio.models.generate_content(model="gemini-3.5-flash", contents=["What is it?", image])
    text, picture = chat.bodies[0]["messages"][0]["content"]
    assert text["text"] == "What is it?"
    assert picture["image_url"]["url"] == "data:image/png;base64,UE5H"
