"""Sign-in against an independent OpenID provider: oauth2-mock-server, by addresses in settings only."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.functions.attacks.verdict import (
    ANOTHER_ACCOUNT,
    EXPIRED,
    LET_BACK,
    UNTRUSTED,
    Verdict,
    verdict_on,
)
from tests.functions.running import HOME, ROOT, Running, SignedIn, cookie_of

ALICE = {
    "sub": "johndoe",
    "email": "alice@example.com",
    "email_verified": True,
    "hd": "example.com",
    "name": "Alice",
}


class SecondProvider:
    """The provider's process; `issuer` is its address."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.issuer = self._line()
        self.order(claims=ALICE)

    def order(self, **order: Any) -> None:
        """Have the provider do something, and wait until it has."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        assert self._line() == "done"

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the provider did not start; scripts/setup installs it into chat-app/node_modules"
        return line

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["SecondProvider"]:
        """The provider, for as long as the block lasts."""
        script = Path(__file__).with_name("second_provider.js").read_text(encoding="utf-8")
        command = ["node", "--input-type=module", "--eval", script]
        with subprocess.Popen(  # noqa: S603 - ours
            command, cwd=ROOT / "chat-app", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield cls(process)
            finally:
                process.kill()


@pytest.fixture(scope="module")
def provider() -> Iterator[SecondProvider]:
    """The other provider."""
    with SecondProvider.started() as running:
        yield running


@pytest.fixture(scope="module")
def docent(provider: SecondProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Auth and another function, which know the provider by GOOGLE_ISSUER alone."""
    folder = tmp_path_factory.mktemp("docent")
    with Running(folder, ("auth", "chat"), provider.issuer).open() as running:
        yield running


@pytest.fixture(autouse=True)
def _alice(provider: SecondProvider) -> Iterator[None]:
    """After each test the provider says of everybody that they are Alice."""
    yield
    provider.order(claims=ALICE)


def attempt(docent: Running) -> tuple[str, dict[str, str], httpx.Response]:
    """Through login, the provider's page and the callback: the cookie and query it came with, its answer."""
    login = docent.visit()
    cookie = str(cookie_of(login).value)
    page = httpx.get(login.headers["location"], timeout=30, trust_env=False)
    assert page.status_code == 302, page.text
    back = httpx.URL(page.headers["location"])
    assert str(back).startswith(f"{HOME}/auth/callback?")
    query = dict(back.params)
    return cookie, query, docent.come_back(cookie, **query)


def test_a_person_signs_in_works_and_signs_out(docent: Running) -> None:
    """The whole way: discovery, PKCE, nonce, keys; known to the other function too; over once signed out."""
    cookie, query, answer = attempt(docent)
    assert (verdict_on(answer), answer.headers["location"]) == (LET_BACK, f"{HOME}/ask")
    session = SignedIn.of(answer)
    who = docent.send("auth", "/auth/user", headers=session.bearer).json()
    assert (who["subject"], who["email"], who["domain"]) == ("johndoe", "alice@example.com", "example.com")
    assert docent.send("chat", "/collections", headers=session.bearer).status_code == 200
    assert verdict_on(docent.come_back(cookie, **query)) == EXPIRED
    assert docent.send("auth", "/auth/logout", "POST", headers=session.bearer).status_code == 204
    assert docent.send("chat", "/collections", headers=session.bearer).status_code == 401


@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ({"hd": "evil.example"}, ANOTHER_ACCOUNT),
        ({"hd": None}, ANOTHER_ACCOUNT),
        ({"email_verified": False}, UNTRUSTED),
        ({"nonce": "another"}, UNTRUSTED),
        ({"aud": "another"}, UNTRUSTED),
        ({"iss": "https://evil.example"}, UNTRUSTED),
        ({"exp": 1}, UNTRUSTED),
    ],
    ids=str,
)
def test_its_word_is_checked_like_anybody_elses(
    docent: Running, provider: SecondProvider, claims: dict[str, Any], verdict: Verdict
) -> None:
    """The same refusals as with the first provider."""
    provider.order(claims={**ALICE, **claims})
    assert verdict_on(attempt(docent)[2]) == verdict


def test_it_may_change_its_keys(docent: Running, provider: SecondProvider) -> None:
    """A key that was not there a moment ago is fetched."""
    provider.order(key=True)
    assert verdict_on(attempt(docent)[2]) == LET_BACK
