"""The prompts: instructions from versioned files, sources fenced as data, the question last."""

import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from shared.answers.instructions import without_instructions
from shared.answers.interfaces import Prompt, Turn
from shared.models import Locator, Passage

VERSION = "answer-v2"
STANDALONE = "standalone-v1"
DECLINED = "NOT_IN_DOCUMENTS"
"""What the model is told to reply when the sources do not hold the answer."""
_COMPARES = re.compile(
    r"\b(?:changed?|changes|compared?|comparison|differs?|difference|former(?:ly)?|previous(?:ly)?|used to|"
    r"(?:in|de)creased?|r(?:ise|ose|isen|aised?)|fell|fallen|dropped|"
    r"ge\u00e4ndert|\u00c4nderung\w*|unterschied\w*|vorher|fr\u00fcher|bisher\w*|gestiegen|gesunken|erh\u00f6ht|gesenkt|"
    r"cambi\w+|diferencia\w*|anterior\w*|subi\w+|aument\w+|baj\u00f3|"
    r"chang\u00e9\w*|diff\u00e9rence\w*|ancien\w*|augment\u00e9\w*|baiss\u00e9\w*)\b|\u5909\u66f4|\u4ee5\u524d|\u9055\u3044",
    re.IGNORECASE,
)
"""A question about what became of something needs the older version beside the newer."""
_HISTORY_TOKENS = 800
_TOKEN_LENGTH = 4
"""Characters of a token, roughly; it only bounds what is sent."""


def build(question: str, passages: Sequence[Passage]) -> Prompt:
    """The prompt for a question and its passages, numbered from 1.

    The tags carry a random suffix, so that no document can close its own fence or open another. Lines that
    talk to a model are left out, and so are passages whose newer version is there, unless both are compared.
    """
    mark = fence()
    replaced = superseded(question, passages)
    sources = "\n".join(
        _fenced(number, passage, mark) for number, passage in enumerate(passages, 1) if number not in replaced
    )
    user = f"{sources}\n\n<question-{mark}>\n{question}\n</question-{mark}>"
    return Prompt(VERSION, instructions(VERSION), user)


def superseded(question: str, passages: Sequence[Passage]) -> frozenset[int]:
    """The numbers of passages not to answer from: their newer version is there, and none asks for both."""
    if _COMPARES.search(question):
        return frozenset()
    names = {one.file_name for one in passages}
    return frozenset(n for n, one in enumerate(passages, 1) if one.superseded_by in names - {""})


def standalone(question: str, history: Sequence[Turn]) -> Prompt:
    """The prompt that has a follow-up rewritten; the newest turns that fit are in it."""
    mark = fence()
    turns: list[str] = []
    room = _HISTORY_TOKENS * _TOKEN_LENGTH
    for turn in reversed(history):
        text = f"<turn-{mark}>\nasked: {turn.question}\nanswered: {turn.answer[:600]}\n</turn-{mark}>"
        room -= len(text)
        if room < 0 and turns:
            break
        turns.insert(0, text)
    user = "\n".join([*turns, f"<question-{mark}>", question, f"</question-{mark}>"])
    return Prompt(STANDALONE, instructions(STANDALONE), user)


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


def fence() -> str:
    """A suffix for tags that no document can know: 64 random bits."""
    return secrets.token_hex(8)


@cache
def instructions(version: str) -> str:
    """The text of a versioned prompt file."""
    return (Path(__file__).parent / "prompts" / f"{version}.txt").read_text(encoding="utf-8").strip()


def _fenced(number: int, passage: Passage, mark: str) -> str:
    attributes = {
        "id": str(number),
        "file": without_instructions(passage.file_name),
        "place": without_instructions(place(passage.locator)),
        "changed": passage.modified[:10],
        "superseded-by": passage.superseded_by,
    }
    head = " ".join(f'{name}="{_attribute(value)}"' for name, value in attributes.items() if value)
    return f"<source-{mark} {head}>\n{without_instructions(passage.text)}\n</source-{mark}>"


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")
