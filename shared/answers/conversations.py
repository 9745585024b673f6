"""Conversations as their owner reads them; the right to each source is asked for again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from shared.answers.interfaces import (
    Clock,
    Conversation,
    Feedback,
    Message,
    Searcher,
    Share,
    SharedConversations,
)
from shared.answers.looking import speaks_of, words_of
from shared.answers.prompt import place
from shared.answers.sentences import cited
from shared.errors import NotAllowed, NotFound
from shared.models import Passage, Person

_LOOKS, _LOOKED_AT = 10, 200
"""Conversations that one search looks at: so many pages of so many."""
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

    store: SharedConversations
    searcher: Searcher
    clock: Clock

    async def mine(
        self, person: Person, limit: int, before: Conversation | None, looked_for: str = ""
    ) -> tuple[Sequence[Conversation], Conversation | None]:
        """Newest first, those whose title or questions have the words looked for.

        Also where to go on, where there may be more: a page may be short, because only so many are looked at.
        """
        found: list[Conversation] = []
        for _ in range(_LOOKS if looked_for else 1):
            page = await self.store.of(person, _LOOKED_AT if looked_for else limit + 1, before)
            found += [one for one in page if speaks_of((*one.words, *words_of(one.title)), looked_for)]
            if len(found) > limit:
                return found[:limit], found[limit - 1]
            if len(page) < (_LOOKED_AT if looked_for else limit + 1):
                return found, None
            before = page[-1]
        return found, before

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

    async def share(self, person: Person, conversation_id: str) -> Share:
        """Open the conversation, as it stands now, to the person's organisation. Raises NotFound, NotAllowed.

        What is asked later is not shared until it is shared again, under the same id.
        """
        found = await self._owned(person, conversation_id)
        if not person.domain:
            raise NotAllowed("Only accounts of an organisation can share conversations in it.")
        name = found.share.id if found.share else secrets.token_urlsafe(24)
        share = Share(name, person.domain.lower(), self.clock.now())
        await self.store.share(conversation_id, share)
        return share

    async def unshare(self, person: Person, conversation_id: str) -> None:
        """Close it again. Raises NotFound."""
        await self._owned(person, conversation_id)
        await self.store.share(conversation_id, None)

    async def read(self, person: Person, share_id: str) -> tuple[Conversation, Share, list[Shown]]:
        """What somebody of the organisation shared, as far as the reader's own rights go. Raises NotFound."""
        found = await self.store.shared(share_id)
        share = found.share if found else None
        if found is None or share is None or not person.domain or share.domain != person.domain.lower():
            raise NotFound("There is no such shared conversation.")
        messages = [one for one in await self.store.latest(found.id, _MESSAGES) if one.asked_at <= share.at]
        wanted = [str(source["chunk_id"]) for message in messages for source in message.sources]
        current = await self.searcher.current(person, wanted)
        return found, share, [_shown(message, current, strict=True) for message in messages]

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


def _shown(message: Message, current: Mapping[str, Passage], *, strict: bool = False) -> Shown:
    """A message under today's rights.

    `strict`, for who is not the owner: where an answer, or a part of it, cites nothing, all that it was
    written from must be readable.
    """
    sources = {
        int(str(source.get("n", number))): current[str(source["chunk_id"])]
        for number, source in enumerate(message.sources, 1)
        if str(source["chunk_id"]) in current
    }
    given = set(range(1, len(message.sources) + 1))
    rests_on = set(cited(message.answer)) & given
    if strict and (message.unsupported or not rests_on):
        rests_on = given
    withheld = not rests_on <= set(sources)
    if withheld:
        message = replace(message, answer="", unsupported=(), conflicts=())
    elif strict or not all({one["first"], one["second"]} <= sources.keys() for one in message.conflicts):
        readable = [one for one in message.conflicts if {one["first"], one["second"]} <= sources.keys()]
        message = replace(message, conflicts=readable)
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
