"""One running set of functions for all tests that attack it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functions.running import ADMIN, Running, SignedIn


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
