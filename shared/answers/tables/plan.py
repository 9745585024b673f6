"""A plan over one table: data that is validated and executed here, never code.

A plan may come from the rules in questions.py or, as JSON, from the model. It can name columns, compare
cells and choose one of a few operations; there is nothing else it could say.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.answers.tables.cells import dates, numbers, words, written, year
from shared.answers.tables.reading import Row, Table
from shared.errors import Invalid

Operation = Literal[
    "list", "count", "count_distinct", "sum", "average", "minimum", "maximum", "difference", "most_frequent"
]
Comparison = Literal["=", "!=", "contains", "<", "<=", ">", ">=", "month", "year"]
Column = Annotated[int, Field(ge=0, le=500)]


_TOTALS = frozenset(
    (
        *("total", "totals", "grand total", "subtotal", "sub total", "sum", "average", "all", "overall"),
        *("summe", "gesamt", "gesamtsumme", "zwischensumme", "durchschnitt", "somme", "suma", "totale"),
    )
)
"""What the row below the others is called that sums them up."""


class Condition(BaseModel):
    """What a row must satisfy. `month` takes a number 1 to 12, `year` a year, both of dates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: Column
    is_: Annotated[Comparison, Field(alias="is")]
    value: Annotated[str, Field(max_length=200)]


class Plan(BaseModel):
    """Filter, order, operate. Conditions on one column are alternatives, those on different ones all hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Annotated[int, Field(ge=0, le=50)] = 0
    where: Annotated[list[Condition], Field(max_length=8)] = []
    operation: Operation = "list"
    column: Column = 0
    order_by: Column | None = None
    descending: bool = True
    limit: Annotated[int, Field(ge=1, le=50)] | None = None
    offset: Annotated[int, Field(ge=-1, le=1)] = 0
    """-1 for the row before each found one, 1 for the row behind it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came out: the value or values as text, the rows that were used, in order."""

    values: tuple[str, ...]
    rows: tuple[Row, ...]
    plan: Plan
    table: Table


def execute(plan: Plan, tables: Sequence[Table]) -> Result | None:
    """Carry a plan out; None when no row is left or the cells do not allow it.

    Raises Invalid for a plan that names what is not there.
    """
    if plan.table >= len(tables):
        raise Invalid("The plan names a table that is not there.")
    table = tables[plan.table]
    named = [plan.column, plan.order_by or 0, *(one.column for one in plan.where)]
    if any(column >= len(table.header) for column in named):
        raise Invalid("The plan names a column that is not there.")
    places = [at for at, row in enumerate(table.rows) if _holds(row, at, plan, table)]
    if plan.operation != "list" or plan.order_by is not None:
        places = _without_totals(places, plan, table)
    places = [at + plan.offset for at in places if 0 <= at + plan.offset < len(table.rows)]
    if plan.order_by is not None:
        ordered = _ordered(places, plan, table)
        if ordered is None:
            return None
        places = ordered
    elif plan.limit:
        places = places[: plan.limit]
    rows = [table.rows[at] for at in places]
    if not rows and plan.operation not in ("count", "count_distinct"):
        return None
    values = _operated(plan, rows, table)
    return Result(tuple(values), tuple(rows), plan, table) if values else None


def _without_totals(places: list[int], plan: Plan, table: Table) -> list[int]:
    """The rows without those that sum up the others, unless a condition names one."""
    if any(words(one.value).strip() in _TOTALS for one in plan.where):
        return places
    return [at for at in places if not _is_total(table.rows[at])]


def _is_total(row: Row) -> bool:
    """Whether a row's first cell that is filled says so."""
    return words(next((cell for cell in row.cells if cell), "")).strip() in _TOTALS


def _holds(row: Row, _at: int, plan: Plan, table: Table) -> bool:
    by_column: dict[int, list[Condition]] = {}
    for one in plan.where:
        by_column.setdefault(one.column, []).append(one)
    for column, conditions in by_column.items():
        alike = [one for one in conditions if one.is_ in ("=", "contains")]
        others = [one for one in conditions if one.is_ not in ("=", "contains")]
        cell = row.cells[column]
        if alike and not any(_compared(cell, one, column, table) for one in alike):
            return False
        if not all(_compared(cell, one, column, table) for one in others):
            return False
    return True


