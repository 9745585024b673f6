"""GET /stats/limits: what everybody may ask and spend, and how much of it is left, for administrators."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from functions.health.serving import services
from shared.limits.admission import MICRO, Rules
from shared.limits.prices import NANO
from shared.limits.windows import Limit, Standing
from shared.web.described import WireModel, described
from shared.web.guard import Access, route


class WindowJson(WireModel):
    """At most `most` in any `window`: "minute", "hour" or "day"."""

    window: str
    most: int

    @classmethod
    def of(cls, limits: Sequence[Limit]) -> "list[WindowJson]":
        """The limits, as the wire shows them."""
        return [cls(window=one.window, most=one.most) for one in limits]


class StandingJson(WindowJson):
    """The same, with how much of it is left at this moment."""

    left: int


class BudgetsJson(WireModel):
    """Dollars a month, null for no budget. `spent` is everybody's, with what is reserved at this moment."""

    organisation: float | None
    person: float | None
    spent: float


class LimitsState(WireModel):
    """The answer of GET /stats/limits. `tiers` are by name; without `enabled` no number holds."""

    enabled: bool
    tiers: dict[str, list[WindowJson]]
    organisation: list[StandingJson]
    address: list[WindowJson]
    budgets: BudgetsJson

    @classmethod
    def of(cls, rules: Rules, standings: Sequence[Standing], spent: int) -> "LimitsState":
        """The rules and how they stand, as the wire shows them."""
        return cls(
            enabled=rules.enabled,
            tiers={name: WindowJson.of(limits) for name, limits in rules.tiers.items()},
            organisation=[
                StandingJson(window=one.limit.window, most=one.limit.most, left=one.remaining)
                for one in standings
            ],
            address=WindowJson.of(rules.address),
            budgets=BudgetsJson(
                organisation=_dollars(rules.organisation_budget) or None,
                person=_dollars(rules.person_budget) or None,
                spent=_dollars(max(0, spent)),
            ),
        )


async def limits(request: Request) -> Response:
    """GET /stats/limits: rates and budgets, and how the organisation's stand."""
    admissions = services(request).people.admissions
    standings, spent = await admissions.everybody()
    found = LimitsState.of(admissions.rules, standings, spent)
    return JSONResponse(found.model_dump(mode="json"))


def _dollars(micro: int) -> float:
    return round(micro * MICRO / NANO, 4)


ROUTES = [route("/stats/limits", limits, access=Access.ADMIN, wire=described(LimitsState))]
