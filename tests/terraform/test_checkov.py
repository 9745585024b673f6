"""checkov, which knows what is unwise on Google Cloud, finds nothing that is not answered beside it."""

import fcntl
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.terraform import CONFIGURATION

pytestmark = pytest.mark.timeout(900)

_PINNED = Path(__file__).with_name("checkov.txt")
_HOME = Path(sys.prefix) / "share" / "docent" / "checkov"
_SKIP = re.compile(r"# checkov:skip=(\w+): (\S.*)")


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own words
        words, capture_output=True, text=True, timeout=600, check=False, env=os.environ | environment
    )


def _installed() -> Path:
    """The program, in an environment of its own: it pins 72 packages, and some that ours has newer."""
    _HOME.mkdir(parents=True, exist_ok=True)
    stamp, pinned = _HOME / "stamp", _PINNED.read_text()
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != pinned:
            made = _run(sys.executable, "-m", "venv", "--clear", str(_HOME / "venv"))
            assert made.returncode == 0, made.stderr
            python = str(_HOME / "venv" / "bin" / "python")
            uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
            done = _run(*uv, "--requirement", str(_PINNED))
            assert done.returncode == 0, done.stderr
            stamp.write_text(pinned)
    return _HOME / "venv" / "bin" / "checkov"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """What checkov says of the configuration, offline."""
    words = [
        "--directory",
        str(CONFIGURATION),
        "--framework",
        "terraform",
        "--output",
        "json",
        "--skip-download",
    ]
    ended = _run(str(_installed()), *words, LOG_LEVEL="ERROR")
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_nothing_is_failed(report: dict[str, Any]) -> None:
    """No check fails, and the files could all be read."""
    failed = [
        f"{one['check_id']} {one['resource']}: {one['check_name']}"
        for one in report["results"]["failed_checks"]
    ]
    assert not failed
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] >= 25


def test_every_exception_has_its_reason_and_its_use(report: dict[str, Any]) -> None:
    """Each skipped check says why in a sentence, and none is skipped that would not fail."""
    written = {
        (file.name, check)
        for file in CONFIGURATION.glob("*.tf")
        for check, reason in _SKIP.findall(file.read_text())
        if len(reason) > 20
    }
    skipped = {(Path(one["file_path"]).name, one["check_id"]) for one in report["results"]["skipped_checks"]}
    assert written == skipped
