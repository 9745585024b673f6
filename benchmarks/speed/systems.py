"""The systems that are measured: how each is installed, given the documents, started and asked."""

import contextlib
import json
import mimetypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.quality.rivals import plain_parts
from benchmarks.quality.sets import Document
from benchmarks.record import ROOT
from benchmarks.speed.standing import FOLDER, Standing
from local.runner.people import DEMO
from local.runner.ports import free_block
from shared.documents.extract import extract

DOCENT = "docent"
HERE = Path(__file__).parent
RIVALS = HERE / "rivals"
START_LIMIT = 120.0
_HOME = {"PATH": os.environ["PATH"], "HOME": str(FOLDER), "PYTHONUNBUFFERED": "1"}
_PASSED = ("GENAI_", "GOOGLE_", "GCE_", "CLOUDSDK_", "NO_PROXY", "NO_GCE")
"""Of the functions' environment: where the models are, and the account that asks them."""
_QUIET = {"HAYSTACK_TELEMETRY_ENABLED": "False", "SCARF_NO_ANALYTICS": "true", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True)
class System:
    """How to start one; `{port}` in a word of the command is the port that it is to listen on."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    module: str
    """What its server imports."""


@dataclass
class Server:
    """A started system, with all processes that it consists of."""

    system: System
    process: subprocess.Popen[bytes]
    port: int
    began: float = field(default_factory=time.perf_counter)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds of CPU of all its processes so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._processes())

    def memory(self) -> float:
        """Resident MB of all its processes, what they share counted once."""
        return sum(one.memory_full_info().pss for one in self._processes()) / 1e6

    def listening(self) -> bool:
        """Whether somebody accepts connections. Raises SystemExit when the process has ended."""
        if self.process.poll() is not None:
            raise SystemExit(f"{self.system.name} ended before it served; see {_log(self.system)}")
        with contextlib.closing(socket.socket()) as caller:
            return caller.connect_ex(("127.0.0.1", self.port)) == 0

    def wait(self) -> None:
        """Return when it listens."""
        while not self.listening():
            if time.perf_counter() - self.began > START_LIMIT:
                raise SystemExit(f"{self.system.name} does not listen; see {_log(self.system)}")
            time.sleep(0.002)

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]


@contextlib.contextmanager
def serving(system: System) -> Iterator[Server]:
    """A process of this system from now until the block ends."""
    port = free_block()
    words = [word.replace("{port}", str(port)) for word in system.command]
    _log(system).parent.mkdir(parents=True, exist_ok=True)
    with _log(system).open("ab") as out:
        process = subprocess.Popen(  # noqa: S603 - ours
            words, cwd=system.folder, env=dict(system.environment), stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Server(system, process, port)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def function(name: str, on: Standing) -> System:
    """One of the four functions: the framework's own command, and the packages of a deployed one."""
    command = (
        str(installed(FOLDER / "deployed", ROOT / "requirements.txt") / "functions-framework"),
        *("--source", f"functions/{name}/main.py", "--target", name),
        *("--host", "127.0.0.1", "--port", "{port}"),
    )
    return System(DOCENT if name == "chat" else name, command, on.environment, ROOT, f"functions.{name}.main")


def rivals(on: Standing, names: list[str] | None = None) -> list[System]:
    """The others, installed, with their indexes built from the same texts."""
    python = str(installed(FOLDER / "venv", HERE / "requirements.txt") / "python")
    texts = _texts()
    given = {
        **{name: on.environment[name] for name in on.environment if name.startswith(_PASSED)},
        **_HOME,
        **_QUIET,
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_VERTEX_BASE_URL": on.environment["GENAI_BASE_URL"],
        "SPEED_TEXTS": str(texts),
        "SPEED_INSTRUCTIONS": str(ROOT / "shared" / "answers" / "prompts" / "answer-v2.txt"),
    }
    found = []
    for name in RIVAL_NAMES:
        if names and name not in names:
            continue
        module = f"{name.replace('-', '')}_app"
        environment = {**given, "SPEED_INDEX": str(FOLDER / "indexes" / name)}
        if not (FOLDER / "indexes" / name).exists():
            print(f"building the index of {name}", flush=True)
            subprocess.run([python, f"{module}.py"], cwd=RIVALS, env=environment, check=True, timeout=600)  # noqa: S603
        server = ("uvicorn", f"{module}:app", "--port", "{port}", "--log-level", "warning")
        if name == "predecessor":
            bind = ("--bind", "127.0.0.1:{port}", "--log-level", "warning")
            server = ("gunicorn", "--worker-class", "gthread", "--threads", "80", *bind, f"{module}:app")
        command = (python, "-m", *server)
        found.append(System(name, command, environment, RIVALS, module))
    return found


RIVAL_NAMES = ("langchain", "llamaindex", "haystack", "predecessor")


def installed(venv: Path, requirements: Path) -> Path:
    """The folder of programs of an environment that holds just these packages."""
    wanted, stamp = requirements.read_text(encoding="utf-8"), venv / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return venv / "bin"
    print(f"installing {requirements.relative_to(ROOT)}", flush=True)
    # copied: NLTK, which LlamaIndex splits with, reads no file that is linked elsewhere
    how = ["--python", str(venv / "bin" / "python"), "--compile-bytecode", "--link-mode", "copy"]
    target = [*how, "-r", str(requirements)]
    for command in (["venv", "--quiet", "--clear", str(venv)], ["pip", "install", "--quiet", *target]):
        subprocess.run([sys.executable, "-m", "uv", *command], check=True, timeout=1800)  # noqa: S603 - ours
    stamp.write_text(wanted, encoding="utf-8")
    return venv / "bin"


def sample() -> list[Document]:
    """The sample's files as the product's own extraction reads them; a picture only Docent can read."""
    paths = [one for one in sorted((DEMO / "files").iterdir()) if one.suffix != ".png"]
    kinds = [mimetypes.guess_type(one.name)[0] or "" for one in paths]
    return [
        Document(one.name, one.name, extract(one, kind, one.name))
        for one, kind in zip(paths, kinds, strict=True)
    ]


def _texts() -> Path:
    """The texts of the sample's files, for the rivals."""
    rows = [(one.name, text) for one in sample() for text, _ in plain_parts(one)]
    place = FOLDER / "texts.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return place


def _log(system: System) -> Path:
    return FOLDER / "logs" / f"{system.name}.log"
