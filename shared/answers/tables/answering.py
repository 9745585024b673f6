"""A question about a table answered by computing over its cells, with the cells as the source."""

import asyncio
import json
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from pydantic import ValidationError

from shared.answers.instructions import addressed_to_a_model
from shared.answers.interfaces import AnswerModel, Evidence, ModelStopped, Prompt, Searcher
from shared.answers.markup import plain_text
from shared.answers.prompt import fence, instructions
from shared.answers.tables.plan import Plan, Result, execute
from shared.answers.tables.questions import computing, plan_for
from shared.answers.tables.reading import Row, Table, tables
from shared.errors import AppError
from shared.log import get_logger
from shared.models import Passage, Person, Usage

_LOOKED_AT = 3
"""The first passages: when none of them is part of a table, the question is not about one."""
_FILES = 2
_MOST_PASSAGES = 1_500
_SHOWN_VALUES, _SHOWN_ROWS = 20, 30
_SAMPLE_ROWS = 3
_PLAN_LENGTH = 4_000
PLAN = "plan-v1"
_RANGE = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")
_NAMES = {
    "count": "count",
    "count_distinct": "different",
    "sum": "total",
    "average": "average",
    "minimum": "lowest",
    "maximum": "highest",
    "difference": "difference",
    "most_frequent": "most frequent",
}

_log = get_logger("answers.tables")


@dataclass(frozen=True, slots=True)
class Computed:
    """The answer's text, which cites its one source [1]: the rows that were used, and where they stand."""

    text: str
    source: Passage
    usage: Usage
    result: Result


@dataclass(frozen=True, slots=True)
class TableAnswers:
    """Computes answers from tables. `planned`: whether the model may be asked for a plan the rules lack."""

    planned: bool = True

    async def answer(
        self, person: Person, question: str, evidence: Evidence, searcher: Searcher, model: AnswerModel
    ) -> Computed | None:
        """The computed answer, or None when the question is not about a table or is not understood.

        Reads the whole file, so that no row is missing. Nothing that goes wrong here is an error: the
        passages are still there to answer from.
        """
        files = _table_files(evidence.passages)
        if not files:
            return None
        try:
            read = await asyncio.gather(
                *(searcher.whole(person, name, evidence.chunks.get(name, ())) for name in files)
            )
        except AppError as failure:
            _log.warning("tables.not_read", error=type(failure).__name__)
            return None
        found = [tables(passages) for passages in read if len(passages) <= _MOST_PASSAGES]
        for each in found:
            plan = plan_for(question, each)
            result = execute(plan, each) if plan else None
            if result is not None:
                return _computed(result, Usage())
        if self.planned and found and computing(question):
            return await _by_model(question, found[0], model)
        return None


def _table_files(passages: Sequence[Passage]) -> list[str]:
    """The first files whose passages among the best are parts of tables."""
    names = [
        one.file_id
        for one in passages[:_LOOKED_AT]
        if one.locator.range or sum(" | " in f" {line} " for line in one.text.split("\n")) > 1
    ]
    return list(dict.fromkeys(names))[:_FILES]


async def _by_model(question: str, found: Sequence[Table], model: AnswerModel) -> Computed | None:
    """A plan of the model's, validated and executed; None when it has none or it is not one."""
    text, usage = "", Usage()
    try:
        async with aclosing(model.stream(_prompt(question, found))) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                text += delta.text
                usage = delta.usage or usage
                if len(text) > _PLAN_LENGTH:
                    return None
        start, end = text.find("{"), text.rfind("}")
        if start < 0:
            return None
        result = execute(Plan.model_validate_json(text[start : end + 1]), found)
    except (ModelStopped, AppError, ValidationError) as failure:
        _log.info("tables.no_plan", error=type(failure).__name__)
        return None
    return _computed(result, usage) if result else None


def _prompt(question: str, found: Sequence[Table]) -> Prompt:
    """Headers and a few rows of each table as JSON, fenced as data."""
    mark = fence()
    described = [
        {
            "table": number,
            "title": table.title,
            "columns": dict(enumerate(table.header)),
            "rows": [row.cells for row in table.rows[:_SAMPLE_ROWS]],
            "count": len(table.rows),
        }
        for number, table in enumerate(found[:10])
    ]
    listed = "\n".join(json.dumps(one, ensure_ascii=False)[:6_000] for one in described)
    user = f"<tables-{mark}>\n{listed}\n</tables-{mark}>\n\n<question-{mark}>\n{question}\n</question-{mark}>"
    return Prompt(PLAN, instructions(PLAN), user)


def _computed(result: Result, usage: Usage) -> Computed | None:
    """The answer in words; None when a cell of it talks to a model, or there is too much to say."""
    if len(result.values) > _SHOWN_VALUES or any(addressed_to_a_model(value) for value in result.values):
        return None
    text = plain_text(_sentence(result), (row.line for row in result.rows))
    source = _source(result)
    return Computed(text, source, usage, result) if source else None


def _sentence(result: Result) -> str:
    plan, header = result.plan, result.table.header
    values = ", ".join(result.values)
    conditions = [
        f"{header[one.column]} {'is' if one.is_ in ('=', 'month', 'year') else one.is_} {one.value}"
        for one in plan.where
    ]
    about = "; ".join(conditions)
    if plan.operation == "list":
        shown = f"{header[plan.column]}: {values}"
        return f"{shown} ({about}) [1]." if about else f"{shown} [1]."
    number = len(result.rows)
    rows = f"computed from {number} row{'' if number == 1 else 's'}"
    name = "" if plan.operation == "count" else f" of {header[plan.column]}"
    label = f"{_NAMES[plan.operation].capitalize()}{name}"
    return f"{label}: {values} ({'; '.join(filter(None, (rows, about)))}) [1]."


def _source(result: Result) -> Passage | None:
    """The rows that were used as one passage: header and rows as quote, their range as place."""
    rows = result.rows or tuple(result.table.rows[:1])
    if not rows:
        return None
    first = rows[0].passage
    lines = [" | ".join(result.table.header), *(row.line for row in rows[:_SHOWN_ROWS])]
    if len(rows) > _SHOWN_ROWS:
        lines.append(f"({len(rows) - _SHOWN_ROWS} more)")
    text = "\n".join(lines)
    return replace(first, text=text, quote=text, locator=replace(first.locator, range=_range(rows)))


def _range(rows: Sequence[Row]) -> str | None:
    """The range from the first to the last row that was used."""
    numbers = [row.number for row in rows if row.number is not None]
    span = _RANGE.fullmatch(rows[0].passage.locator.range or "")
    if span is None or not numbers:
        return rows[0].passage.locator.range
    return f"{span[1]}{min(numbers)}:{span[3] or span[1]}{max(numbers)}"
