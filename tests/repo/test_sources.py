"""A promise of the local Google Cloud names where the expected behaviour is written down."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

LOCAL = Path(__file__).parents[1] / "local"
ROOT = LOCAL.parents[1]
Test = ast.FunctionDef | ast.AsyncFunctionDef


def test_every_test_of_a_stand_in_names_its_source() -> None:
    """Each test of tests/local has a `source` mark of some length, its own or its module's."""
    silent = [
        f"{path.relative_to(LOCAL)}::{test.name}"
        for path, tree in modules()
        if not module_source(tree)
        for test in functions(tree)
        if not any(any(sources(one)) for one in test.decorator_list)
    ]
    assert not silent


def test_sources_in_this_repository_exist() -> None:
    """A source that is a file of ours is there: a page that was moved is nobody's source."""
    gone = []
    for path, tree in modules():
        for source in sources(tree):
            first = re.split(r"[\s:,;]", source, maxsplit=1)[0]
            if first.startswith(("local/", "docs/", "shared/")) and not (ROOT / first).exists():
                gone.append(f"{path.relative_to(LOCAL)}: {first}")
    assert not gone


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Every test module of the stand-ins."""
    for path in sorted(LOCAL.rglob("test_*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def module_source(tree: ast.Module) -> bool:
    """Whether one mark speaks for all tests of the module."""
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
        for node in tree.body
        if any(sources(node))
    )


def functions(tree: ast.Module) -> Iterator[Test]:
    """The test functions, those in classes too."""
    for node in ast.walk(tree):
        if isinstance(node, Test) and node.name.startswith("test_"):
            yield node


def sources(tree: ast.AST) -> Iterator[str]:
    """The words of every `source` mark below a node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.source" and node.args:
            named = node.args[0]
            if not isinstance(named, ast.Constant):
                yield ast.unparse(named)  # a name or an f-string of the module's own
            elif len(str(named.value)) > len("RFC 1"):
                yield str(named.value)
