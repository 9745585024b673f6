"""docs/security.md is true: each control of the threat model names tests, and they are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
STRIDE = set("STRIDE")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def section(function: str) -> list[list[str]]:
    """The rows of a function's table: letter, threat, control, tests."""
    text = PAGE.split(f"\n### {function}\n", 1)[1].split("\n#", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if row[0] in STRIDE]


@cache
def promises_of(path: str) -> set[str]:
    """The names of the test functions of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("function", sorted(path.parent.name for path in ROOT.glob("functions/*/main.py")))
def test_every_function_has_its_threats(function: str) -> None:
    """Each of the six kinds is considered, and each control names at least one test."""
    rows = section(function)
    assert {row[0] for row in rows} == STRIDE
    for row in rows:
        assert len(row) == 4, row
        assert _TEST.search(row[3]), row


def test_every_test_that_the_page_names_exists() -> None:
    """No control leans on a test that was renamed or removed."""
    named = _TEST.findall(PAGE)
    assert named
    assert not [f"{path}::{name}" for path, name in named if name not in promises_of(path)]


def test_every_suite_of_attacks_is_named() -> None:
    """A suite that the page does not know of protects nobody who reads it."""
    named = {path for path, _ in _TEST.findall(PAGE)}
    suites = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/functions/attacks/test_*.py")}
    assert suites <= named
