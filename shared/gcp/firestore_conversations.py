"""Conversations in Firestore: conversations/{id}/messages/{id}."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from shared.answers.interfaces import Message
from shared.gcp.failures import translated
from shared.gcp.patience import patience
from shared.models import Person

if TYPE_CHECKING:
    from google.cloud.firestore import AsyncClient

_TITLE = 120


class FirestoreConversations:
    """ConversationStore on Firestore. `timeout` is seconds for one call."""

    def __init__(self, client: "AsyncClient", timeout: float) -> None:
        self._client, self._timeout = client, timeout
        self._conversations = client.collection("conversations")

    async def owner(self, conversation_id: str) -> str | None:
        """The subject whose conversation it is; None when there is none."""
        async with translated("Firestore"):
            snapshot = await self._conversations.document(conversation_id).get(
                ["subject"], **patience(self._timeout)
            )
        return str(snapshot.get("subject")) if snapshot.exists else None

    async def append(self, conversation_id: str, person: Person, message: Message) -> None:
        """Add a message, creating the conversation with the first one; one commit."""
        conversation = self._conversations.document(conversation_id)
        document = asdict(message)
        del document["id"]
        batch = self._client.batch()
        batch.set(
            conversation,
            {
                "subject": person.subject,
                "last_question": message.question[:_TITLE],
                "updated_at": message.asked_at,
            },
            merge=True,
        )
        batch.set(conversation.collection("messages").document(message.id), document)
        async with translated("Firestore"):
            await batch.commit(**patience(self._timeout))
