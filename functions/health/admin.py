"""What administrators look at; who looked at what people wrote or spent is in the audit trail."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.admin_schemas import (
    Case,
    FeedbackLine,
    FeedbackPage,
    FeedbackQuery,
    KnownRequest,
    LimitsChange,
    Paging,
    QuestionLine,
    QuestionPage,
    QuestionsQuery,
    RequestId,
    SpendingLine,
    SpendingPage,
)
from functions.health.serving import services
from shared.web.body import query, read, validated
from shared.web.described import WireModel, described
from shared.web.guard import Access, person, route


class _Named(WireModel):
    request_id: RequestId


async def questions(request: Request) -> Response:
    """GET /stats/questions: those without an answer, the slowest, the dearest."""
    wanted, own = query(request, QuestionsQuery), services(request)
    await own.trail.require("questions.read", "", person(request).subject, kind=wanted.kind)
    found = await own.questions.worst(wanted.kind, wanted.days)
    first = int(wanted.cursor or 0)
    last = first + wanted.limit
    page = QuestionPage(
        questions=[QuestionLine.of(one) for one in found[first:last]],
        next_cursor=str(last) if last < len(found) else None,
    )
    return JSONResponse(page.model_dump(mode="json"))


async def feedback(request: Request) -> Response:
    """GET /stats/feedback: what people said of answers."""
    wanted, own = query(request, FeedbackQuery), services(request)
    await own.trail.require("feedback.read", "", person(request).subject, rating=wanted.rating)
    log = own.questions.log
    opinions = await log.opinions(wanted.rating, wanted.cursor, wanted.limit + 1)
    shown = opinions[: wanted.limit]
    asked = await log.asked(shown)
    page = FeedbackPage(
        feedback=[FeedbackLine.of(one, asked.get(one.message_id)) for one in shown],
        next_cursor=shown[-1].at if len(opinions) > wanted.limit else None,
    )
    return JSONResponse(page.model_dump(mode="json"))


async def cases(request: Request) -> Response:
    """GET /stats/feedback/cases: down-votes as lines of a set for `make bench-quality`."""
    wanted, own = query(request, FeedbackQuery), services(request)
    await own.trail.require("feedback.exported", "", person(request).subject)
    opinions = await own.questions.log.opinions("down", wanted.cursor, wanted.limit)
    asked = await own.questions.log.asked(opinions)
    found = [
        Case.of(one, asked[one.message_id], await own.trail.pseudonym(one.subject))
        for one in opinions
        if one.message_id in asked
    ]
    lines = "".join(f"{case.model_dump_json()}\n" for case in found)
    return Response(lines, media_type="application/jsonl")


async def people(request: Request) -> Response:
    """GET /stats/people: what each person spent."""
    wanted, own = query(request, Paging), services(request)
    await own.trail.require("spending.read", "", person(request).subject)
    found = await own.people.page(wanted.cursor, wanted.limit + 1)
    shown = found[: wanted.limit]
    page = SpendingPage(
        people=[SpendingLine.of(one) for one in shown],
        next_cursor=shown[-1].user.subject if len(found) > wanted.limit else None,
    )
    return JSONResponse(page.model_dump(mode="json"))


async def limit_person(request: Request) -> Response:
    """PATCH /stats/people/{id}: somebody's own limits and budget."""
    change = await read(request, LimitsChange)
    await services(request).people.allow(
        person(request), request.path_params["id"], change.windows(), change.budget_dollars
    )
    return Response(status_code=204)


async def known(request: Request) -> Response:
    """GET /stats/requests/{id}: log lines, trace, audit entries and questions of one request."""
    named = validated(_Named, {"request_id": request.path_params["id"]}).request_id
    own = services(request)
    await own.trail.require("request.looked_up", "", person(request).subject, of=named)
    found = await own.requests.look_up(named)
    return JSONResponse(KnownRequest.of(named, found).model_dump(mode="json"))


ROUTES = [
    route(
        "/stats/questions",
        questions,
        access=Access.ADMIN,
        wire=described(QuestionPage, query=QuestionsQuery),
    ),
    route(
        "/stats/feedback", feedback, access=Access.ADMIN, wire=described(FeedbackPage, query=FeedbackQuery)
    ),
    route(
        "/stats/feedback/cases",
        cases,
        access=Access.ADMIN,
        wire=described("application/jsonl", query=FeedbackQuery),
    ),
    route("/stats/people", people, access=Access.ADMIN, wire=described(SpendingPage, query=Paging)),
    route(
        "/stats/people/{id}",
        limit_person,
        method="PATCH",
        access=Access.ADMIN,
        wire=described(None, body=LimitsChange),
    ),
    route("/stats/requests/{id}", known, access=Access.ADMIN, wire=described(KnownRequest)),
]
