"""Asking: evidence, prompt, stream, citations; or an honest "not in your documents"."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import anyio

from shared.answers.citations import CitationFilter
from shared.answers.interfaces import (
    AnswerModel,
    Clock,
    ConversationStore,
    Evidence,
    Message,
    ModelStopped,
    NearFile,
    Searcher,
)
from shared.answers.prompt import DECLINED, build
from shared.errors import AppError, NotFound
from shared.log import get_logger
from shared.models import Passage, Person, Scope, Usage

_log = get_logger("answers")
_QUOTED = 3
"""Passages quoted when the model cannot be used."""
NOT_FOUND = "This is not in your documents."


@dataclass(frozen=True, slots=True)
class Started:
    """The question was taken."""

    conversation_id: str
    question: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The passages that the answer may cite; [n] is the n-th, from 1."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete and kept."""

    declined: bool
    degraded: bool
    usage: Usage
    nearest: tuple[NearFile, ...] = ()


AnswerEvent = Started | Sources | Text | Finished


@dataclass
class _Draft:
    """What has been said so far, for the record."""

    text: str = ""
    passages: tuple[Passage, ...] = ()
    declined: bool = False
    degraded: bool = False
    usage: Usage = field(default_factory=Usage)
    nearest: tuple[NearFile, ...] = ()

    def said(self, text: str, evidence: Evidence) -> Text:
        """Note what is shown now, and what it rests on."""
        self.text += text
        self.passages = evidence.passages
        return Text(text)


@dataclass(frozen=True)
class AnswerService:
    """Answers questions. `threshold` is the evidence (0 to 1) below which the model is not asked."""

    searcher: Searcher
    model: AnswerModel
    conversations: ConversationStore
    clock: Clock
    threshold: float

    async def ask(
        self, person: Person, question: str, scope: Scope, conversation_id: str = ""
    ) -> AsyncIterator[AnswerEvent]:
        """The events of one answer: Started, Sources, Text..., Finished.

        Raises NotFound for a conversation or a scope that is not the asker's, Unavailable, Timeout. A
        failing model is no error: the best passages are quoted instead, and Finished says `degraded`.
        """
        if conversation_id and await self.conversations.owner(conversation_id) != person.subject:
            raise NotFound("There is no such conversation.")
        conversation_id = conversation_id or uuid.uuid4().hex
        evidence = await self.searcher.evidence(person, question, scope)
        yield Started(conversation_id, question)
        draft, sourced = _Draft(), False
        try:
            if evidence.strength < self.threshold or not evidence.passages:
                yield self._decline(draft, evidence)
            else:
                async for event in self._answer(draft, question, evidence):
                    # sources come with the first words: a model that declines has none
                    if draft.passages and not sourced:
                        sourced = True
                        yield Sources(draft.passages)
                    yield event
        finally:
            # also when the reader left in the middle: what was said and spent is kept
            with anyio.CancelScope(shield=True):
                await self._keep(conversation_id, person, question, draft)
        yield Finished(draft.declined, draft.degraded, draft.usage, draft.nearest)

    def _decline(self, draft: _Draft, evidence: Evidence) -> Text:
        draft.declined = True
        draft.text, draft.passages, draft.nearest = NOT_FOUND, (), evidence.nearest
        return Text(NOT_FOUND)

    async def _answer(self, draft: _Draft, question: str, evidence: Evidence) -> AsyncIterator[Text]:
        """The model's text with checked citations, or quotes when it cannot be used."""
        citations = CitationFilter(len(evidence.passages))
        try:
            async for text in self._generated(draft, question, evidence, citations):
                yield text
        except (ModelStopped, AppError) as failure:
            _log.warning("answer.degraded", reason=getattr(failure, "reason", type(failure).__name__))
            draft.degraded = True
            quoted = ("\n\n" if draft.text else "") + _quotes(evidence.passages)
            yield draft.said(quoted, evidence)

    async def _generated(
        self, draft: _Draft, question: str, evidence: Evidence, citations: CitationFilter
    ) -> AsyncIterator[Text]:
        """Hold text back until it cannot be the model's way of declining, then pass it on."""
        held = ""
        async for delta in self.model.stream(build(question, evidence.passages)):
            draft.usage = delta.usage or draft.usage
            held += delta.text
            if DECLINED.startswith(held.strip()[: len(DECLINED)]):
                continue
            shown, held = citations.feed(held), ""
            if shown:
                yield draft.said(shown, evidence)
        if not draft.text and held.strip().startswith(DECLINED):
            yield self._decline(draft, evidence)
            return
        rest = citations.feed(held) + citations.finish()
        if rest:
            yield draft.said(rest, evidence)

    async def _keep(self, conversation_id: str, person: Person, question: str, draft: _Draft) -> None:
        message = Message(
            id=uuid.uuid4().hex,
            asked_at=self.clock.now(),
            question=question,
            answer=draft.text,
            sources=[{"file_id": item.file_id, "chunk_id": item.chunk_id} for item in draft.passages],
            declined=draft.declined,
            degraded=draft.degraded,
            usage=draft.usage,
        )
        try:
            await self.conversations.append(conversation_id, person, message)
        except AppError:
            _log.warning("conversation.not_kept")
        _log.info(
            "answer.finished",
            declined=draft.declined,
            degraded=draft.degraded,
            sources=len(draft.passages),
            output_tokens=draft.usage.output_tokens,
        )


def _quotes(passages: Sequence[Passage]) -> str:
    """The best passages, word for word, each with its number."""
    quoted = [
        f"“{passage.quote or passage.text[:300]}” [{number}]"
        for number, passage in enumerate(passages[:_QUOTED], 1)
    ]
    return "\n\n".join(quoted)
