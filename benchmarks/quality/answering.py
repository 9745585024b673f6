"""Measures of answers: right, cited, placed; lies found; tables computed.

The local model writes the answers, so `answers_*` say more of retrieval and checking than of a model.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.measures import Estimate, estimate
from benchmarks.quality.models import Streamed, extractive, local_prompt
from benchmarks.quality.run import DEPTH, DOCENT, Measured, SetRun
from benchmarks.quality.sets import Question
from local.vertex.characters import LyingModel
from shared.answers.prompt import build
from shared.answers.sentences import cited
from shared.answers.support import SupportCheck
from shared.answers.tables.cells import numbers, words
from shared.answers.tables.plan import Plan, execute
from shared.answers.tables.questions import plan_for
from shared.answers.tables.reading import Table, tables
from shared.answers.writing import Policy, Writing
from shared.models import Passage

TABLE_QUESTIONS = Path(__file__).parent / "table_questions.jsonl"
"""Lines of {doc, question, answers, plan} about the sample Drive; a plan where the rules have none."""


async def answers(run: SetRun) -> Measured:
    """Token F1 and "contains" against gold answers; citations that are evidence, and rightly placed."""
    found: dict[str, list[float]] = {}
    model = Streamed(extractive(run.embedder))
    for question, passages in _drawn(run):
        writing = Writing(model, Policy(), question.text, passages)
        text = "".join([one.text async for one in writing.sentences(build(question.text, passages))])
        gold = [str(one) for one in question.raw.get("answers", [])]
        if gold:
            found.setdefault("answers_contain", []).append(float(any(_contains(text, one) for one in gold)))
            found.setdefault("answers_f1", []).append(max(_f1(text, one) for one in gold))
        used = [passages[number - 1] for number in cited(text)]
        _judge_citations(run, question, used, found)
    return _estimates(found)


async def lies(run: SetRun) -> Measured:
    """Of a lying model's sentences: changed ones found, by kind, and true ones taken for lies."""
    found: dict[str, list[float]] = {}
    model = extractive(run.embedder)
    for question, passages in _drawn(run):
        chosen = await model.quotes(local_prompt(build(question.text, passages)))
        check = SupportCheck(question.text, passages)
        for one in LyingModel.tell(question.text, chosen):
            caught = float(not check.verdict(f"{one.said} [{one.source}]").supported)
            if not one.kind:
                found.setdefault("truths_marked", []).append(caught)
                continue
            found.setdefault("lies_marked", []).append(caught)
            found.setdefault(f"lies_marked_{one.kind}", []).append(caught)
    return _estimates(found)


async def computed(run: SetRun) -> Measured:
    """Questions about a table that were computed, and of those the exact ones; for sets made of tables.

    On the sample Drive, our own questions, and those among them that come with a plan as a model wrote it.
    """
    read = {
        document: tables([run.passages[name] for name in chunks]) for document, chunks in run.chunks.items()
    }
    asked: list[tuple[Sequence[Table], str, Sequence[str], dict[str, Any] | None]] = [
        (read[one.evidence[0].document], one.raw["question"], one.raw["answer_items"], None)
        for one in run.data.questions
        if "answer_items" in one.raw
    ]
    if run.data.name == "demo":
        lines = map(json.loads, TABLE_QUESTIONS.read_text("utf-8").splitlines())
        asked = [(read[one["doc"]], one["question"], one["answers"], one.get("plan")) for one in lines]
    found: dict[str, list[float]] = {}
    for own, question, gold, recorded in asked:
        plan = Plan.model_validate(recorded) if recorded else plan_for(question, own)
        result = execute(plan, own) if plan else None
        exact = result is not None and _same(result.values, gold)
        if recorded:
            found.setdefault("tables_exact_by_recorded_plan", []).append(float(exact))
            continue
        found.setdefault("tables_computed", []).append(float(result is not None))
        if result is not None:
            found.setdefault("tables_exact", []).append(float(exact))
    return _estimates(found)


def _drawn(run: SetRun) -> list[tuple[Question, Sequence[Passage]]]:
    both = zip(run.data.questions, run.found, strict=True)
    every: list[tuple[Question, Sequence[Passage]]] = [
        (question, found.passages[:DEPTH])
        for question, found in both
        if question.answerable and found.passages
    ]
    random.Random(1).shuffle(every)  # noqa: S311 - a draw, no secret
    return every[: run.drawn]


def _judge_citations(
    run: SetRun, question: Question, used: Sequence[Passage], found: dict[str, list[float]]
) -> None:
    """Right: the passage is of an evidence's document; placed: page, slide and sheet agree."""
    if not used:
        return
    documents = {item.document for item in question.evidence}
    places = [run.documents[one.file_id] in documents for one in used]
    found.setdefault("citation_precision", []).extend(map(float, places))
    cited_documents = {run.documents[one.file_id] for one in used}
    found.setdefault("citation_recall", []).append(len(documents & cited_documents) / max(1, len(documents)))
    raw = {item["doc_id"]: item for item in question.raw.get("evidence", [])}
    for one in used:
        where = raw.get(run.documents[one.file_id], {})
        wanted = [(name, where[name]) for name in ("page", "slide", "sheet") if where.get(name)]
        held = where.get("quote") and _contains(one.text, str(where["quote"]))
        if wanted and held:
            right = all(getattr(one.locator, name) == value for name, value in wanted)
            found.setdefault("citation_placed", []).append(float(right))


def _estimates(found: dict[str, list[float]]) -> Measured:
    return {name: {DOCENT: _estimate(values)} for name, values in found.items() if values}


def _estimate(values: Sequence[float]) -> Estimate:
    return estimate(values)


def _contains(text: str, gold: str) -> bool:
    return bool(words(gold).strip()) and words(gold) in words(re.sub(r"\[\d+\]", " ", text))


def _f1(text: str, gold: str) -> float:
    mine, other = Counter(words(re.sub(r"\[\d+\]", " ", text)).split()), Counter(words(gold).split())
    both = sum((mine & other).values())
    return 2 * both / (sum(mine.values()) + sum(other.values())) if both else 0.0


def _same(values: Sequence[str], gold: Sequence[str]) -> bool:
    """The same values in any order, compared as words or as numbers."""
    left = [str(one) for one in gold]
    for value in values:
        twin = next((one for one in left if words(one) == words(value) or _number(one, value)), None)
        if twin is None:
            return False
        left.remove(twin)
    return not left


def _number(one: str, other: str) -> bool:
    first, second = numbers([one])[0], numbers([other])[0]
    return first is not None and first == second
