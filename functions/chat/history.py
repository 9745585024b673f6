"""The HTTP of conversations: read again with every source's right checked again, found, shared."""

import re
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from functions.chat.cursors import cursor, parts
from functions.chat.history_schemas import (
    ConversationEntry,
    ConversationOpened,
    ConversationPage,
    MessageEntry,
    Shared,
    SharedConversation,
)
from functions.chat.schemas import Listed, Rated, Renamed
from functions.chat.serving import services
from shared.answers.interfaces import Conversation
from shared.errors import Invalid, NotFound
from shared.web.body import query, read
from shared.web.described import described, wired
from shared.web.guard import person, route

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}(?:\.[A-Za-z0-9_-]{1,64})?")


async def conversations(request: Request) -> Response:
    """GET /chat/conversations: one's own, newest first; those that speak of something."""
    wanted = query(request, Listed)
    before = _place(wanted.cursor) if wanted.cursor else None
    own = services(request).conversations
    found, last = await own.mine(person(request), wanted.limit, before, wanted.q)
    following = cursor(last.updated_at.isoformat(), last.id) if last else None
    listed = [ConversationEntry.of(one) for one in found]
    return wired(ConversationPage(conversations=listed, next_cursor=following))


async def conversation(request: Request) -> Response:
    """GET /chat/conversations/{id}: with its messages."""
    found, messages = await services(request).conversations.open(person(request), _id(request))
    entry = ConversationEntry.of(found)
    return wired(ConversationOpened(**dict(entry), messages=[MessageEntry.of(one) for one in messages]))


async def rename(request: Request) -> Response:
    """PATCH /chat/conversations/{id}: another title."""
    wanted = await read(request, Renamed)
    found = await services(request).conversations.rename(person(request), _id(request), wanted.title)
    return wired(ConversationEntry.of(found))


async def delete(request: Request) -> Response:
    """DELETE /chat/conversations/{id}."""
    await services(request).conversations.delete(person(request), _id(request))
    return Response(status_code=204)


async def export(request: Request) -> Response:
    """GET /chat/conversations/{id}/export: as Markdown."""
    title, text = await services(request).conversations.export(person(request), _id(request))
    name = quote(f"{title[:80] or 'conversation'}.md", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


async def share(request: Request) -> Response:
    """POST /chat/conversations/{id}/share: as it stands now, to one's organisation."""
    return wired(Shared.of(await services(request).conversations.share(person(request), _id(request))))


async def unshare(request: Request) -> Response:
    """DELETE /chat/conversations/{id}/share."""
    await services(request).conversations.unshare(person(request), _id(request))
    return Response(status_code=204)


async def shared(request: Request) -> Response:
    """GET /chat/shared/{id}: what somebody shared, as far as the reader's own rights go."""
    found, opened, messages = await services(request).conversations.read(person(request), _id(request))
    return wired(SharedConversation.of(found.title, opened, messages))


async def rate(request: Request) -> Response:
    """POST /chat/messages/{id}/feedback."""
    wanted = await read(request, Rated)
    await services(request).conversations.rate(person(request), _id(request), wanted.rating, wanted.comment)
    return Response(status_code=204)


_ONE = "/chat/conversations/{conversation_id}"
ROUTES = [
    route("/chat/conversations", conversations, wire=described(ConversationPage, query=Listed)),
    route(_ONE, conversation, wire=described(ConversationOpened)),
    route(_ONE, rename, method="PATCH", wire=described(ConversationEntry, body=Renamed)),
    route(_ONE, delete, method="DELETE", wire=described(None)),
    route(f"{_ONE}/export", export, wire=described("text/markdown")),
    route(f"{_ONE}/share", share, method="POST", wire=described(Shared)),
    route(f"{_ONE}/share", unshare, method="DELETE", wire=described(None)),
    route("/chat/shared/{share_id}", shared, wire=described(SharedConversation)),
    route("/chat/messages/{message_id}/feedback", rate, method="POST", wire=described(None, body=Rated)),
]


def _id(request: Request) -> str:
    """The id in the path; one that could not be an id is of nothing."""
    (found,) = request.path_params.values()
    if not _ID.fullmatch(found):
        raise NotFound("There is no such conversation.")
    return str(found)


def _place(text: str) -> Conversation:
    moment, name = parts(text, (str, str))
    try:
        updated = datetime.fromisoformat(str(moment))
    except ValueError:
        updated = None
    if updated is None or updated.tzinfo is None or not _ID.fullmatch(str(name)):
        raise Invalid("cursor: is not one of ours.")
    return Conversation(str(name), "", updated)
