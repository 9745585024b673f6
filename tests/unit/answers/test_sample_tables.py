"""Questions about the tables of the sample Drive, by rules and with plans as a model wrote them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from shared.answers.tables.plan import Plan, execute
from shared.answers.tables.questions import plan_for
from shared.answers.tables.reading import Table, tables
from shared.documents.chunks import cut
from shared.documents.extract import extract
from shared.models import Passage, Transcript

ROOT = Path(__file__).parents[3]
QUESTIONS = [
    json.loads(line)
    for line in (ROOT / "benchmarks/quality/table_questions.jsonl").read_text("utf-8").splitlines()
]


@cache
def tables_of(name: str) -> list[Table]:
    """The tables of a file, as ingestion cuts them."""
    found = extract(ROOT / "local/demo/files" / name, "", name, lambda _data, _kind: Transcript(""))
    return tables(
        [
            Passage(f"f.{one.key}", "f", name, one.text, one.context, one.locator, "", one.ordinal, 0.0)
            for one in cut(found, name)
        ]
    )


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked["question"])
def test_tables_of_the_sample_drive_are_computed(asked: dict[str, Any]) -> None:
    """By rules, or, where the words say too little, by the recorded plan; never wrongly by rules."""
    found = tables_of(asked["doc"])
    plan = plan_for(asked["question"], found)
    if "plan" in asked:
        assert plan is None
        plan = Plan.model_validate_json(json.dumps(asked["plan"]))
    assert plan is not None
    result = execute(plan, found)
    assert result is not None
    assert sorted(result.values) == sorted(asked["answers"])
