"""What the chat function answers about conversations."""

from collections.abc import Sequence
from datetime import datetime

from functions.chat.answer_schemas import Contradiction, Source, Stretch, Used, Wire
from shared.answers.conversations import Shown
from shared.answers.interfaces import Conversation, Share


class Shared(Wire):
    """That a conversation is shared inside the organisation, under which id, and as it stood when."""

    share_id: str
    shared_at: datetime

    @classmethod
    def of(cls, share: Share) -> "Shared":
        """The share, as the wire shows it."""
        return cls(share_id=share.id, shared_at=share.at)


class ConversationEntry(Wire):
    """A conversation as it is listed."""

    id: str
    title: str
    updated_at: datetime
    share: Shared | None

    @classmethod
    def of(cls, one: Conversation) -> "ConversationEntry":
        """The conversation, as the wire shows it."""
        share = Shared.of(one.share) if one.share else None
        return cls(id=one.id, title=one.title, updated_at=one.updated_at, share=share)


class ConversationPage(Wire):
    """One's own conversations, newest first."""

    conversations: list[ConversationEntry]
    next_cursor: str | None


class SharedMessage(Wire):
    """A question with its answer, as its reader may see it now."""

    asked_at: datetime
    question: str
    answer: str
    withheld: bool
    sources: list[Source]
    declined: bool
    degraded: bool
    unsupported: list[Stretch]
    conflicts: list[Contradiction]

    @classmethod
    def fields_of(cls, shown: Shown) -> dict[str, object]:
        """The fields that every reader sees."""
        message = shown.message
        return {
            "asked_at": message.asked_at,
            "question": message.question,
            "answer": message.answer,
            "withheld": shown.withheld,
            "sources": [Source.of(number, passage) for number, passage in sorted(shown.sources.items())],
            "declined": message.declined,
            "degraded": message.degraded,
            "unsupported": [Stretch.model_validate(one) for one in message.unsupported],
            "conflicts": [Contradiction.model_validate(one) for one in message.conflicts],
        }


class MessageEntry(SharedMessage):
    """The same for its owner."""

    id: str
    usage: Used

    @classmethod
    def of(cls, shown: Shown) -> "MessageEntry":
        """The message, as the wire shows it."""
        message = shown.message
        fields = {"id": message.id, "usage": Used.of(message.usage), **cls.fields_of(shown)}
        return cls.model_validate(fields)


class ConversationOpened(ConversationEntry):
    """A conversation with its messages, oldest first."""

    messages: list[MessageEntry]


class SharedConversation(Wire):
    """What somebody of the organisation shared, as far as its reader's own rights go."""

    title: str
    shared_at: datetime
    messages: list[SharedMessage]

    @classmethod
    def of(cls, title: str, share: Share, messages: Sequence[Shown]) -> "SharedConversation":
        """The conversation, as the wire shows it."""
        return cls(
            title=title,
            shared_at=share.at,
            messages=[SharedMessage.model_validate(SharedMessage.fields_of(one)) for one in messages],
        )
