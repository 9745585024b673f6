"""GET /cost/summary: what Docent costs its organisation, for administrators."""

from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.serving import economy
from shared.limits.costs import Costs, Span
from shared.limits.prices import dollars
from shared.web.described import WireModel


class SpanJson(WireModel):
    """Some days. Money is in US dollars."""

    cost: float
    saved_by_caches: float
    questions: int

    @classmethod
    def of(cls, span: Span) -> "SpanJson":
        """The span, as the wire shows it."""
        return cls(cost=dollars(span.cost), saved_by_caches=dollars(span.saved), questions=span.questions)


class DayJson(SpanJson):
    """One day (UTC)."""

    day: date


class BudgetJson(WireModel):
    """The organisation's budget for this month: `state` is none, ok, warned (80 %) or spent."""

    state: str
    share: float | None


class CostSummary(WireModel):
    """The answer of GET /cost/summary, in US dollars, at the price file's prices; `days` are the last 30."""

    currency: str = "USD"
    prices_dated: str
    today: SpanJson
    month: SpanJson
    forecast: float
    per_1000_questions: float | None
    fixed_per_month: dict[str, float]
    by_model: dict[str, float]
    by_collection: dict[str, float]
    items: dict[str, int]
    unpriced: list[str]
    budget: BudgetJson
    days: list[DayJson]

    @classmethod
    def of(cls, found: Costs, dated: str) -> "CostSummary":
        """The summary, as the wire shows it."""
        return cls(
            prices_dated=dated,
            today=SpanJson.of(found.today),
            month=SpanJson.of(found.month),
            forecast=dollars(found.forecast),
            per_1000_questions=None if found.per_thousand is None else dollars(found.per_thousand),
            fixed_per_month={name: dollars(cost) for name, cost in found.fixed.items()},
            by_model={name: dollars(cost) for name, cost in found.month.models.items()},
            by_collection={name: dollars(cost) for name, cost in found.month.collections.items()},
            items=dict(sorted(found.month.items.items())),
            unpriced=list(found.unpriced),
            budget=BudgetJson(
                state=found.state, share=None if found.share is None else round(found.share, 4)
            ),
            days=[
                DayJson(day=date.fromisoformat(day), **SpanJson.of(span).model_dump())
                for day, span in found.days.items()
            ],
        )


async def summary(request: Request) -> Response:
    """GET /cost/summary: today, this month, its forecast, by model and collection."""
    costs = economy(request).costs
    found = CostSummary.of(await costs.summary(), costs.prices.dated)
    return JSONResponse(found.model_dump(mode="json"))
