"""The rules of the rooms, held by reading the code."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("functions", "shared", "local")
DEMO = ROOT / "local" / "demo"  # data and what made it
FILES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if not path.is_relative_to(DEMO)
)
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
FUNCTIONS = ("auth", "chat", "health", "ingest")


def functions_in(path: Path) -> list[tuple[str, int]]:
    """Name and length in lines of every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_files_are_short_and_well_named() -> None:
    """At most 400 lines, and no drawer for odds and ends."""
    long = [
        path
        for path in [*FILES, *(ROOT / "tests").rglob("*.py")]
        if len(path.read_text(encoding="utf-8").splitlines()) > 400
    ]
    assert not long
    assert not [path for path in FILES if path.stem in FORBIDDEN_NAMES]


def test_functions_are_short() -> None:
    """Nine of ten functions have at most 35 lines, in each room."""
    for room in ROOMS:
        lengths = [
            length for path in FILES if path.is_relative_to(ROOT / room) for _, length in functions_in(path)
        ]
        assert statistics.quantiles(lengths, n=10)[-1] <= 35, room


def test_package_files_hold_no_code() -> None:
    """An __init__.py is a docstring."""
    for path in FILES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) <= 1, path
            assert all(isinstance(node, ast.Expr) for node in body), path


def test_the_environment_is_read_in_one_place() -> None:
    """In what is deployed, only shared/settings.py looks at os.environ."""
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if not path.is_relative_to(ROOT / "local")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    }
    assert readers == {"shared/settings.py"}


def test_a_call_of_firestore_names_how_long_it_is_tried() -> None:
    """A limit for one attempt bounds nothing by itself: the client goes on trying for minutes."""
    calls = [
        (path.name, node.lineno, {one.arg for one in node.keywords})
        for path in FILES
        if path.parent.name == "gcp" and path.name.startswith("firestore_")
        if path.name != "firestore_calls.py"  # speaks gRPC, which tries once
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    assert [(name, line) for name, line, given in calls if "timeout" in given and "retry" not in given] == []


def test_only_wiring_makes_adapters() -> None:
    """Outside shared/gcp, nothing but a function's wiring imports it."""
    importers = {
        path.name
        for path in FILES
        if path.is_relative_to(ROOT / "functions")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shared.gcp")
    }
    assert importers == {"wiring.py"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_only_what_it_uses(function: str) -> None:
    """Without an environment: no heavy SDK is loaded, nothing connects, and the collector lets it be."""
    forbidden = [
        "docx",
        "firebase_admin",
        "google.cloud.aiplatform",
        "google.cloud.aiplatform_v1",
        "google.cloud.firestore_v1",
        "google.cloud.secretmanager_v1",
        "google.cloud.storage",
        "google.cloud.tasks_v2",
        "google.genai",
        "lxml",
        "openpyxl",
        "pptx",
        "pypdfium2",
        "requests",
        "websockets",
    ]
    others = [f"functions.{other}" for other in FUNCTIONS if other != function]
    if function != "ingest":
        forbidden += ["googleapiclient", "shared.documents", "urllib3"]
    if function in ("auth", "health"):
        forbidden += ["shared.answers", "shared.search"]
    if function != "chat":
        forbidden += ["Stemmer"]
    code = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('connects at import')\n"
        "socket.socket.connect = refuse\n"
        f"import functions.{function}.main\n"
        "import gc; assert gc.get_freeze_count() > len(gc.get_objects()), 'nothing is frozen'\n"
        "print('\\n'.join(sys.modules))"
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(ran.stdout.split())
    assert not [name for name in [*forbidden, *others] if name in loaded]


def test_every_service_error_has_a_status_and_a_name_of_its_own() -> None:
    """Each AppError has an HTTP status and a stable code; no two share a code, subclasses apart."""
    from shared.errors import AppError

    def below(kind: type[AppError]) -> list[type[AppError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    kinds = [kind for kind in below(AppError) if kind.__module__ == "shared.errors"]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(400 <= kind.status < 600 for kind in kinds)


def test_our_code_meets_only_declared_indexes() -> None:
    """Each Firestore under a test of our code refuses a query whose index is not declared."""
    for path in (ROOT / "tests").rglob("*.py"):
        if path.is_relative_to(ROOT / "tests" / "local"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "FirestoreServer":
                given = ast.unparse(node)
                known = "firestore_indexes" in given or "declared(" in given or "self._store" in given
                assert known, f"{path.relative_to(ROOT)}:{node.lineno}: {given}"
