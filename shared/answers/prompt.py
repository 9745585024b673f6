"""The prompt: instructions from a versioned file, sources fenced as data, the question last."""

import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from shared.answers.interfaces import Prompt
from shared.models import Locator, Passage

VERSION = "answer-v1"
DECLINED = "NOT_IN_DOCUMENTS"
"""What the model is told to reply when the sources do not hold the answer."""


def build(question: str, passages: Sequence[Passage]) -> Prompt:
    """The prompt for a question and its passages, numbered from 1.

    The tags carry a random suffix, so that no document can close its own fence or open another.
    """
    mark = secrets.token_hex(4)
    sources = "\n".join(_fenced(number, passage, mark) for number, passage in enumerate(passages, 1))
    user = f"{sources}\n\n<question-{mark}>\n{question}\n</question-{mark}>"
    return Prompt(VERSION, _instructions(), user)


def place(locator: Locator) -> str:
    """A place in words, as the model and a person read it: "page 3", "Kettles!A1:E9"."""
    parts = []
    if locator.page is not None:
        parts.append(f"page {locator.page}")
    if locator.slide is not None:
        parts.append(f"slide {locator.slide}")
    if locator.sheet or locator.range:
        parts.append("!".join(part for part in (locator.sheet, locator.range) if part))
    if locator.heading:
        parts.append(" > ".join(locator.heading))
    if locator.part:
        parts.append(locator.part)
    return ", ".join(parts)


def _fenced(number: int, passage: Passage, mark: str) -> str:
    where = place(passage.locator)
    changed = f' changed="{passage.modified[:10]}"' if passage.modified else ""
    head = f'<source-{mark} id="{number}" file="{_attribute(passage.file_name)}"'
    return f'{head} place="{_attribute(where)}"{changed}>\n{passage.text}\n</source-{mark}>'


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")


@cache
def _instructions() -> str:
    return (Path(__file__).parent / "prompts" / f"{VERSION}.txt").read_text(encoding="utf-8").strip()
