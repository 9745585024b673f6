"""Asking: evidence, prompt, checked sentences with citations; or an honest "not in your documents"."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field

import anyio

from shared.answers.conflicts import Conflict, conflicts
from shared.answers.followups import standing_alone
from shared.answers.instructions import without_instructions
from shared.answers.interfaces import (
    AnswerModel,
    Clock,
    ConversationStore,
    Evidence,
    Message,
    ModelStopped,
    NearFile,
    Searcher,
    Turn,
)
from shared.answers.markup import plain_text
from shared.answers.prompt import build, superseded
from shared.answers.sentences import cited
from shared.answers.tables.answering import TableAnswers
from shared.answers.writing import Policy, Writing
from shared.errors import AppError, NotFound
from shared.log import get_logger
from shared.models import Passage, Person, Scope, Usage

_log = get_logger("answers")
_QUOTED = 3
"""Passages quoted when the model cannot be used."""
_TURNS = 6
"""Earlier messages that a follow-up may refer to."""
_WINDOW = 400_000
"""Characters of a whole file given to the model: about a tenth of its window."""
_ABOUT_THE_WHOLE = re.compile(
    r"\b(?:summar(?:y|i[sz]e)|overview|key points|main points|(?:this|the) (?:file|document) about|"
    r"what is \W[^\n]{1,100}\W about\?|list (?:all|every|each)\b|enumerate\b|name all\b|"
    r"all (?:of )?the \w+ in (?:this|the)|"
    r"zusammenfass\w*|fasse\b|worum geht|nenne alle|liste\w* (?:alle|\w+ \w+ auf)|z\u00e4hle\b.{1,60}\bauf\b|"
    r"r\u00e9sum\w+|liste(?:r|z)? (?:tous|toutes)|resum\w+|(?:enumera|lista)\b.{0,9} tod[oa]s|riassum\w+)",
    re.IGNORECASE,
)
NOT_FOUND = "This is not in your documents."
CUT = "Only the first {read} of {of} parts of this file were read; it is too long to be read at once."
_NOT_FOUND_IN = {
    "file_id": "This is not in this file.",
    "folder_id": "This is not in the documents of this folder.",
    "collection": "This is not in the documents of this collection.",
}


@dataclass(frozen=True, slots=True)
class Started:
    """The question was taken; `question` is what was looked for, rewritten if it leaned on earlier ones."""

    conversation_id: str
    question: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The passages that the answer may cite; [n] is the n-th, from 1."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the answer; `unsupported` when no source says it and it is shown all the same."""

    text: str
    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """So many passages `of` so many of a file were read, in order; the rest had no room."""

    read: int
    of: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete; `kept` is False when the conversation could not take it."""

    declined: bool
    degraded: bool
    usage: Usage
    nearest: tuple[NearFile, ...] = ()
    unsupported: tuple[dict[str, int], ...] = ()
    """Stretches {start, end} of the answer that are marked."""
    computed: bool = False
    """The answer was computed from cells, without a model's words."""
    conflicts: tuple[Conflict, ...] = ()
    """Sources that contradict each other about what was asked, one of them cited."""
    whole: Reading | None = None
    """How much was read of a file that was asked about as a whole."""
    kept: bool = True


AnswerEvent = Started | Sources | Text | Finished


@dataclass
class _Draft:
    """What has been said so far, for the record."""

    text: str = ""
    passages: tuple[Passage, ...] = ()
    declined: bool = False
    degraded: bool = False
    computed: bool = False
    usage: Usage = field(default_factory=Usage)
    nearest: tuple[NearFile, ...] = ()
    unsupported: list[dict[str, int]] = field(default_factory=list)
    conflicts: tuple[Conflict, ...] = ()
    whole: Reading | None = None
    kept: bool = True

    def said(self, text: str, passages: Sequence[Passage], *, unsupported: bool = False) -> Text:
        """Note what is shown now, and what it rests on."""
        if unsupported:
            self.unsupported.append({"start": len(self.text), "end": len(self.text) + len(text.rstrip())})
        self.text += text
        self.passages = tuple(passages)
        return Text(text, unsupported)

    def finished(self) -> Finished:
        """The last event."""
        return Finished(
            self.declined,
            self.degraded,
            self.usage,
            self.nearest,
            tuple(self.unsupported),
            self.computed,
            self.conflicts,
            self.whole,
            self.kept,
        )

    def compare(self, question: str) -> None:
        """Find the sources that contradict one that was cited."""
        used = set(cited(self.text))
        found = conflicts(question, self.passages)
        self.conflicts = tuple(one for one in found if {one.first, one.second} & used)


