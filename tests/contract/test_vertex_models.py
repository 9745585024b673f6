"""Google's models over HTTP: what is sent is what google-genai sends, and what comes back is understood."""

import json
import socket
from contextlib import closing
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from google import genai
from google.genai import types
from google.oauth2.credentials import Credentials

from shared.answers.interfaces import Delta, ModelStopped, Prompt
from shared.errors import AppError, TooMany, Unavailable, Upstream
from shared.gcp.embeddings import Embeddings
from shared.gcp.gemini import Gemini
from shared.gcp.http_calls import HttpCalls
from shared.gcp.vertex_models import VertexModels
from shared.models import Usage
from shared.settings import GenAISettings

PLACES = ("us-central1", "global", "eu")
USAGE = {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 3, "totalTokenCount": 14}


class Google:
    """Answers as the models do, and keeps what it was asked."""

    def __init__(self, *pieces: object, status: int = 200) -> None:
        self.pieces, self.status = pieces, status
        self.asked: list[tuple[str, Any, str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Any request."""
        told = request.headers["authorization"], request.headers["x-server-timeout"]
        self.asked.append((str(request.url), json.loads(request.content), *told))
        if self.status != 200:
            return httpx.Response(self.status, json={"error": {"code": self.status}})
        if "stream" in str(request.url):
            lines = "".join(f"data: {json.dumps(piece)}\n\n" for piece in self.pieces)
            return httpx.Response(200, text=lines, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json=self.pieces[0])

    def models(self, settings: GenAISettings) -> VertexModels:
        """Ours, that ask it."""
        made, http = VertexModels("p", settings, Credentials("t")), httpx.MockTransport(self)
        made._http._made = partial(self._connected, made._http, http)  # type: ignore[assignment,method-assign]
        return made

    @staticmethod
    async def _connected(calls: HttpCalls, http: httpx.MockTransport) -> "Connected":
        return Connected(f"{'https' if calls._tls else 'http'}://{calls._host}", http)

    def client(self, settings: GenAISettings) -> Any:
        """Google's, that asks it."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        options = types.HttpOptions(api_version="v1", timeout=60_000, httpx_async_client=http)
        return genai.Client(
            vertexai=True,
            project="p",
            location=settings.location,
            credentials=Credentials("t"),
            http_options=options,
        )


class Connected:
    """A connection to it, at whose other end what is written is read as HTTP says."""

    def __init__(self, base: str, http: httpx.MockTransport) -> None:
        self.base, self.http = base, http
        self.status, self.body = 0, b""

    def begin(self, request: bytes) -> None:
        """Take a request."""
        head, _, content = request.partition(b"\r\n\r\n")
        first, *lines = head.decode("ascii").split("\r\n")
        headers = [line.split(": ", 1) for line in lines]
        method, target, _ = first.split(" ")
        assert dict(headers)["host"] == urlsplit(self.base).hostname
        assert int(dict(headers)["content-length"]) == len(content)
        sent = httpx.Request(method, self.base + target, headers=dict(headers), content=content)
        answer = self.http.handle_request(sent)
        self.status, self.body = answer.status_code, answer.read()

    async def head(self) -> None:
        """The status is known at once."""

    async def piece(self) -> bytes:
        """A few bytes at a time, cut anywhere."""
        found, self.body = self.body[:7], self.body[7:]
        return found

    def free(self) -> bool:
        """Never used twice."""
        return False

    def close(self) -> None:
        """Nothing to close."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", ["gemini-embedding-001", "text-embedding-005", "gemini-embedding-2"])
async def test_a_question_is_embedded_as_googles_client_does(place: str, model: str) -> None:
    """The same address, body and headers for each place and kind of model."""
    vector = {"values": [3.0, 4.0], "statistics": {"token_count": 7}}
    answer = {"embedding": vector} if model.endswith("-2") else {"predictions": [{"embeddings": vector}]}
    google, settings = Google(answer), GenAISettings(location=place, embedding_model=model)
    assert await Embeddings(google.models(settings), settings).query("What?") == [0.6, 0.8]
    config = types.EmbedContentConfig(task_type="RETRIEVAL_QUERY", output_dimensionality=768)
    await google.client(settings).aio.models.embed_content(model=model, contents=["What?"], config=config)
    assert google.asked[0] == google.asked[1]


async def test_an_answer_is_asked_for_as_googles_client_does() -> None:
    """The same address and headers, and a body that means the same."""
    google, settings = Google({"candidates": []}), GenAISettings()
    assert await said(google, settings) == [Delta("", None), Delta("", None)]
    config = types.GenerateContentConfig(system_instruction="s", temperature=0.0, max_output_tokens=1024)
    stream = await google.client(settings).aio.models.generate_content_stream(
        model=settings.model, contents="u", config=config
    )
    assert [one async for one in stream]
    assert google.asked[0] == google.asked[1]


async def said(google: Google, settings: GenAISettings) -> list[Delta]:
    """All that the model says."""
    prompt = Prompt(version="1", system="s", user="u")
    return [one async for one in Gemini(google.models(settings), settings).stream(prompt)]


async def test_thoughts_are_no_text_and_cost_as_much() -> None:
    """Pieces, of which one is a thought; the usage comes with the last."""
    parts = [{"text": "hm", "thought": True}, {"text": "Yes."}]
    piece = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}], "usageMetadata": USAGE}
    found = await said(Google(piece), GenAISettings(model="m"))
    assert found[1:] == [Delta("Yes.", Usage(9, 5, 0, "m"))]


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "blocked"),
        ({"candidates": [{"finishReason": "MAX_TOKENS"}]}, "max_tokens"),
    ],
)
async def test_a_model_that_stops_says_why(piece: object, reason: str) -> None:
    """Blocked, or cut off."""
    with pytest.raises(ModelStopped) as stopped:
        await said(Google(piece), GenAISettings())
    assert stopped.value.reason == reason


@pytest.mark.parametrize(("status", "error"), [(404, Upstream), (429, TooMany), (503, Unavailable)])
async def test_refusals_are_ours(status: int, error: type[AppError]) -> None:
    """By their status, also when they come in the middle of a stream; what is no JSON is a broken stream."""
    for google in (Google(status=status), Google({"error": {"code": status}})):
        with pytest.raises(error):
            await said(google, GenAISettings())


async def test_a_broken_stream_is_unavailable() -> None:
    """Nobody is reached, or the stream is cut in the middle of a piece."""

    class Cut(Google):
        def __call__(self, _: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=b'data: {"candidates": [\n\n')

    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    away = VertexModels("p", GenAISettings(base_url=nobody), Credentials("t"))
    for models in (Cut().models(GenAISettings()), away):
        with pytest.raises(Unavailable):
            assert [one async for one in models.stream("m", {})]
