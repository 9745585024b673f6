"""From the model's stream to text that may be shown: each sentence checked against its sources."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from shared.answers.interfaces import AnswerModel, Delta, GroundingChecker, Prompt
from shared.answers.markup import plain_text
from shared.answers.prompt import DECLINED
from shared.answers.sentences import SentenceStream, bare
from shared.answers.support import SupportCheck
from shared.errors import Timeout
from shared.models import Passage, Usage

_CITED = re.compile(r"\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens to a sentence that no source supports, and how long an answer may take.

    `seconds` is for the model, from the first call to the last word.
    """

    unsupported: Literal["mark", "drop"] = "drop"
    seconds: float = 60.0
    grounding: GroundingChecker | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be shown with the white space behind it; `unsupported` when it was only marked."""

    text: str
    unsupported: bool = False


@dataclass
class Writing:
    """One answer being written. Read `usage`, `declined` and `dropped` when `sentences` has ended."""

    model: AnswerModel
    policy: Policy
    question: str
    passages: Sequence[Passage]
    usage: Usage = field(default_factory=Usage)
    declined: bool = False
    """The model said that the sources do not hold the answer."""
    dropped: int = 0
    """Sentences that were left out."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why sentences were dropped or marked, counted."""

    async def sentences(self, prompt: Prompt) -> AsyncIterator[Sentence]:
        """What may be shown, as soon as each sentence is complete.

        Closing this generator closes the model's stream. Raises ModelStopped and what the model raises,
        and Timeout when it takes longer than the policy allows.
        """
        check = SupportCheck(self.question, self.passages)
        stream, first = SentenceStream(), True
        async with aclosing(self._pieces(prompt)) as pieces:  # type: ignore[type-var]
            async for text in pieces:
                for sentence in stream.feed(text) if text else stream.finish():
                    if first and bare(sentence).strip(".!\"'` ") == DECLINED:
                        self.declined = True
                        return
                    first = False
                    shown = await self._checked(check, sentence)
                    if shown is not None:
                        yield shown

    async def _pieces(self, prompt: Prompt) -> AsyncIterator[str]:
        """The model's text within its time; "" at the end."""
        limit = asyncio.get_running_loop().time() + self.policy.seconds
        async with aclosing(self.model.stream(prompt)) as deltas:  # type: ignore[type-var]
            while (delta := await _next(deltas, limit)) is not None:
                self.usage = delta.usage or self.usage
                if delta.text:
                    yield delta.text
        yield ""

    async def _checked(self, check: SupportCheck, sentence: str) -> Sentence | None:
        """The sentence with the citations that hold, marked, or None when it is dropped."""
        end = len(sentence.rstrip())
        text, space = sentence[:end], sentence[end:]
        if not text:
            return Sentence(sentence)
        verdict = check.verdict(text)
        supported = verdict.supported and await self._grounded(text, verdict.sources)
        clean = plain_text(text, (one.text for one in self.passages))
        if supported:
            return Sentence(_with_citations(clean, verdict.sources) + space)
        self.reasons[verdict.reason or "grounding"] += 1
        if self.policy.unsupported == "drop":
            self.dropped += 1
            return None
        return Sentence(_with_citations(clean, ()) + space, unsupported=True)

    async def _grounded(self, text: str, numbers: Sequence[int]) -> bool:
        if self.policy.grounding is None or not numbers:
            return True
        sources = [self.passages[number - 1] for number in numbers]
        return await self.policy.grounding.grounded(bare(text), sources) is not False


async def _next(deltas: AsyncIterator[Delta], limit: float) -> Delta | None:
    try:
        async with asyncio.timeout_at(limit):
            return await anext(deltas, None)
    except TimeoutError:
        raise Timeout("The model did not finish in time.") from None


def _with_citations(text: str, numbers: Sequence[int]) -> str:
    """The sentence citing these sources and no others, one bracket each: "[1][3]"."""
    marks = "".join(f"[{number}]" for number in numbers)
    places = list(_CITED.finditer(text))
    if not places:
        return f"{text} {marks}" if marks else text
    at = places[-1]
    rest = text[at.end() :]
    before = _CITED.sub("", text[: at.start()])
    return f"{before} {marks}{rest}" if marks else f"{before}{rest}"