def _compared(cell: str, one: Condition, column: int, table: Table) -> bool:
    match one.is_:
        case "=" | "!=":
            return (words(cell) == words(one.value) or _equal_numbers(cell, one.value)) == (one.is_ == "=")
        case "contains":
            return words(one.value) in words(cell)
        case "month":
            return any(str(day.month) == one.value for day in dates(cell)[:1])
        case "year":
            return str(year(cell)) == one.value
    return _ordered_so(cell, one, column, table)


def _ordered_so(cell: str, one: Condition, column: int, table: Table) -> bool:
    mine, other = _comparable(cell, column, table), _comparable(one.value, column, table)
    if mine is None or other is None:
        return False
    return {"<": mine < other, "<=": mine <= other, ">": mine > other, ">=": mine >= other}[one.is_]


def _equal_numbers(cell: str, value: str) -> bool:
    mine, other = numbers([cell])[0], numbers([value])[0]
    return mine is not None and mine == other


def _comparable(cell: str, column: int, table: Table) -> float | None:
    """A number to order by: the date's, the year's, or the cell's own."""
    found = dates(cell)
    if found and found[0].month:
        return (found[0].year or 0) * 372 + found[0].month * 31 + (found[0].day or 0)
    if any(dates(other) for other in table.column(column)[:3]):
        own = year(cell)
        return None if own is None else float(own * 372)
    return numbers([*table.column(column)[:20], cell])[-1]


def _ordered(places: Sequence[int], plan: Plan, table: Table) -> list[int] | None:
    """The first `limit` by the ordering column, ties with the last of them included; None without values."""
    column = plan.order_by or 0
    keys = {at: _comparable(table.rows[at].cells[column], column, table) for at in places}
    known = [(key, at) for at, key in keys.items() if key is not None]
    if not known:
        return None
    known.sort(key=lambda item: -item[0] if plan.descending else item[0])
    if plan.limit is None or plan.limit >= len(known):
        return [at for _, at in known]
    worst = known[plan.limit - 1][0]
    return [at for number, (key, at) in enumerate(known) if number < plan.limit or key == worst]


def _operated(plan: Plan, rows: Sequence[Row], table: Table) -> list[str]:
    cells = [row.cells[plan.column] for row in rows]
    match plan.operation:
        case "list":
            return list(dict.fromkeys(cell for cell in cells if cell))
        case "count":
            return [str(len(rows))]
        case "count_distinct":
            return [str(len({words(cell) for cell in cells if cell.strip(" -\u2013\u2014\u2015")}))]
        case "most_frequent":
            counted = Counter(cell for cell in cells if cell).most_common(2)
            unique = bool(counted) and (len(counted) == 1 or counted[0][1] > counted[1][1])
            return [counted[0][0]] if unique else []
    return _calculated(plan, cells, table)


def _calculated(plan: Plan, cells: Sequence[str], table: Table) -> list[str]:
    """Sums and the like over the numbers of the cells; nothing when a filled cell is no number."""
    column = table.column(plan.column)
    known = dict(zip(column, numbers(column), strict=True))
    found = [(value, cell) for cell in cells if (value := known.get(cell)) is not None]
    unread = [cell for cell in cells if cell.strip(" -\u2013\u2014\u2015") and known.get(cell) is None]
    if not found or (unread and plan.operation in ("sum", "average", "difference")):
        return []
    values = [value for value, _ in found]
    if plan.operation in ("minimum", "maximum"):
        pick = min if plan.operation == "minimum" else max
        return [pick(found, key=lambda item: item[0])[1]]
    if any(":" in cell for _, cell in found):
        return []
    if plan.operation == "difference":
        return [written(abs(values[0] - values[1]), cells)] if len(values) == 2 else []  # noqa: PLR2004 - of two
    total = sum(values)
    return [written(total if plan.operation == "sum" else total / len(values), cells)]
