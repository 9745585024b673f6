"""Gemini: streamed answers, and the text in images."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from google.auth.exceptions import GoogleAuthError

from shared.answers.interfaces import Delta, ModelStopped, Prompt
from shared.errors import AppError, Unavailable
from shared.gcp.failures import http_failure
from shared.limits.meter import used
from shared.models import Transcript, Usage
from shared.settings import GenAISettings

_TRANSCRIBE = (
    "Transcribe all text in this image exactly as it stands, in reading order, one line a line, the cells "
    "of a table row on one line separated by ' | '. Add nothing. If there is no text, answer with nothing."
)


@asynccontextmanager
async def translated_genai() -> AsyncIterator[None]:
    """Raise our errors for those of google-genai and of the HTTP client under it."""
    import httpx
    from google.genai.errors import APIError

    try:
        yield
    except APIError as error:
        raise _ours(error) from error
    except (httpx.HTTPError, GoogleAuthError, OSError) as error:
        raise Unavailable("The model cannot be reached.", retry_after=5) from error


def _ours(error: Any) -> AppError:
    return http_failure("The model", int(error.code or 500))


class Gemini:
    """AnswerModel and Transcriber on google-genai."""

    def __init__(self, client: Any, settings: GenAISettings) -> None:
        self._client, self._settings = client, settings

    async def stream(self, prompt: Prompt) -> AsyncIterator[Delta]:
        """The answer in pieces, the last with its usage.

        Raises ModelStopped when the model refuses or runs out of room, Unavailable, Timeout, TooMany.
        """
        from google.genai import types

        config = types.GenerateContentConfig(
            system_instruction=prompt.system,
            temperature=0.0,
            max_output_tokens=self._settings.max_output_tokens,
        )
        async with translated_genai():
            chunks = await self._client.aio.models.generate_content_stream(
                model=self._settings.model, contents=prompt.user, config=config
            )
            said, consumed = 0, Usage(model=self._settings.model)
            try:
                # closed at once when nobody listens any more: what is not said is not billed
                async with aclosing(chunks):
                    async for chunk in chunks:
                        usage = _usage(chunk, self._settings.model)
                        consumed, said = usage or consumed, said + len(_text(chunk))
                        yield Delta(_text(chunk), usage)
                        stopped = _stopped(chunk)
                        if stopped:
                            raise ModelStopped(stopped)
            finally:
                # who stops listening never hears the count, and is billed all the same
                _meter(consumed if consumed.prompt_tokens else _guessed(consumed.model, prompt, said))

    async def transcribe(self, image: bytes, mime_type: str) -> Transcript:
        """The text in an image as it stands there, nothing added; empty when there is none."""
        from google.genai import types

        contents = [types.Part.from_bytes(data=image, mime_type=mime_type), _TRANSCRIBE]
        config = types.GenerateContentConfig(temperature=0.0)
        async with translated_genai():
            answer = await self._client.aio.models.generate_content(
                model=self._settings.model, contents=contents, config=config
            )
        _meter(_usage(answer, self._settings.model) or Usage(model=self._settings.model))
        return Transcript(answer.text or "")


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


def _text(chunk: Any) -> str:
    """The text of a chunk; `chunk.text` warns about parts that are not text."""
    candidates = chunk.candidates or ()
    parts = candidates[0].content.parts if candidates and candidates[0].content else ()
    return "".join(part.text or "" for part in parts or () if not part.thought)


def _usage(chunk: Any, model: str) -> Usage | None:
    counted = chunk.usage_metadata
    if counted is None or counted.total_token_count is None:
        return None
    return Usage(
        prompt_tokens=counted.prompt_token_count or 0,
        output_tokens=(counted.candidates_token_count or 0) + (counted.thoughts_token_count or 0),
        cached_tokens=counted.cached_content_token_count or 0,
        model=model,
    )


def _stopped(chunk: Any) -> str:
    """Why the model ended other than by finishing; empty while it goes on."""
    if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
        return "blocked"
    reason = chunk.candidates[0].finish_reason if chunk.candidates else None
    name = getattr(reason, "name", "") or ""
    return "" if name in ("", "STOP", "FINISH_REASON_UNSPECIFIED") else name.lower()
