"""scripts/backup and scripts/verify-deployment learn from Terraform's state how a project is set up."""

import json
import os
import sys
from pathlib import Path

import pytest

from scripts.recovery import __main__ as recovery

PROJECT = "docent-check"
PROGRAM = """#!{python}
import os, pathlib, sys
folder = pathlib.Path(os.environ["NOTED"])
with (folder / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "output":
    print((folder / "outputs.json").read_text())
if (folder / "fails").exists():
    print("Backend initialization required", file=sys.stderr)
    sys.exit(1)
"""


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a terraform that shows one project's outputs and notes what it is told."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    told = {"GOOGLE_CLOUD_PROJECT": PROJECT, "SEARCH_BACKEND": "firestore"}
    outputs = {"project": {"value": PROJECT}, "environment": {"value": {"ingest": told}}}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTED", str(tmp_path))
    monkeypatch.setattr(recovery, "TERRAFORM", tmp_path)
    return tmp_path


def test_the_state_says_how_a_project_is_set_up(terraform: Path) -> None:
    """The settings of its ingest function, out of the project's own state."""
    assert recovery.deployed(PROJECT, "docent")["SEARCH_BACKEND"] == "firestore"
    assert f"-backend-config=bucket={PROJECT}-docent-state" in (terraform / "calls").read_text()


def test_a_project_without_docent_is_a_sentence(terraform: Path) -> None:
    """Another project's state, or none: a sentence that says what comes first, and no traceback."""
    with pytest.raises(recovery.Unknown, match="make deploy comes first"):
        recovery.deployed("docent-other", "docent")
    (terraform / "fails").touch()
    with pytest.raises(recovery.Unknown, match="Backend initialization required"):
        recovery.deployed(PROJECT, "docent")


def test_settings_go_with_a_backup_and_secrets_do_not(terraform: Path) -> None:
    """The files that say how a project is set up, as far as they are there; none of them holds a secret."""
    (terraform / "docent.tfvars").write_text('domain = "docent.example.com"\n')
    (terraform / "secret.tfvars").write_text("x")
    assert recovery._settings() == {"docent.tfvars": 'domain = "docent.example.com"\n'}
