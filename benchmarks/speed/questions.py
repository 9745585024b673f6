"""Questions that nobody asked before, and questions that no document answers."""

import itertools
import json
import random
from collections.abc import Iterator

from local.runner.people import DEMO

ANSWERED = ("q03", "q05", "q06", "q07", "q16", "p05")
"""Some of the sample's questions, about documents that the whole staff may read, and plainly answered."""
WAYS = (
    *("", "Please tell me: ", "Tell me, please: ", "I ask: ", "Say: ", "Now: ", "And this: "),
    *("Next: ", "So: ", "Again, please: ", "For my notes: "),
)
ENDINGS = ("", " Thanks.", " Thank you.", " Please.", " Many thanks!")
ALIEN = (
    "How tall is Mount Kilimanjaro?", "Who painted the Night Watch?", "What is the boiling point of helium?",
    "Which team won the football championship of 1974?", "How do I bake sourdough bread?",
    "What is the capital of Mongolia?", "When did the dinosaurs die out?", "How does a diesel engine work?",
)  # fmt: skip
"""None of the sample's business."""


def fresh() -> Iterator[str]:
    """Questions with an answer, each in words that are in no cache; the same ones in every run."""
    return _worded(known())


def declined() -> Iterator[str]:
    """Questions without an answer, likewise."""
    return _worded(ALIEN)


def known() -> list[str]:
    """Those of the sample's questions."""
    lines = (DEMO / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["question"] for row in rows if row["id"] in ANSWERED]


def _worded(questions: list[str] | tuple[str, ...]) -> Iterator[str]:
    made = [f"{way}{one}{end}" for way, one, end in itertools.product(WAYS, questions, ENDINGS)]
    random.Random(1).shuffle(made)  # noqa: S311 - an order, no secret
    return iter(made)
