"""Conversations as their owner reads them; the right to each source is asked for again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.answers.interfaces import Clock, Conversation, ConversationStore, Feedback, Message, Searcher
from shared.answers.prompt import place
from shared.answers.sentences import cited
from shared.errors import NotFound
from shared.models import Passage, Person

_MESSAGES = 200
"""The newest messages of a conversation that are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as its owner may see it now. `sources` are by their numbers, those that can still be read.

    `withheld` when a source that the answer cites can no longer be read: then the answer's text is not there.
    """

    message: Message
    sources: dict[int, Passage]
    withheld: bool


@dataclass(frozen=True)
class Conversations:
    """What a person may do with their conversations; anybody else's do not exist."""

    store: ConversationStore
    searcher: Searcher
    clock: Clock

    async def mine(self, person: Person, limit: int, before: Conversation | None) -> Sequence[Conversation]:
        """Newest first."""
        return await self.store.of(person, limit, before)

    async def open(self, person: Person, conversation_id: str) -> tuple[Conversation, list[Shown]]:
        """The conversation with its messages, oldest first. Raises NotFound.

        The right to every source is asked for again: what was withdrawn since, and what an answer drew
        from it, is not shown.
        """
        found = await self._owned(person, conversation_id)
        messages = await self.store.latest(conversation_id, _MESSAGES)
        wanted = [str(source["chunk_id"]) for message in messages for source in message.sources]
        current = await self.searcher.current(person, wanted)
        return found, [_shown(message, current) for message in messages]

    async def rename(self, person: Person, conversation_id: str, title: str) -> Conversation:
        """Give it a title. Raises NotFound."""
        found = await self._owned(person, conversation_id)
        await self.store.rename(conversation_id, title)
        return replace(found, title=title)

    async def delete(self, person: Person, conversation_id: str) -> None:
        """Delete it for good. Raises NotFound."""
        await self._owned(person, conversation_id)
        await self.store.delete(conversation_id)

    async def export(self, person: Person, conversation_id: str) -> tuple[str, str]:
        """(title, Markdown); what may not be read any more is left out as in open(). Raises NotFound."""
        found, messages = await self.open(person, conversation_id)
        return found.title, "\n".join([f"# {_line(found.title)}", "", *(_markdown(one) for one in messages)])

    async def rate(self, person: Person, message_id: str, rating: str, comment: str) -> None:
        """Keep what the person thinks of an answer of theirs. Raises NotFound."""
        conversation_id = message_id.partition(".")[0]
        await self._owned(person, conversation_id)
        messages = await self.store.latest(conversation_id, _MESSAGES)
        if all(one.id != message_id for one in messages):
            raise NotFound("There is no such message.")
        now = self.clock.now()
        await self.store.rate(person, Feedback(message_id, conversation_id, rating, comment, now))

    async def _owned(self, person: Person, conversation_id: str) -> Conversation:
        found = await self.store.find(person, conversation_id)
        if found is None:
            raise NotFound("There is no such conversation.")
        return found


def _shown(message: Message, current: Mapping[str, Passage]) -> Shown:
    sources = {
        int(str(source.get("n", number))): current[str(source["chunk_id"])]
        for number, source in enumerate(message.sources, 1)
        if str(source["chunk_id"]) in current
    }
    rests_on = set(cited(message.answer)) & set(range(1, len(message.sources) + 1))
    withheld = not rests_on <= set(sources)
    if withheld:
        message = replace(message, answer="", unsupported=())
    return Shown(message, {} if withheld else sources, withheld)


def _markdown(shown: Shown) -> str:
    """A question, its answer and its sources; no text from outside makes a link or a heading of its own."""
    message = shown.message
    lines = [f"## {_line(message.question)}", "", message.asked_at.isoformat(timespec="seconds"), ""]
    if shown.withheld:
        lines += ["(This answer rests on a document that you can no longer open.)", ""]
    else:
        lines += [_escaped(message.answer), ""]
    for number, passage in sorted(shown.sources.items()):
        if number in cited(message.answer):
            where = place(passage.locator)
            name = ", ".join(_line(part) for part in (passage.file_name, where) if part)
            lines.append(f"- [{number}] {name}: <{passage.link}>")
    return "\n".join([*lines, ""])


def _line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    for mark in ("\\", "`", "*", "_", "<", ">", "#", "!", "|"):
        text = text.replace(mark, "\\" + mark)
    return text.replace("](", "]\\(")
