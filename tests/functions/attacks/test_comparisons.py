"""Secrets are compared in constant time: how long a refusal takes tells nothing of what was right."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("shared/identity", "shared/web", "functions/auth")
SECRET = re.compile(
    r"(secret|digest|nonce|verifier|fingerprint|hash|mac|origin\b|refresh\.(current|previous)|\bsent\b)",
    re.IGNORECASE,
)
"""What an expression is called when its value must not be guessed letter by letter."""
PUBLISHED = {"audit_chain.py", "audit_reading.py"}
"""Files whose hashes anybody may know."""


def comparisons(path: Path) -> Iterator[str]:
    """Each ==, != of two values that are not constants, as it is written."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = [node.left, node.comparators[0]]
        if not any(isinstance(side, ast.Constant) for side in sides):
            names = [ast.unparse(side) for side in sides]
            if any(SECRET.search(name) for name in names):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"


@pytest.mark.parametrize("room", ROOMS)
def test_no_secret_is_compared_letter_by_letter(room: str) -> None:
    """States, nonces, hashes of tokens and origins go through hmac.compare_digest."""
    files = [path for path in sorted((ROOT / room).glob("*.py")) if path.name not in PUBLISHED]
    assert files
    assert not [found for path in files for found in comparisons(path)]


@pytest.mark.parametrize(
    ("file", "times"),
    [
        ("shared/identity/signin.py", 1),
        ("shared/identity/idtokens.py", 1),
        ("shared/identity/refresh_tokens.py", 2),
        ("shared/identity/callers.py", 1),
        ("shared/web/guard.py", 1),
    ],
)
def test_where_a_secret_is_compared_it_is_in_constant_time(file: str, times: int) -> None:
    """At least so many comparisons of this file are hmac.compare_digest."""
    assert (ROOT / file).read_text(encoding="utf-8").count("hmac.compare_digest(") >= times
