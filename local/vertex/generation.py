"""generateContent, its stream, and countTokens: Google's shapes around a local model."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from local.httperrors import invalid
from local.vertex.batching import Embedder
from local.vertex.catalogue import PROMPT_TOKENS
from local.vertex.characters import LyingModel, ObedientModel
from local.vertex.embeddings import billable
from local.vertex.extractive import ExtractiveModel
from local.vertex.ocr import ImageReader
from local.vertex.prompt import Prompt, read_prompt
from local.vertex.settings import Settings
from local.vertex.untruths import Told
from local.vertex.upstream import Upstream

PIECE_WORDS = 3


@dataclass
class Piece:
    """Some text of an answer; the last one says why it ends and what it cost."""

    text: str
    finish: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0


class Generation:
    """The generation methods. `script` is what an armed fault wants; see README.md."""

    def __init__(self, embedder: Embedder, settings: Settings, billed: Counter[str] | None = None) -> None:
        self._embedder, self._settings = embedder, settings
        self._billed = Counter[str]() if billed is None else billed
        self._extractive = ExtractiveModel(embedder)
        self._liar, self._servant = LyingModel(self._extractive), ObedientModel(self._extractive)
        self._reader = ImageReader()
        self._upstream = Upstream(settings)

    async def close(self) -> None:
        """Close the image reader and the connections to another model server."""
        await self._reader.close()
        await self._upstream.close()

    async def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """The tokens of a prompt. Raises ApiError 400."""
        prompt = read_prompt(body)
        tokens = await self._tokens(prompt.text)
        return {
            "totalTokens": tokens,
            "totalBillableCharacters": billable(prompt.text),
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
        }

    async def whole(self, model: str, body: dict[str, Any], script: str) -> Response:
        """One JSON response. Raises ApiError."""
        prompt = await self._checked(body)
        if script.startswith("blocked:"):
            return JSONResponse(await self._blocked(model, prompt, script))
        text, last = "", Piece("")
        async for last in self._counted(model, self._scripted(prompt, script)):
            text += last.text
        return JSONResponse(
            _chunk(model, uuid.uuid4().hex, Piece(text, last.finish, last.prompt_tokens, last.output_tokens))
        )

    async def stream(self, model: str, body: dict[str, Any], script: str, *, sse: bool) -> Response:
        """Server-sent events, or a JSON array without alt=sse. Raises ApiError before the first byte."""
        prompt = await self._checked(body)
        response_id = uuid.uuid4().hex
        if script.startswith("blocked:"):
            chunks = _once(await self._blocked(model, prompt, script))
        else:
            pieces = self._counted(model, self._scripted(prompt, script))
            first = await anext(
                pieces
            )  # so that a model that cannot answer is an HTTP error, not half a stream
            chunks = _chunks(model, response_id, first, pieces)
        if sse:
            return StreamingResponse(_events(chunks), media_type="text/event-stream")
        return StreamingResponse(_array(chunks), media_type="application/json")

    async def _counted(self, model: str, pieces: AsyncIterator[Piece]) -> AsyncIterator[Piece]:
        """The pieces; what the last one tells is billed when it is said."""
        async for piece in pieces:
            if piece.finish:
                self._billed[f"{model}:prompt"] += piece.prompt_tokens
                self._billed[f"{model}:output"] += piece.output_tokens
            yield piece

    async def _checked(self, body: dict[str, Any]) -> Prompt:
        prompt = read_prompt(body)
        tokens = await self._tokens(prompt.text) if len(prompt.text) > PROMPT_TOKENS else 0
        if tokens > PROMPT_TOKENS:
            raise invalid(f"The input token count ({tokens}) exceeds the maximum of {PROMPT_TOKENS}.")
        return prompt

    async def _blocked(self, model: str, prompt: Prompt, script: str) -> dict[str, Any]:
        tokens = await self._tokens(prompt.text)
        return {
            "promptFeedback": {"blockReason": script.partition(":")[2]},
            "usageMetadata": {"promptTokenCount": tokens, "totalTokenCount": tokens},
            "modelVersion": model,
            "responseId": uuid.uuid4().hex,
        }

    async def _scripted(self, prompt: Prompt, script: str) -> AsyncIterator[Piece]:
        """The model's pieces; a script stops them in the middle."""
        pieces = self._pieces(prompt)
        if not script.startswith(("finish:", "cut")):
            async for piece in pieces:
                yield piece
            return
        held = [piece async for piece in pieces]
        for piece in held[: len(held) // 2]:
            yield Piece(piece.text)
        if script.startswith("cut"):
            raise ConnectionResetError("injected: cut in mid-answer")
        tokens = await self._tokens("".join(piece.text for piece in held[: len(held) // 2]))
        yield Piece("", script.partition(":")[2], held[-1].prompt_tokens, tokens)

    async def _pieces(self, prompt: Prompt) -> AsyncIterator[Piece]:
        if self._settings.model_url:
            async for text, finish, prompt_tokens, output_tokens in self._upstream.answer(prompt):
                yield Piece(text, finish, prompt_tokens, output_tokens)
            return
        answer, finish = await self._cut(await self._local(prompt), prompt.max_tokens)
        words = answer.split(" ")
        texts = [" ".join(words[i : i + PIECE_WORDS]) for i in range(0, len(words), PIECE_WORDS)]
        texts = [text if i == 0 else " " + text for i, text in enumerate(texts)]
        await asyncio.sleep(self._settings.first_token_delay)
        for text in texts[:-1]:
            yield Piece(text)
            await asyncio.sleep(self._settings.token_delay * PIECE_WORDS)
        yield Piece(texts[-1], finish, await self._tokens(prompt.text), await self._tokens(answer))

    async def _local(self, prompt: Prompt) -> str:
        if prompt.transcribe or (prompt.images and not prompt.sources):
            texts = [await self._reader.read(image) for image in prompt.images]
            return "\n\n".join(texts)
        match self._settings.answers:
            case "lying":
                return await self._liar.answer(prompt)
            case "obedient":
                return await self._servant.answer(prompt)
            case _:
                return await self._extractive.answer(prompt)

    @property
    def told(self) -> list[Told]:
        """What the lying model said so far, each sentence with the truth."""
        return list(self._liar.told)

    async def _cut(self, answer: str, limit: int) -> tuple[str, str]:
        """The answer within `limit` tokens, and the finish reason."""
        encoder = await self._embedder.encoder()
        end = await asyncio.to_thread(encoder.end_of_token, answer, limit)
        return (answer, "STOP") if end is None else (answer[:end], "MAX_TOKENS")

    async def _tokens(self, text: str) -> int:
        encoder = await self._embedder.encoder()
        return len(await asyncio.to_thread(encoder.token_ids, text))


def _chunk(model: str, response_id: str, piece: Piece) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": piece.text}]}, "index": 0}
    chunk: dict[str, Any] = {"candidates": [candidate], "modelVersion": model, "responseId": response_id}
    if piece.finish:
        candidate["finishReason"] = piece.finish
        chunk["usageMetadata"] = {
            "promptTokenCount": piece.prompt_tokens,
            "candidatesTokenCount": piece.output_tokens,
            "totalTokenCount": piece.prompt_tokens + piece.output_tokens,
            "trafficType": "ON_DEMAND",
        }
    return chunk


async def _once(chunk: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    yield chunk


async def _chunks(
    model: str, response_id: str, first: Piece, rest: AsyncIterator[Piece]
) -> AsyncIterator[dict[str, Any]]:
    yield _chunk(model, response_id, first)
    async for piece in rest:
        yield _chunk(model, response_id, piece)


async def _events(chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n"


async def _array(chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    opening = "["
    async for chunk in chunks:
        yield opening + json.dumps(chunk, ensure_ascii=False)
        opening = ",\r\n"
    yield "]"
