"""The HTTP of conversations: the asker's own, read again with every source's right checked again."""

import base64
import json
import re
from datetime import datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.chat.schemas import Listed, Rated, Renamed, source_json, usage_json
from functions.chat.serving import services
from shared.answers.conversations import Shown
from shared.answers.interfaces import Conversation
from shared.errors import Invalid, NotFound
from shared.web.body import query, read
from shared.web.guard import person, route

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}(?:\.[A-Za-z0-9_-]{1,64})?")


async def conversations(request: Request) -> Response:
    """GET /chat/conversations: one's own, newest first."""
    wanted = query(request, Listed)
    before = _place(wanted.cursor) if wanted.cursor else None
    found = await services(request).conversations.mine(person(request), wanted.limit + 1, before)
    page = found[: wanted.limit]
    following = _cursor(page[-1]) if len(found) > wanted.limit else None
    return JSONResponse({"conversations": [_json(one) for one in page], "next_cursor": following})


async def conversation(request: Request) -> Response:
    """GET /chat/conversations/{id}: with its messages."""
    found, messages = await services(request).conversations.open(person(request), _id(request))
    return JSONResponse({**_json(found), "messages": [_message(one) for one in messages]})


async def rename(request: Request) -> Response:
    """PATCH /chat/conversations/{id}: another title."""
    wanted = await read(request, Renamed)
    found = await services(request).conversations.rename(person(request), _id(request), wanted.title)
    return JSONResponse(_json(found))


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


async def rate(request: Request) -> Response:
    """POST /chat/messages/{id}/feedback."""
    wanted = await read(request, Rated)
    await services(request).conversations.rate(person(request), _id(request), wanted.rating, wanted.comment)
    return Response(status_code=204)


ROUTES = [
    route("/chat/conversations", conversations),
    route("/chat/conversations/{conversation_id}", conversation),
    route("/chat/conversations/{conversation_id}", rename, method="PATCH"),
    route("/chat/conversations/{conversation_id}", delete, method="DELETE"),
    route("/chat/conversations/{conversation_id}/export", export),
    route("/chat/messages/{message_id}/feedback", rate, method="POST"),
]


def _id(request: Request) -> str:
    """The id in the path; one that could not be an id is of nothing."""
    (found,) = request.path_params.values()
    if not _ID.fullmatch(found):
        raise NotFound("There is no such conversation.")
    return str(found)


def _json(one: Conversation) -> dict[str, object]:
    return {"id": one.id, "title": one.title, "updated_at": one.updated_at.isoformat()}


def _message(shown: Shown) -> dict[str, object]:
    message = shown.message
    return {
        "id": message.id,
        "asked_at": message.asked_at.isoformat(),
        "question": message.question,
        "answer": message.answer,
        "withheld": shown.withheld,
        "sources": [source_json(number, passage) for number, passage in sorted(shown.sources.items())],
        "declined": message.declined,
        "degraded": message.degraded,
        "unsupported": list(message.unsupported),
        "usage": usage_json(message.usage),
    }


def _cursor(last: Conversation) -> str:
    """Where a page ended, for the next request; it holds nothing that its reader has not just seen."""
    return base64.urlsafe_b64encode(json.dumps([last.updated_at.isoformat(), last.id]).encode()).decode()


def _place(cursor: str) -> Conversation:
    try:
        moment, name = json.loads(base64.urlsafe_b64decode(cursor))
        found = Conversation(name, "", datetime.fromisoformat(moment))
    except (ValueError, TypeError):
        found = None
    if found is None or found.updated_at.tzinfo is None or not _ID.fullmatch(str(found.id)):
        raise Invalid("cursor: is not one of ours.")
    return found
