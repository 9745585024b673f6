"""Conversations in Firestore: conversations/{id}/messages/{id}, and feedback/{message id}."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from shared.answers.interfaces import Conversation, Feedback, Message, Share
from shared.answers.looking import words_of
from shared.errors import Conflict, Timeout, TooMany, Unavailable
from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_messages import union
from shared.gcp.firestore_wire import Wire
from shared.gcp.patience import patience
from shared.models import Person, Usage
from shared.observing import spans

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncCollectionReference

_TITLE = 120
_FIELDS = tuple(one.name for one in fields(Message) if one.name != "id")
_STEP = 200
"""Documents that one commit deletes."""


class FirestoreConversations:
    """ConversationStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float) -> None:
        self._db, self._timeout = db, timeout
        self._wire = Wire.of(db)

    @property
    def _conversations(self) -> "AsyncCollectionReference":
        return self._db.client.collection("conversations")

    @property
    def _feedback(self) -> "AsyncCollectionReference":
        return self._db.client.collection("feedback")

    async def owner(self, conversation_id: str) -> str | None:
        """The subject whose conversation it is; None when there is none."""
        path = self._wire.path("conversations", conversation_id)
        async with translated("Firestore"):
            document = (await self._wire.read([path], self._timeout))[path].document
        return str(document["subject"]) if document is not None else None

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """Add a message, creating the conversation with the first one; one commit."""
        conversation = self._wire.path("conversations", conversation_id)
        document: dict[str, Any] = {name: getattr(message, name) for name in _FIELDS}
        document["usage"] = asdict(message.usage)
        document |= {name: list(document[name]) for name in ("sources", "unsupported", "conflicts")}
        document |= spans.facts()
        listed = {
            "subject": person.subject,
            "last_question": message.question[:_TITLE],
            "updated_at": message.asked_at,
        }
        words = union("words", words_of(message.question))
        writes = [
            self._wire.merge(conversation, listed, [words]),
            self._wire.put(f"{conversation}/messages/{message.id}", document),
        ]
        try:
            async with translated("Firestore"):
                await self._wire.add(writes, self._timeout, again=True)
        except (Conflict, Timeout, TooMany, Unavailable):
            # once more, by themselves: the names are given, so that twice is as good as once
            async with translated("Firestore"):
                await self._wire.commit(writes, self._timeout, again=True)

    async def latest(self, conversation_id: str, limit: int) -> Sequence[Message]:
        """The newest messages, oldest first."""
        messages = self._conversations.document(conversation_id).collection("messages")
        newest = messages.order_by("asked_at", direction="DESCENDING").limit(limit)
        async with translated("Firestore"):
            found = [
                _message(one.id, one.to_dict() or {})
                async for one in newest.stream(**patience(self._timeout))
            ]
        return found[::-1]

    async def of(self, person: Person, limit: int, before: Conversation | None) -> Sequence[Conversation]:
        """The person's conversations, newest first."""
        from google.cloud.firestore import FieldFilter

        query = self._conversations.where(filter=FieldFilter("subject", "==", person.subject))
        query = query.order_by("updated_at", direction="DESCENDING").order_by(
            "__name__", direction="DESCENDING"
        )
        if before is not None:
            place = self._conversations.document(before.id)
            query = query.start_after({"updated_at": before.updated_at, "__name__": place})
        async with translated("Firestore"):
            return [
                _conversation(one.id, one.to_dict() or {})
                async for one in query.limit(limit).stream(**patience(self._timeout))
            ]

    async def find(self, person: Person, conversation_id: str) -> Conversation | None:
        """The conversation, if it is the person's."""
        async with translated("Firestore"):
            snapshot = await self._conversations.document(conversation_id).get(**patience(self._timeout))
        document = snapshot.to_dict() if snapshot.exists else None
        if document is None or document.get("subject") != person.subject:
            return None
        return _conversation(snapshot.id, document)

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give it a title of the person's own."""
        async with translated("Firestore"):
            await self._conversations.document(conversation_id).update(
                {"title": title}, **patience(self._timeout)
            )

    async def share(self, conversation_id: str, share: Share | None) -> None:
        """Share it so, or no more."""
        change = {"share": asdict(share) if share else None}
        async with translated("Firestore"):
            await self._conversations.document(conversation_id).update(change, **patience(self._timeout))

    async def shared(self, share_id: str) -> Conversation | None:
        """The conversation that is shared under this id."""
        from google.cloud.firestore import FieldFilter

        query = self._conversations.where(filter=FieldFilter("share.id", "==", share_id)).limit(1)
        async with translated("Firestore"):
            async for one in query.stream(**patience(self._timeout)):
                return _conversation(one.id, one.to_dict() or {})
        return None

    async def delete(self, conversation_id: str) -> None:
        """Delete messages with their feedback first, the conversation last, so that it can be tried again."""
        conversation = self._conversations.document(conversation_id)
        async with translated("Firestore"):
            while True:
                part = conversation.collection("messages").select([]).limit(_STEP)
                names = [one.reference async for one in part.stream(**patience(self._timeout))]
                batch = self._db.client.batch()
                for name in names:
                    batch.delete(name)
                    batch.delete(self._feedback.document(name.id))
                if len(names) < _STEP:
                    batch.delete(conversation)
                await batch.commit(**patience(self._timeout))
                if len(names) < _STEP:
                    return

    async def rate(self, person: Person, feedback: Feedback) -> None:
        """Keep feedback, replacing an earlier one of the same message."""
        document = {**asdict(feedback), "subject": person.subject}
        del document["message_id"]
        async with translated("Firestore"):
            await self._feedback.document(feedback.message_id).set(document, **patience(self._timeout))


def _conversation(name: str, document: dict[str, Any]) -> Conversation:
    title = document.get("title") or document.get("last_question") or ""
    share = Share(**document["share"]) if document.get("share") else None
    return Conversation(name, str(title), document["updated_at"], share, tuple(document.get("words", ())))


def _message(name: str, document: dict[str, Any]) -> Message:
    return Message(
        id=name,
        asked_at=document["asked_at"],
        question=document["question"],
        answer=document["answer"],
        sources=document.get("sources", []),
        declined=document.get("declined", False),
        degraded=document.get("degraded", False),
        usage=Usage(**document.get("usage", {})),
        unsupported=document.get("unsupported", []),
        conflicts=document.get("conflicts", []),
    )
