"""Every secret is replaced while people work: nobody notices."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fakes.identity import sealing_secret, signing_secret
from tests.functions.running import CLIENT_SECRET, COOKIE, FUNCTIONS, HOME, Running, SignedIn, cookie_of

RATE = 50
"""Requests begun a second, whether or not earlier ones were answered."""
LEAST = 200
LONGEST = 60.0
NEW_CLIENT_SECRET = "GOCSPX-" + "n" * 28


def kid_of(token: str) -> str:
    """The id of the key that a token names."""
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


@dataclass
class Crowd:
    """People who sign in, renew and work, fifty requests a second."""

    docent: Running
    http: httpx.AsyncClient
    sessions: list[SignedIn]
    chains: list[SignedIn]
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Ids of the keys that new tokens were signed with."""

    async def flow(self, over: Callable[[], bool]) -> None:
        """Begin a request every fiftieth of a second until `over`, then wait for the answers."""
        loop, begun = asyncio.get_running_loop(), []
        start = loop.time()
        for number in count():
            await asyncio.sleep(max(0.0, start + number / RATE - loop.time()))
            if over() and number >= LEAST:
                break
            assert loop.time() < start + LONGEST
            begun.append(asyncio.create_task(self._noted(number)))
        await asyncio.gather(*begun)

    async def _noted(self, number: int) -> None:
        kinds: dict[int, Callable[[int], Awaitable[None]]] = {0: self._sign_in, 5: self._renew}
        kind = kinds.get(number % 10, self._work)
        try:
            await kind(number)
        except (AssertionError, httpx.HTTPError) as error:
            self.failures.append(f"{number} {kind.__name__}: {error!r}")
        self.outcomes[kind.__name__] += 1

    async def _work(self, number: int) -> None:
        name, path = list(FUNCTIONS.items())[number % 4]
        session = self.sessions[number % len(self.sessions)]
        answer = await self.http.get(self.docent.addresses[name] + path, headers=session.bearer)
        assert answer.status_code in (200, 403), answer.text

    async def _renew(self, number: int) -> None:
        chain = number // 10 % len(self.chains)
        headers = {"origin": HOME, **self.chains[chain].cookie}
        answer = await self.http.post(f"{self.docent.addresses['auth']}/auth/refresh", headers=headers)
        assert answer.status_code == 204, answer.text
        self.chains[chain] = SignedIn.of(answer)
        self.seen.add(kid_of(self.chains[chain].access))

    async def _sign_in(self, number: int) -> None:
        address = self.docent.addresses["auth"]
        login = await self.http.get(f"{address}/auth/login")
        assert login.status_code == 303, login.text
        location = login.headers["location"]
        query = {
            "state": parse_qs(urlsplit(location).query)["state"][0],
            "code": self.docent.provider.consent(location, sub=f"9{number}"),
        }
        headers = {"cookie": f"{COOKIE}={cookie_of(login).value}"}
        answer = await self.http.get(f"{address}/auth/callback", params=query, headers=headers)
        assert answer.status_code == 303, answer.text
        self.sessions.append(SignedIn.of(answer))
        self.seen.add(kid_of(self.sessions[-1].access))


@pytest.fixture
def rotated(docent: Running) -> Iterator[Callable[[], Awaitable[None]]]:
    """A step that replaces all four secrets, one after the other; undone in the end."""

    async def rotate() -> None:
        docent.provider.client_secrets.add(NEW_CLIENT_SECRET)
        for name, value in (
            ("session-signing-keys", signing_secret("k2", "k1")),
            ("sealing-keys", sealing_secret("b", "a")),
            ("audit-keys", sealing_secret("newer", "audit")),
            ("oauth-client-secret", NEW_CLIENT_SECRET),
        ):
            await asyncio.to_thread(docent.keep, name, value)
            await asyncio.sleep(0.3)

    yield rotate
    docent.keep("session-signing-keys", signing_secret("k1", "k2"))
    docent.keep("sealing-keys", sealing_secret("a", "b"))
    docent.keep("audit-keys", sealing_secret("audit", "newer"))
    docent.keep("oauth-client-secret", CLIENT_SECRET)


async def test_rotating_every_secret_fails_no_request(
    docent: Running, admin: SignedIn, rotated: Callable[[], Awaitable[None]]
) -> None:
    """Of fifty a second over all functions none fails; old tokens live on, new ones come from the new key."""
    old = [await asyncio.to_thread(docent.sign_in) for _ in range(3)]
    chains = [await asyncio.to_thread(docent.sign_in) for _ in range(5)]
    # A connection for each request: one that is kept may be closed by its server at that very moment.
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as http:
        crowd = Crowd(docent, http, [admin, *old], chains)
        rotation = asyncio.create_task(_after(1.0, rotated))
        await crowd.flow(lambda: rotation.done() and "k2" in crowd.seen)
        await rotation
    assert not crowd.failures
    assert crowd.seen == {"k1", "k2"}
    assert min(crowd.outcomes.values()) >= LEAST // 10
    await asyncio.to_thread(_old_tokens_end_when_they_are_revoked, docent, old)


async def _after(seconds: float, step: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(seconds)
    await step()


def _old_tokens_end_when_they_are_revoked(docent: Running, old: list[SignedIn]) -> None:
    """A session of before the rotation works everywhere, is renewed by the new key, and can be ended."""
    for session in old:
        assert kid_of(session.access) == "k1"
        assert docent.send("chat", "/collections", headers=session.bearer).status_code == 200
        answer = docent.send("auth", "/auth/refresh", "POST", json={"refresh_token": session.refresh})
        renewed = answer.json()["access_token"]
        assert kid_of(renewed) == "k2"
        assert docent.send("auth", "/auth/logout", "POST", headers=session.bearer).status_code == 204
        for token in (session.access, renewed):
            headers = {"authorization": f"Bearer {token}"}
            assert docent.send("chat", "/collections", headers=headers).status_code == 401
