"""What a question begins while it is found out who asks: its body is read, and caches are looked into."""

from dataclasses import dataclass

from starlette.requests import Request

from functions.chat.begun import begin
from functions.chat.schemas import Ask
from functions.chat.serving import services
from shared.errors import AppError
from shared.limits.answers import Glimpse
from shared.limits.interfaces import Claim, Claimed
from shared.models import Scope
from shared.web.body import read


@dataclass(frozen=True)
class Early:
    """A question that was read early: its body, or what is wrong with it, and a look into the cache."""

    asked: Ask | None = None
    error: AppError | None = None
    glimpse: Glimpse | None = None

    @property
    def claim(self) -> Claim | None:
        """What is to be claimed in the commit that counts the question."""
        turn = self.glimpse.turn if self.glimpse is not None else None
        return turn.claim if turn is not None else None

    def claimed(self, by: Claimed | None) -> None:
        """Note whose the claim is."""
        if self.glimpse is not None and self.glimpse.turn is not None:
            self.glimpse.turn.claimed = by

    def cancel(self) -> None:
        """Nobody is going to be answered."""
        if self.glimpse is not None:
            self.glimpse.cancel()


async def look_ahead(request: Request, subject: str) -> Early:
    """Read the body and begin to look for an answer of this subject's. Never raises an AppError."""
    try:
        asked = await read(request, Ask)
    except AppError as error:
        return Early(error=error)
    cache = services(request).cache
    if cache is None or asked.conversation_id:
        return Early(asked)
    begin()
    return Early(asked, glimpse=cache.glimpse(subject, asked.message, scope_of(asked)))


async def taken(request: Request) -> tuple[Ask, Glimpse | None]:
    """The question, and the look that was begun for it. Raises TooLarge, Malformed, Invalid."""
    early = getattr(request.state, "ahead", None)
    if not isinstance(early, Early):
        return await read(request, Ask), None
    if early.error is not None:
        raise early.error
    assert early.asked is not None  # noqa: S101 - one of the two is there
    return early.asked, early.glimpse


def scope_of(asked: Ask) -> Scope:
    """What part of the documents is asked about."""
    return Scope(asked.collection or "", asked.folder_id or "", asked.file_id or "")
