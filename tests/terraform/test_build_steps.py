"""The steps of cloudbuild.yaml, run: with programs that note what they are told in place of their images'."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.terraform.terraform import CHECKOUT

BUILD = yaml.safe_load((CHECKOUT / "cloudbuild.yaml").read_text())
STEPS = {one["id"]: one["args"][-1] for one in BUILD["steps"]}
VALUES = {
    "PROJECT_ID": "docent-check",
    "COMMIT_SHA": "c0ffee",
    "_PREFIX": "docent",
    "_PROFILE": "economy",
    "_REGION": "us-central1",
}
PROGRAM = """#!{python}
import os, pathlib, sys
folder = pathlib.Path(os.environ["NOTED"])
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(" ".join([name, *words]) + "\\n")
if "describe" in words and "docent-health" not in words:
    print(words[words.index("describe") + 1] + "-00007")
elif "describe" in words:
    sys.exit(1)
if words[:2] == ["output", "-raw"]:
    print("https://docent.example.com/health", end="")
if words[:2] == ["output", "-json"]:
    print((folder / "firebase").read_text(), end="")
sys.exit(22 if name == "curl" and (folder / "silent").exists() else 0)
"""


@dataclass
class Build:
    """A workspace in which steps run one after the other, as in one build."""

    folder: Path
    mode: str

    def run(self, *steps: str) -> int:
        """The exit code of the first step that fails, or 0."""
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        for step in steps:
            ended = subprocess.run(  # noqa: S603 - our own file
                ["bash", "-euc", self._words(step)],  # noqa: S607 - whichever bash is there
                cwd=self.folder,
                env={**os.environ, "PATH": path, "NOTED": str(self.folder)},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            if ended.returncode:
                return ended.returncode
        return 0

    def calls(self, program: str) -> list[str]:
        """What a program was told, in order."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        return [one.partition(" ")[2] for one in lines if one.startswith(f"{program} ")]

    def _words(self, step: str) -> str:
        """A step's script as Cloud Build hands it on: substitutions made, two dollars one."""
        values = {**VALUES, "_MODE": self.mode}
        words = re.sub(r"(?<!\$)\$(\w+)", lambda one: values.get(one[1], one[0]), STEPS[step])
        return words.replace("$$", "$").replace("/workspace", str(self.folder))


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A build that applies, behind Firebase Hosting."""
    for name in ("gcloud", "terraform", "curl", "npx"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
    (tmp_path / "terraform").mkdir()
    (tmp_path / "firebase").write_text('"{\\"hosting\\": {}}"')
    return Build(tmp_path, "apply")


def test_what_answers_stays(build: Build) -> None:
    """Applied, published, asked: no traffic is moved."""
    assert build.run("note", "apply", "publish", "smoke", "rollback") == 0
    assert build.calls("terraform")[0] == "apply -input=false -lock-timeout=5m plan.tfplan"
    assert (build.folder / "firebase.json").read_text() == '{"hosting": {}}'
    assert build.calls("npx") == ["--yes firebase-tools@14 deploy --only hosting --project docent-check"]
    assert build.calls("curl")[0].endswith("https://docent.example.com/health")
    assert not [one for one in build.calls("gcloud") if "update-traffic" in one]


def test_what_does_not_answer_goes_back(build: Build) -> None:
    """Traffic returns to each revision that was noted before, and the build fails."""
    (build.folder / "silent").touch()
    assert build.run("note", "apply", "publish", "smoke") == 0
    assert build.run("rollback") == 1
    moved = [one for one in build.calls("gcloud") if "update-traffic" in one]
    assert moved == [
        f"run services update-traffic docent-{name} --region us-central1 "
        f"--to-revisions docent-{name}-00007=100"
        for name in ("auth", "chat", "ingest")
    ], "health had no revision to go back to"


def test_behind_a_load_balancer_nothing_is_published(build: Build) -> None:
    """Terraform has put the page into its bucket."""
    (build.folder / "firebase").write_text("null")
    assert build.run("apply", "publish") == 0
    assert not build.calls("npx")


def test_a_push_changes_nothing(build: Build) -> None:
    """In the mode that plans, no step touches what runs."""
    build.mode = "plan"
    assert build.run("note", "apply", "publish", "smoke", "rollback") == 0
    assert not (build.folder / "calls").exists()


def test_a_test_that_fails_keeps_its_traces_and_ends_the_build(build: Build) -> None:
    """What the browser left goes to the bucket of plans; without a failure the step does nothing."""
    build.mode = "plan"
    (build.folder / "chat-app/e2e/traces").mkdir(parents=True)
    assert build.run("traces") == 0
    (build.folder / "test.failed").touch()
    assert build.run("traces") == 1
    assert build.calls("gcloud") == [
        "storage cp --recursive chat-app/e2e/traces gs://docent-check-docent-state/traces/c0ffee/"
    ]