@dataclass(frozen=True)
class AnswerService:
    """Answers questions. `threshold` is the evidence (0 to 1) below which the model is not asked."""

    searcher: Searcher
    model: AnswerModel
    conversations: ConversationStore
    clock: Clock
    threshold: float
    policy: Policy = field(default_factory=Policy)
    tables: TableAnswers = field(default_factory=TableAnswers)

    async def ask(
        self, person: Person, question: str, scope: Scope, conversation_id: str = ""
    ) -> AsyncIterator[AnswerEvent]:
        """The events of one answer: Started, Sources, Text..., Finished.

        Raises NotFound for a conversation or a scope that is not the asker's, Unavailable, Timeout. A
        failing model is no error: the best passages are quoted instead, and Finished says `degraded`.
        Closing the generator closes the model's stream; what was said and spent by then is kept.
        """
        history = await self._history(person, conversation_id)
        conversation_id = conversation_id or uuid.uuid4().hex
        message_id = f"{conversation_id}.{uuid.uuid4().hex[:12]}"
        asked = await standing_alone(question, history, self.model)
        evidence = await self._evidence(person, asked, scope)
        yield Started(conversation_id, asked, message_id)
        draft, sourced = _Draft(), False
        try:
            async with aclosing(self._answered(draft, person, asked, scope, evidence)) as events:  # type: ignore[type-var]
                async for event in events:
                    # sources come with the first words: a model that declines has none
                    if draft.passages and not sourced:
                        sourced = True
                        yield Sources(draft.passages)
                    yield event
        finally:
            # also when the reader left in the middle: what was said and spent is kept
            with anyio.CancelScope(shield=True):
                await self._keep(conversation_id, message_id, person, question, draft)
        yield draft.finished()

    async def _history(self, person: Person, conversation_id: str) -> Sequence[Turn]:
        """The turns a follow-up may lean on. Raises NotFound when the conversation is not the person's."""
        if not conversation_id:
            return ()
        owner, messages = await asyncio.gather(
            self.conversations.owner(conversation_id), self.conversations.latest(conversation_id, _TURNS)
        )
        if owner != person.subject:
            raise NotFound("There is no such conversation.")
        return [Turn(one.question, "" if one.declined else one.answer) for one in messages]

    async def _evidence(self, person: Person, question: str, scope: Scope) -> Evidence:
        """What search finds; of a file that is asked about as a whole, all of it in order."""
        if not scope.file_id or not _ABOUT_THE_WHOLE.search(question):
            return await self.searcher.evidence(person, question, scope)
        passages: list[Passage] = []
        room, whole = _WINDOW, await self.searcher.whole(person, scope.file_id)
        for passage in whole:
            room -= len(passage.text)
            if room < 0:
                break
            passages.append(passage)
        left_out = len(whole) - len(passages)
        return Evidence(tuple(passages), 1.0 if passages else 0.0, (), whole=True, left_out=left_out)

    async def _answered(
        self, draft: _Draft, person: Person, question: str, scope: Scope, evidence: Evidence
    ) -> AsyncIterator[Text]:
        """Computed from a table, written by the model, quoted, or declined."""
        if evidence.strength < self.threshold or not evidence.passages:
            yield self._decline(draft, scope, evidence)
            return
        computed = None
        if not evidence.whole:
            computed = await self.tables.answer(person, question, evidence, self.searcher, self.model)
        if computed is not None:
            draft.computed, draft.usage = True, computed.usage
            yield draft.said(computed.text, (computed.source,))
            return
        if evidence.whole:
            draft.whole = Reading(len(evidence.passages), len(evidence.passages) + evidence.left_out)
        async with aclosing(self._written(draft, question, scope, evidence)) as written:  # type: ignore[type-var]
            async for text in written:
                yield text
        if evidence.left_out and not draft.declined:
            read, of = len(evidence.passages), len(evidence.passages) + evidence.left_out
            yield draft.said(f"\n\n{CUT.format(read=read, of=of)}", draft.passages)
        if not evidence.whole:
            draft.compare(question)

    async def _written(
        self, draft: _Draft, question: str, scope: Scope, evidence: Evidence
    ) -> AsyncIterator[Text]:
        """The model's sentences as far as sources support them, or quotes when it cannot be used."""
        # about a whole file, everything in it is to the point
        about = "" if evidence.whole else question
        writing = Writing(self.model, self.policy, about, evidence.passages)
        failed = False
        try:
            async with aclosing(writing.sentences(build(question, evidence.passages))) as written:  # type: ignore[type-var]
                async for sentence in written:
                    draft.usage = writing.usage
                    yield draft.said(sentence.text, evidence.passages, unsupported=sentence.unsupported)
        except (ModelStopped, AppError) as failure:
            _log.warning("answer.degraded", reason=getattr(failure, "reason", type(failure).__name__))
            failed = True
        draft.usage = writing.usage
        if writing.reasons:
            _log.info(
                "answer.unsupported",
                **{f"for_{name.replace(' ', '_')}": n for name, n in writing.reasons.items()},
            )
        if failed:
            draft.degraded = True
            gap = "" if not draft.text else "\n\n" if not draft.text.endswith("\n") else "\n"
            yield draft.said(gap + _quotes(question, evidence.passages), evidence.passages)
        elif not draft.text.strip():
            # nothing was said, or nothing of it was true to the sources
            yield self._decline(draft, scope, evidence)

    def _decline(self, draft: _Draft, scope: Scope, evidence: Evidence) -> Text:
        """Say what was searched; the nearest files are named beside it."""
        draft.declined = True
        narrow = next((name for name in _NOT_FOUND_IN if getattr(scope, name)), "")
        draft.text, draft.passages, draft.nearest = _NOT_FOUND_IN.get(narrow, NOT_FOUND), (), evidence.nearest
        return Text(draft.text)

    async def _keep(
        self, conversation_id: str, message_id: str, person: Person, question: str, draft: _Draft
    ) -> None:
        message = Message(
            id=message_id,
            asked_at=self.clock.now(),
            question=question,
            answer=draft.text,
            sources=[
                {"n": number, "file_id": item.file_id, "chunk_id": item.chunk_id}
                for number, item in enumerate(draft.passages, 1)
            ],
            declined=draft.declined,
            degraded=draft.degraded,
            usage=draft.usage,
            unsupported=draft.unsupported,
            conflicts=[asdict(one) for one in draft.conflicts],
        )
        try:
            await self.conversations.append(conversation_id, person, message)
        except AppError as error:
            draft.kept = False
            _log.warning("conversation.not_kept", code=error.code)
        _log.info(
            "answer.finished",
            declined=draft.declined,
            degraded=draft.degraded,
            computed=draft.computed,
            sources=len(draft.passages),
            unsupported=len(draft.unsupported),
            output_tokens=draft.usage.output_tokens,
        )


def _quotes(question: str, passages: Sequence[Passage]) -> str:
    """The best passages, word for word but for what talks to a model, each with its number."""
    quoted, replaced = [], superseded(question, passages)
    for number, passage in enumerate(passages, 1):
        if number in replaced:
            continue
        text = without_instructions(passage.quote or passage.text[:300]).strip()
        if text:
            quoted.append(f"\u201c{plain_text(text, (text,))}\u201d [{number}]")
    return "\n\n".join(quoted[:_QUOTED])
