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

        Computes over whole files, so that no row is missing. What of them was not read while searching is
        read when the rows at hand show that the question is about them; a model's plan is asked for
        meanwhile. Nothing that goes wrong here is an error: the passages are still there to answer from.
        """
        files = _table_files(evidence.passages)
        if not files:
            return None
        at_hand = [_at_hand(name, evidence) for name in files]
        found, drafted = [tables(rows.passages) for rows in at_hand], None
        if not all(rows.complete for rows in at_hand):
            understood = any(plan_for(question, each) for each in found)
            if not understood and not self._to_be_planned(question, found):
                return None
            reading = _whole(person, files, evidence, searcher)
            if understood:
                found = await reading
            else:
                found, drafted = await asyncio.gather(reading, _planned_by(question, found[0], model))
        computed = _by_rules(question, found)
        if computed is None and drafted is None and self._to_be_planned(question, found):
            drafted = await _planned_by(question, found[0], model)
        return computed or (drafted.over(found) if drafted else None)

    def _to_be_planned(self, question: str, found: Sequence[Sequence[Table]]) -> bool:
        """Whether a model is to be asked how to compute what the rules do not understand."""
        return self.planned and bool(found and found[0]) and computing(question)


@dataclass(frozen=True, slots=True)
class _AtHand:
    """The passages of a file that are known, in order, and whether these are all."""

    passages: Sequence[Passage]
    complete: bool


def _at_hand(file_id: str, evidence: Evidence) -> _AtHand:
    """What was read while searching; the shown passages where that is not known."""
    chunks = evidence.chunks.get(file_id, ())
    known = [evidence.looked_at[name] for name in chunks if name in evidence.looked_at]
    if not known:
        return _AtHand([one for one in evidence.passages if one.file_id == file_id], complete=False)
    return _AtHand(known, len(known) == len(chunks))


async def _whole(
    person: Person, files: Sequence[str], evidence: Evidence, searcher: Searcher
) -> list[list[Table]]:
    """The tables of whole files; none when they cannot be read now, or are too long."""
    try:
        read = await asyncio.gather(
            *(searcher.whole(person, name, evidence.chunks.get(name, ())) for name in files)
        )
    except AppError as failure:
        _log.warning("tables.not_read", error=type(failure).__name__)
        return []
    return [tables(passages) for passages in read if len(passages) <= _MOST_PASSAGES]


def _by_rules(question: str, found: Sequence[Sequence[Table]]) -> Computed | None:
    for each in found:
        plan = plan_for(question, each)
        result = execute(plan, each) if plan else None
        if result is not None:
            return _computed(result, Usage())
    return None


def _table_files(passages: Sequence[Passage]) -> list[str]:
    """The first files whose passages among the best are parts of tables."""
    names = [
        one.file_id
        for one in passages[:_LOOKED_AT]
        if one.locator.range or sum(" | " in f" {line} " for line in one.text.split("\n")) > 1
    ]
    return list(dict.fromkeys(names))[:_FILES]


@dataclass(frozen=True, slots=True)
class _Drafted:
    """A model's plan over one of the tables it was shown, if it made one, and what it consumed."""

    plan: Plan | None
    table: Table | None
    usage: Usage

    def over(self, found: Sequence[Sequence[Table]]) -> Computed | None:
        """Carried out over the same table with all its rows. None when it cannot be."""
        if self.plan is None or self.table is None:
            return None
        meant = (self.table.title, self.table.header)
        for each in found:
            place = next((at for at, one in enumerate(each) if (one.title, one.header) == meant), None)
            if place is not None:
                try:
                    result = execute(self.plan.model_copy(update={"table": place}), each)
                except AppError as failure:
                    _log.info("tables.no_plan", error=type(failure).__name__)
                    return None
                return _computed(result, self.usage) if result else None
        return None


async def _planned_by(question: str, found: Sequence[Table], model: AnswerModel) -> _Drafted:
    """What the model plans. Never raises: no plan is an answer."""
    text, usage = "", Usage()
    try:
        async with aclosing(model.stream(_prompt(question, found))) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                text += delta.text
                usage = delta.usage or usage
                if len(text) > _PLAN_LENGTH:
                    return _Drafted(None, None, usage)
        start, end = text.find("{"), text.rfind("}")
        plan = Plan.model_validate_json(text[start : end + 1]) if start >= 0 else None
    except (ModelStopped, AppError, ValidationError) as failure:
        _log.info("tables.no_plan", error=type(failure).__name__)
        return _Drafted(None, None, usage)
    named = plan is not None and plan.table < len(found)
    return _Drafted(plan, found[plan.table] if plan is not None and named else None, usage)


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
