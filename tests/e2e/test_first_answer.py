"""What a function that was just started imports until it has answered once."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.runner.ports import free_block
from tests.e2e.conftest import CHECKOUT

pytestmark = pytest.mark.timeout(300)

FORBIDDEN = (
    "firebase_admin",
    "google.api_core.gapic_v1",
    "google.cloud.aiplatform_v1",
    "google.cloud.firestore",
    "google.cloud.firestore_v1",
    "google.cloud.secretmanager_v1",
    "google.cloud.storage",
    "google.cloud.tasks_v2",
    "google.genai",
    "googleapiclient",
    "lxml",
    "pkg_resources",
    "proto",
    "pypdfium2",
    "requests",
    "urllib3",
    "websockets",
)
"""Packages that no first answer needs, some of which take longer than all that is Docent's own."""
IMPORTED = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


@contextmanager
def served(stack: Any, function: str, printed: Path) -> Iterator[str]:
    """The address of a second instance of a function, as deployed; it prints what it imports."""
    environment = psutil.Process(stack.about()["processes"][function]).environ()
    port = free_block()
    command = [
        str(Path(sys.executable).with_name("functions-framework")),
        *("--source", f"functions/{function}/main.py", "--target", function),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]
    with printed.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - ours
            command, cwd=CHECKOUT, stdout=out, stderr=out, start_new_session=True,
            env={**environment, "PYTHONPROFILEIMPORTTIME": "1"},
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def answered(address: str, path: str, token: str) -> httpx.Response:
    """The answer to a person's first request, or question, as soon as somebody listens."""
    end, headers = time.monotonic() + 120, {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
        while True:
            try:
                if path == "/chat":
                    return client.post(path, json={"message": "What are the core hours?"})
                return client.get(path)
            except httpx.ConnectError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)


@pytest.mark.parametrize(
    ("function", "paths"),
    [("chat", ["/chat"]), ("auth", ["/auth/user", "/auth/login", "/auth/jwks"]), ("health", ["/health"])],
)
def test_a_first_answer_needs_no_client_of_googles(
    stack: Any, tmp_path: Path, function: str, paths: list[str]
) -> None:
    """Of Google's packages only what signs in and carries calls: the others double a cold start."""
    printed = tmp_path / "printed"
    with served(stack, function, printed) as address:
        token = stack.token("alice@example.com")
        for path in paths:
            answer = answered(address, path, token)
            assert answer.status_code in (200, 303), answer.text
    imported = set(IMPORTED.findall(printed.read_text(encoding="utf-8", errors="replace")))
    assert f"functions.{function}.wiring" in imported
    assert "grpc.aio" in imported, "nothing was asked of Firestore"
    assert not sorted(one for one in FORBIDDEN if any(f"{name}.".startswith(f"{one}.") for name in imported))
