"""The built page in a real browser over the mock service: each state accessible, nothing too dear."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.e2e.conftest import CHAT_APP

pytestmark = pytest.mark.timeout(1500)


def ran(chromium: str, script: str) -> subprocess.CompletedProcess[str]:
    """What a script of chat-app/e2e printed, and how it ended."""
    return subprocess.run(  # noqa: S603 - ours
        ["node", f"e2e/{script}"],  # noqa: S607 - the one on the path
        cwd=CHAT_APP,
        env={**os.environ, "CHROMIUM": chromium},
        capture_output=True,
        text=True,
        timeout=1400,
        check=False,
    )


def test_no_state_of_the_page_has_an_accessibility_violation(chromium: str) -> None:
    """Both themes, three widths; no sideways scroll, error, shift or request elsewhere; see axe.json."""
    ended = ran(chromium, "look.js")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found: dict[str, Any] = json.loads((CHAT_APP / "e2e" / "axe.json").read_text("utf-8"))
    assert found["violations"] == 0
    assert found["looks"] == found["states"] * 6


def test_the_page_keeps_to_its_budget(chromium: str) -> None:
    """Size, requests, none off the origin, no shift, no long task while 5,000 tokens stream in."""
    ended = ran(chromium, "budget.js")
    assert ended.returncode == 0, ended.stdout + ended.stderr
