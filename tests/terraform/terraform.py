"""Terraform itself, on a copy of a configuration, with a google provider that knows only its schema."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.terraform.provider.cache import schemas
from tests.terraform.provider.extract import Schema
from tests.terraform.provider.server import SchemaOnlyProvider

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIGURATION = CHECKOUT / "terraform"
_BACKEND = 'terraform {\n  backend "local" {}\n}\n'
_TYPE = re.compile(r'"?(google(?:_\w+)?)"?')


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    output: str
    error: str

    @property
    def said(self) -> str:
        """All that it printed, on one line, so that a sentence can be looked for."""
        return re.sub(r"[\s│╷╵]+", " ", self.output + self.error)


@dataclass(frozen=True)
class Terraform:
    """Runs commands, one after the other, in a process that stays."""

    commands: IO[str]
    answers: IO[str]

    def __call__(self, folder: Path, *arguments: str) -> Outcome:
        """`terraform -chdir=FOLDER ARGUMENTS`."""
        print(json.dumps([str(folder), *arguments]), file=self.commands, flush=True)
        return Outcome(**json.loads(self.answers.readline()))

    def shown(self, folder: Path, plan: str) -> dict[str, Any]:
        """A saved plan, as `terraform show -json` gives it."""
        found: dict[str, Any] = json.loads(self(folder, "show", "-json", plan).output)
        return found


@contextmanager
def terraform(configuration: Path = CONFIGURATION) -> Iterator[Terraform]:
    """Terraform with the schemas of the resources that `configuration` names."""
    provider = SchemaOnlyProvider(_named(configuration, schemas()))
    command = [sys.executable, "-m", "tests.terraform.provider.worker"]
    environment = provider.environment | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "NO_COLOR": "1"}
    try:
        with subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=CHECKOUT
        ) as process:
            assert process.stdin
            assert process.stdout
            yield Terraform(process.stdin, process.stdout)
            process.stdin.close()
            process.wait(timeout=30)
    finally:
        provider.close()


def copied(to: Path, configuration: Path = CONFIGURATION) -> Path:
    """A copy of the configuration whose state is a local file."""
    shutil.copytree(configuration, to, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    (to / "backend_override.tf").write_text(_BACKEND)
    return to


def _named(configuration: Path, known: Mapping[str, Mapping[str, Schema]]) -> dict[str, dict[str, Schema]]:
    text = "\n".join(file.read_text() for file in configuration.rglob("*.tf"))
    names = set(_TYPE.findall(text))
    return {
        kind: {name: one for name, one in found.items() if name in names} for kind, found in known.items()
    }
