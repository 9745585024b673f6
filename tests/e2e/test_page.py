"""The page in a real browser on the whole of Docent: what chat-app/e2e/journey.js does, step by step."""

import json
import os
import subprocess
from typing import Any

import pytest

from tests.e2e.conftest import CHAT_APP

pytestmark = pytest.mark.timeout(900)

KEPT = CHAT_APP / "e2e" / "traces"
"""Where a failure leaves its trace (`npx playwright-core show-trace FILE`) and its picture."""
STEPS = (
    "sign-in",
    "answer by keyboard",
    "source of Travel and Expenses Policy v4.pdf",
    "source of Employee Handbook 2025.docx",
    "source of Price List 2025.xlsx",
    "source of All Hands Q1 2025.pptx",
    "source of orders_2025_q1.csv",
    "source of customer_faq.html",
    "source of Office Guide Porto.txt",
    "source of Case 8841 thermostat.eml",
    "source of Scan Delivery Note DN-20417.png",
    "declined",
    "whole file",
    "conversations",
    "price, then progress",
    "sign-in of a partner",
    "permission denied",
    "erase me",
)


@pytest.fixture(scope="module")
def walked(stack: Any, chromium: str) -> dict[str, dict[str, Any]]:
    """What became of each step, by its name."""
    KEPT.mkdir(exist_ok=True)
    ended = subprocess.run(  # noqa: S603 - ours
        ["node", "e2e/journey.js", stack.base, str(KEPT)],  # noqa: S607 - the one on the path
        cwd=CHAT_APP,
        env={**os.environ, "CHROMIUM": chromium},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert told, ended.stderr
    return {one["step"]: one for one in told}


@pytest.mark.parametrize("step", STEPS)
def test_the_page_on_the_whole_of_docent(walked: dict[str, dict[str, Any]], step: str) -> None:
    """A person gets there with what is on the screen; a failure leaves its trace in chat-app/e2e/traces."""
    assert step in walked, f"a step before it failed: {list(walked)}"
    assert walked[step]["ok"], walked[step]["error"]
