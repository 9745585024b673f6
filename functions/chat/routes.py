"""The HTTP of asking."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.chat import browsing, history
from functions.chat.answer_schemas import (
    AccessExplained,
    Answer,
    CollectionList,
    Done,
    InPlace,
    Meta,
    Source,
    Token,
    sources,
    token,
)
from functions.chat.early import look_ahead, scope_of, taken
from functions.chat.schemas import Around, Ask, Whose
from functions.chat.serving import services
from shared.answers.cached import CachedAnswers
from shared.answers.service import AnswerEvent, Finished, Sources, Started, Text
from shared.errors import AppError
from shared.limits.meter import about, happened
from shared.log import get_logger
from shared.web.app import request_id
from shared.web.body import query
from shared.web.conditional import revalidated
from shared.web.described import described, wired
from shared.web.guard import Rate, person, route
from shared.web.problem import problem
from shared.web.sse import Event, event_stream

_log = get_logger("chat")


async def ask(request: Request) -> Response:
    """POST /chat: an answer, as server-sent events or as one JSON object."""
    asked, glimpse = await taken(request)
    happened("questions")
    about(asked.collection or "")
    answers, asker, scope = services(request).answers, person(request), scope_of(asked)
    conversation = asked.conversation_id or ""
    if isinstance(answers, CachedAnswers):
        events = answers.ask(asker, asked.message, scope, conversation, glimpse)
    else:
        events = answers.ask(asker, asked.message, scope, conversation)
    if "text/event-stream" not in request.headers.get("accept", ""):
        return JSONResponse(await _collected(events, request_id(request)))
    # the first event comes before the stream begins, so that a refusal still has its own HTTP status
    first = await anext(events)
    return event_stream(_streamed(first, events, request_id(request)))


async def collections(request: Request) -> Response:
    """GET /collections: those in which the asker can find at least one file."""
    found = await services(request).collections.all()
    reached = await services(request).reach.collections(person(request), [one.id for one in found])
    listed = CollectionList.of([one for one in found if one.id in reached])
    return revalidated(request, listed.model_dump(mode="json"))


async def passages(request: Request) -> Response:
    """GET /files/{id}/passages: a source in its place, with its neighbours."""
    wanted = query(request, Around)
    file_id = request.path_params["file_id"]
    found = await services(request).search.in_place(person(request), file_id, wanted.around, wanted.span)
    return wired(InPlace.of(file_id, found, wanted.around))


async def access(request: Request) -> Response:
    """GET /files/{id}/access: why the asker, or for an administrator anybody, can or cannot read a file."""
    wanted = query(request, Whose)
    found = await services(request).explainer.explain(
        person(request), request.path_params["file_id"], wanted.person
    )
    return wired(AccessExplained.of(found))


_ANSWER = described(
    Answer,
    body=Ask,
    events=(("meta", Meta), ("sources", list[Source]), ("token", Token), ("done", Done), ("error", None)),
)
ROUTES = [
    route("/chat", ask, method="POST", rate=Rate.QUESTION, ahead=look_ahead, wire=_ANSWER),
    route("/collections", collections, wire=described(CollectionList)),
    route("/files/{file_id}/passages", passages, wire=described(InPlace, query=Around)),
    route("/files/{file_id}/access", access, wire=described(AccessExplained, query=Whose)),
    *browsing.ROUTES,
    *history.ROUTES,
]


async def _collected(events: AsyncIterator[AnswerEvent], identity: str) -> dict[str, object]:
    """The whole answer as one object."""
    answer: dict[str, object] = {"answer": "", "sources": [], "request_id": identity}
    async for event in events:
        name, data = _wire(event, identity)
        if name == "token":
            answer["answer"] = f"{answer['answer']}{data['text']}"
        elif name == "sources":
            answer["sources"] = data
        else:
            answer |= data
    return answer


async def _streamed(
    first: AnswerEvent, rest: AsyncIterator[AnswerEvent], identity: str
) -> AsyncIterator[Event]:
    """The events on the wire; an error in mid-answer becomes one `error` event."""
    try:
        yield _event(first, identity)
        async with aclosing(rest):  # type: ignore[type-var]
            async for event in rest:
                yield _event(event, identity)
    except AppError as error:
        yield Event("error", problem(error, identity))
    except Exception:  # noqa: BLE001 - the stream has begun, so every failure must end it with an event
        _log.exception("answer.failed")
        yield Event("error", problem(AppError(), identity))


def _event(event: AnswerEvent, identity: str) -> Event:
    return Event(*_wire(event, identity))


def _wire(event: AnswerEvent, identity: str) -> tuple[str, Any]:
    """An event's name and data."""
    match event:
        case Started():
            return "meta", Meta.begun(event, identity).model_dump(mode="json")
        case Sources():
            return "sources", [one.model_dump(mode="json") for one in sources(event.passages)]
        case Text():
            return "token", token(event)
        case Finished():
            return "done", Done.ended(event).model_dump(mode="json")
