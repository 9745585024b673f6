"""Everybody's questions and opinions in Firestore, for administrators: messages/* and feedback/*."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.gcp.failures import translated
from shared.gcp.firestore_database import Database
from shared.gcp.patience import patience
from shared.observing.questions import Asked, Opinion

if TYPE_CHECKING:
    from google.cloud.firestore_v1.async_query import AsyncCollectionGroup

_FIELDS = [
    "asked_at",
    "question",
    "declined",
    "degraded",
    "unsupported",
    "usage",
    "sources",
    "request_id",
    "seconds",
    "first_token_seconds",
]
"""Of a message; its answer stays where it is."""
Pricing = Callable[[Mapping[str, int]], int]
"""Nano-dollars of quantities by "thing:unit"."""


class FirestoreQuestions:
    """QuestionLog on Firestore. `timeout` is seconds for one call."""

    def __init__(self, db: Database, timeout: float, pricing: Pricing) -> None:
        self._db, self._timeout, self._pricing = db, timeout, pricing

    @property
    def _messages(self) -> "AsyncCollectionGroup":
        return self._db.client.collection_group("messages")

    async def since(self, moment: datetime, limit: int) -> Sequence[Asked]:
        """By time, over all conversations."""
        from google.cloud.firestore import FieldFilter, Query

        found = self._messages.where(filter=FieldFilter("asked_at", ">=", moment))
        return await self._read(found.order_by("asked_at", direction=Query.DESCENDING).limit(limit))

    async def of_request(self, request_id: str) -> Sequence[Asked]:
        """By the request's id, over all conversations."""
        from google.cloud.firestore import FieldFilter

        return await self._read(
            self._messages.where(filter=FieldFilter("request_id", "==", request_id)).limit(10)
        )

    async def opinions(self, rating: str, before: datetime | None, limit: int) -> Sequence[Opinion]:
        """By time."""
        from google.cloud.firestore import FieldFilter, Query

        query: Any = self._db.client.collection("feedback")
        if rating:
            query = query.where(filter=FieldFilter("rating", "==", rating))
        if before is not None:
            query = query.where(filter=FieldFilter("at", "<", before))
        query = query.order_by("at", direction=Query.DESCENDING).limit(limit)
        async with translated("Firestore"):
            found = query.stream(**patience(self._timeout))
            return [_opinion(one.id, one.to_dict() or {}) async for one in found]

    async def asked(self, opinions: Sequence[Opinion]) -> Mapping[str, Asked]:
        """One BatchGetDocuments."""
        conversations = self._db.client.collection("conversations")
        names = [
            conversations.document(one.conversation_id).collection("messages").document(one.message_id)
            for one in opinions
            if one.conversation_id and one.message_id
        ]
        if not names:
            return {}
        async with translated("Firestore"):
            return {
                snapshot.id: self._asked(snapshot)
                async for snapshot in self._db.client.get_all(
                    names, field_paths=_FIELDS, **patience(self._timeout)
                )
                if snapshot.exists
            }

    async def _read(self, query: Any) -> Sequence[Asked]:
        async with translated("Firestore"):
            return [
                self._asked(snapshot)
                async for snapshot in query.select(_FIELDS).stream(**patience(self._timeout))
            ]

    def _asked(self, snapshot: Any) -> Asked:
        document = snapshot.to_dict() or {}
        usage = document.get("usage") or {}
        model = str(usage.get("model", ""))
        tokens = {unit: int(usage.get(f"{unit}_tokens") or 0) for unit in ("prompt", "output", "cached")}
        uncached = tokens | {"prompt": max(0, tokens["prompt"] - tokens["cached"])}
        return Asked(
            id=snapshot.id,
            asked_at=document["asked_at"],
            question=str(document.get("question", "")),
            declined=bool(document.get("declined")),
            degraded=bool(document.get("degraded")),
            unsupported=len(document.get("unsupported") or ()),
            seconds=document.get("seconds"),
            first_token=document.get("first_token_seconds"),
            tokens=tokens,
            model=model,
            cost=self._pricing({f"{model}:{unit}": count for unit, count in uncached.items() if count}),
            request_id=str(document.get("request_id", "")),
            sources=tuple(dict.fromkeys(str(one["file_id"]) for one in document.get("sources") or ())),
        )


def _opinion(message_id: str, document: Mapping[str, Any]) -> Opinion:
    return Opinion(
        message_id=message_id,
        conversation_id=str(document.get("conversation_id", "")),
        rating=str(document.get("rating", "")),
        comment=str(document.get("comment", "")),
        at=document["at"],
        subject=str(document.get("subject", "")),
    )
