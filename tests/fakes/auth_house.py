"""The auth function over fakes, with a browser in front of it."""

from http.cookies import SimpleCookie
from typing import Any

import httpx

from functions.auth.routes import ROUTES
from functions.auth.wiring import Services, build_guard
from shared.identity.admission import Admission
from shared.identity.grants import DriveGrants
from shared.identity.keyring import SigningKeys
from shared.identity.sealing import Sealer
from shared.identity.sessions import Sessions, SessionVerifier
from shared.identity.signin import SignIn
from shared.identity.tokens import TokenSigner, TokenVerifier
from shared.web.app import make_app
from tests.fakes.identity import (
    HOME,
    FakeGrants,
    FakeLoginStates,
    FakeProvider,
    FakeSecrets,
    FakeSessions,
    FakeUsers,
    Ticker,
    sealing_secret,
    session,
    signing_secret,
)


class House:
    """Auth's services over fakes, and a browser in front of them."""

    def __init__(self, home: str = HOME, domains: tuple[str, ...] = ("example.com",)) -> None:
        self.clock, self.store = Ticker(), FakeSessions()
        self.secrets = FakeSecrets(signing=signing_secret("k1"), sealing=sealing_secret("a"))
        self.provider = FakeProvider(self.clock)
        keys = SigningKeys(self.secrets, "signing")
        self.signer = TokenSigner(keys, home, self.clock)
        verifier = SessionVerifier(keys, self.store, home, self.clock)
        sessions = Sessions(self.store, self.signer, 3600, 30 * 86400, self.clock)
        signin = SignIn(
            provider=self.provider,
            states=FakeLoginStates(),
            users=FakeUsers(),
            sessions=sessions,
            grants=DriveGrants(FakeGrants(), Sealer(self.secrets, "sealing"), self.provider, self.clock),
            admission=Admission(domains, ()),
            signer=self.signer,
            verifier=TokenVerifier(keys, home, self.clock),
            clock=self.clock,
        )
        services = Services(signin, sessions, verifier, keys, home)
        self.browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(ROUTES, services, build_guard(services))),
            base_url=home,
            headers={"sec-fetch-site": "same-origin"},
        )

    async def leave(self, return_to: str = "/ask") -> str:
        """Go to Google's page and consent; returns the code."""
        answer = await self.browser.get("/auth/login", params={"return_to": return_to})
        assert answer.status_code == 303, answer.text
        return self.provider.consent()

    async def come_back(self, code: str, **parameters: str) -> httpx.Response:
        """The callback."""
        state = self.provider.asked[-1].state
        return await self.browser.get("/auth/callback", params={"state": state, "code": code, **parameters})

    async def sign_in(self) -> httpx.Response:
        """All of it."""
        return await self.come_back(await self.leave())

    async def token(self, **values: Any) -> str:
        """A bearer token for a session that is put into the store."""
        entry = session(**values)
        self.store.sessions[entry.id] = entry
        return await self.signer.access(entry.subject, entry.id, 3600)


def access_token_of(answer: httpx.Response) -> str:
    """The access token in the cookie that an answer sets."""
    return str(cookie_of(answer).value).partition("~")[0]


def cookie_of(answer: httpx.Response) -> Any:
    """The attributes of the cookie that an answer sets."""
    return SimpleCookie(answer.headers["set-cookie"])["__session"]
