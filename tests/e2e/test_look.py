"""The built page in a real browser over the mock service: each state accessible, nothing too dear."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.e2e.conftest import CHAT_APP

pytestmark = pytest.mark.timeout(1500)


def ran(chromium: str, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a script of chat-app/e2e printed, and how it ended."""
    return subprocess.run(  # noqa: S603 - ours
        ["node", f"e2e/{script}"],  # noqa: S607 - the one on the path
        cwd=CHAT_APP,
        env={**os.environ, "CHROMIUM": chromium, **environment},
        capture_output=True,
        text=True,
        timeout=1400,
        check=False,
    )


def test_no_state_of_the_page_has_an_accessibility_violation(chromium: str) -> None:
    """Each in both themes at one of three widths; no sideways scroll, error, shift or request elsewhere."""
    ended = ran(chromium, "look.js", ONE_WIDTH="yes")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_state_was_looked_at_in_both_themes_at_three_widths() -> None:
    """The kept result of `npm run look` is of all states that there are, without a violation."""
    kept: dict[str, Any] = json.loads((CHAT_APP / "e2e" / "axe.json").read_text("utf-8"))
    listed = (
        "import('./e2e/states.js').then(({ STATES }) => console.log(STATES.map((one) => one.name).join()))"
    )
    told = subprocess.run(["node", "-e", listed], cwd=CHAT_APP, check=True, capture_output=True, text=True)  # noqa: S603, S607 - ours
    names = told.stdout.strip().split(",")
    assert kept["names"] == names
    assert (kept["violations"], kept["looks"]) == (0, 6 * len(names))


def test_the_page_keeps_to_its_budget(chromium: str) -> None:
    """Size, requests, none off the origin, no shift, no long task while 5,000 tokens stream in."""
    ended = ran(chromium, "budget.js")
    assert ended.returncode == 0, ended.stdout + ended.stderr
