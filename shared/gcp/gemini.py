"""Gemini: streamed answers, and the text in images."""

import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from shared.answers.interfaces import Delta, ModelStopped, Prompt
from shared.gcp.vertex_models import Json, VertexModels
from shared.limits.meter import used
from shared.models import Transcript, Usage
from shared.settings import GenAISettings

_TRANSCRIBE = (
    "Transcribe all text in this image exactly as it stands, in reading order, one line a line, the cells "
    "of a table row on one line separated by ' | '. Add nothing. If there is no text, answer with nothing."
)


class Gemini:
    """AnswerModel and Transcriber."""

    def __init__(self, models: VertexModels, settings: GenAISettings) -> None:
        self._models, self._settings = models, settings

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """The answer in pieces, the last with its usage.

        Raises ModelStopped when the model refuses or runs out of room, Unavailable, Timeout, TooMany.
        """
        body = {
            "contents": [_turn({"text": prompt.user})],
            "systemInstruction": _turn({"text": prompt.system}),
            "generationConfig": {"temperature": 0.0, "maxOutputTokens": self._settings.max_output_tokens},
        }
        said, consumed = 0, Usage(model=self._settings.model)
        began = False
        try:
            # closed at once when nobody listens any more: what is not said is not billed
            async with aclosing(self._models.stream(self._settings.model, body)) as pieces:  # type: ignore[type-var]
                async for piece in pieces:
                    began = True
                    text, usage = _text(piece), _usage(piece, self._settings.model)
                    consumed, said = usage or consumed, said + len(text)
                    yield Delta(text, usage)
                    if stopped := _stopped(piece):
                        raise ModelStopped(stopped)
        finally:
            # who stops listening never hears the count, and is billed all the same
            if began:
                _meter(consumed if consumed.prompt_tokens else _guessed(consumed.model, prompt, said))

    async def transcribe(self, image: bytes, mime_type: str) -> Transcript:
        """The text in an image as it stands there, nothing added; empty when there is none."""
        picture = {"mimeType": mime_type, "data": base64.b64encode(image).decode("ascii")}
        body = {
            "contents": [_turn({"inlineData": picture}, {"text": _TRANSCRIBE})],
            "generationConfig": {"temperature": 0.0},
        }
        answer = await self._models.ask(self._settings.model, "generateContent", body)
        _meter(_usage(answer, self._settings.model) or Usage(model=self._settings.model))
        return Transcript(_text(answer))


def _turn(*parts: Json) -> Json:
    return {"role": "user", "parts": parts}


def _guessed(model: str, prompt: Prompt, said: int) -> Usage:
    """About what a call consumed that was ended before it told: a token is about four characters."""
    return Usage((len(prompt.system) + len(prompt.user)) // 4, said // 4, 0, model)


def _meter(usage: Usage) -> None:
    """Note one call; what was cached costs less than what was not."""
    used(
        usage.model,
        call=1,
        prompt=usage.prompt_tokens - usage.cached_tokens,
        cached=usage.cached_tokens,
        output=usage.output_tokens,
    )


def _text(piece: Json) -> str:
    """The text of an answer or a piece of one, without the model's thoughts."""
    candidates = piece.get("candidates") or [{}]
    parts = (candidates[0].get("content") or {}).get("parts") or ()
    return "".join(part.get("text") or "" for part in parts if not part.get("thought"))


def _usage(piece: Json, model: str) -> Usage | None:
    counted: dict[str, Any] = piece.get("usageMetadata") or {}
    if counted.get("totalTokenCount") is None:
        return None
    return Usage(
        prompt_tokens=counted.get("promptTokenCount") or 0,
        output_tokens=(counted.get("candidatesTokenCount") or 0) + (counted.get("thoughtsTokenCount") or 0),
        cached_tokens=counted.get("cachedContentTokenCount") or 0,
        model=model,
    )


def _stopped(piece: Json) -> str:
    """Why the model ended other than by finishing; empty while it goes on."""
    if (piece.get("promptFeedback") or {}).get("blockReason"):
        return "blocked"
    candidates = piece.get("candidates") or [{}]
    reason = str(candidates[0].get("finishReason") or "")
    return "" if reason in ("", "STOP", "FINISH_REASON_UNSPECIFIED") else reason.lower()
