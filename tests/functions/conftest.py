"""One running set of functions for all tests that attack it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.wire import check
from tests.functions.running import ADMIN, Running, SignedIn


@pytest.fixture(autouse=True)
def answers_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer that a test gets is what docs/openapi.json says of its route."""
    send, asend = httpx.Client.send, httpx.AsyncClient.send

    def sent(client: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        answer = send(client, request, **more)
        if answer.is_closed:
            check(answer)
        return answer

    async def sent_async(client: httpx.AsyncClient, request: httpx.Request, **more: Any) -> httpx.Response:
        answer = await asend(client, request, **more)
        if answer.is_closed:
            check(answer)
        return answer

    monkeypatch.setattr(httpx.Client, "send", sent)
    monkeypatch.setattr(httpx.AsyncClient, "send", sent_async)


@pytest.fixture(scope="session")
def docent() -> Iterator[Running]:
    """Docent's four functions, started once."""
    with tempfile.TemporaryDirectory(prefix="docent-") as folder, Running(Path(folder)).open() as running:
        yield running


@pytest.fixture(scope="session")
def admin(docent: Running) -> SignedIn:
    """An administrator's session."""
    return docent.sign_in(ADMIN)


@pytest.fixture
def alice(docent: Running) -> SignedIn:
    """A new session of a person who may do nothing special."""
    return docent.sign_in()
