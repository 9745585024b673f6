"""Documents that attack the page: read in, asked for, told by a model that obeys them, and shown."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHAT_APP, Stack

pytestmark = pytest.mark.timeout(900)

QUESTION = "Where is the Zephyr kettle repaired?"
NAME = "Zephyr <img src=x onerror=alert(1)> [x](javascript:alert(1)).txt"
MODEL = {"LOCAL_MODEL_ANSWERS": "obedient", "LOCAL_TOKEN_DELAY": "0.03"}
FOLDER = "Service <b>"
PLANTED = Path(__file__).parent / "hostile"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[dict[str, Any]]:
    """What the page showed of them, and did."""
    drive = tmp_path_factory.mktemp("drive")
    shutil.copy(PLANTED / "warranty.txt", drive / NAME)
    (drive / FOLDER).mkdir()
    shutil.copy(PLANTED / "service.html", drive / FOLDER / "Zephyr service.html")
    stack = Stack(tmp_path_factory.mktemp("state"), drive, environment=MODEL)
    stack.start()
    try:
        yield walked(stack, chromium)
    finally:
        stack.stop()


def walked(stack: Stack, chromium: str) -> dict[str, Any]:
    """What e2e/hostile.js saw."""
    ended = subprocess.run(  # noqa: S603 - ours
        ["node", "e2e/hostile.js", stack.base, QUESTION, "Zephyr", FOLDER],  # noqa: S607 - the one on the path
        cwd=CHAT_APP,
        env={**stack.environment, "CHROMIUM": chromium},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_nothing_leaves_the_origin_and_nothing_runs(seen: dict[str, Any]) -> None:
    """No request elsewhere, no dialog, no script, no image, frame or link of a document's, in any place."""
    assert seen["deeds"] == []


def test_what_a_document_says_is_text(seen: dict[str, Any]) -> None:
    """The source beside the answer shows the markup as it is written, and so does the tree with the name."""
    assert "<script>window.pwned = 1</script>" in seen["passage"]
    assert "![pixel](https://evil.example/p.png" in seen["passage"]
    assert NAME in seen["names"]
    assert "Zephyr service.html" in seen["names"]


def test_the_answer_is_the_answer_and_cites_what_there_is(seen: dict[str, Any]) -> None:
    """The fact is there, and the lie; of the forged numbers none can be pressed; no address is passed on."""
    assert "repaired in Porto" in seen["answer"]
    assert "99 years" in seen["answer"], "the model obeyed, so that there was something to defend against"
    assert seen["cited"]
    assert all(1 <= int(number) <= seen["sources"] for number in seen["cited"])
    assert "evil.example" not in seen["answer"]


def test_no_suggestion_carries_an_order(seen: dict[str, Any]) -> None:
    """What is suggested is a question in words."""
    assert seen["suggested"]
    assert not [one for one in seen["suggested"] if "evil.example" in one or "<img" in one.split("\n")[0]]


def test_an_answer_from_one_folder_names_nothing_outside_of_it(seen: dict[str, Any]) -> None:
    """The folder was chosen by name in the dialog; the file beside it is no source."""
    assert seen["inFolder"]
    assert all("Zephyr service.html" in one for one in seen["inFolder"])


def test_text_is_there_before_the_answer_is_complete(seen: dict[str, Any]) -> None:
    """The answer grows on the screen, in several steps."""
    lengths = seen["lengths"]
    assert [one for one in lengths if 0 < one < lengths[-1]], lengths
