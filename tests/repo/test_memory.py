"""What an instance remembers has a bound: it lives for days, and reads all the files of a company."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FEW = {
    "shared/answers/cached.py _adapter": "kinds of events",
    "shared/answers/prompt.py instructions": "versions of the prompt",
    "shared/documents/formats/alphabets.py _letters": "alphabets",
    "shared/search/terms.py _known_spellings": "languages",
    "shared/search/terms.py _stemmer": "languages",
    "shared/search/terms.py _stopwords": "languages",
}
"""Functions that remember all they returned, and what the few things are that they are asked for."""


def unbounded() -> Iterator[str]:
    """Functions with arguments that remember all they ever returned."""
    for path in sorted(one for room in ("functions", "shared") for one in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text if "cache" in text else "")):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                marks = {ast.unparse(one).rpartition("functools.")[2] for one in node.decorator_list}
                if marks & {"cache", "lru_cache(maxsize=None)", "lru_cache(None)"} and ast.unparse(node.args):
                    yield f"{path.relative_to(ROOT)} {node.name}"


def test_what_a_function_remembers_has_a_bound() -> None:
    """Either a number of answers, or arguments of which there are few."""
    assert set(unbounded()) == set(FEW)
