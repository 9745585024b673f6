"""docs/openapi.json says what the functions take and answer."""

import ast
import json
from pathlib import Path

from scripts import openapi
from shared.web.guard import Described

ROOT = Path(__file__).parents[2]


def test_the_file_is_fresh() -> None:
    """`python -m scripts.openapi` would write just what is there."""
    assert openapi.FILE.read_text(encoding="utf-8") == openapi.text()


def test_every_name_leads_to_something() -> None:
    """References are of schemas that are there, and every operation has a name of its own."""
    written = openapi.text()
    document = json.loads(written)
    schemas = document["components"]["schemas"]
    assert {one.partition('"')[0] for one in written.split('"#/components/schemas/')[1:]} <= schemas.keys()
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))


def test_what_a_handler_reads_is_what_its_route_says() -> None:
    """`read(request, Model)` is the body, `query(request, Model)` the query."""
    for function, routes in openapi.FUNCTIONS.items():
        reads = _reads(function)
        for one in routes:
            assert isinstance(one, Described)
            assert one.wire is not None
            taken = reads.get(one.name, {})
            for kind, model in (("query", one.wire.query), ("read", one.wire.body)):
                named = taken.get(kind)
                assert named is None or (model is not None and model.__name__ == named), (function, one.path)


def _reads(function: str) -> dict[str, dict[str, str]]:
    """By handler: the models that it gives to `read` and `query` itself."""
    found: dict[str, dict[str, str]] = {}
    for path in (ROOT / "functions" / function).glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef):
                found.setdefault(node.name, {}).update(_calls(node))
    return found


def _calls(handler: ast.AsyncFunctionDef) -> dict[str, str]:
    return {
        call.func.id: call.args[1].id
        for call in ast.walk(handler)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("read", "query")
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Name)
    }
