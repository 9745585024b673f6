"""A test says its promise."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_test_says_its_promise_in_a_sentence() -> None:
    """Each test function has a docstring whose first line is the promise."""
    silent = []
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                said = (ast.get_docstring(node) or "").strip()
                if len(said.split()) < 3:
                    silent.append(f"{path.relative_to(TESTS)}::{node.name}")
    assert not silent
