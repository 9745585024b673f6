"""The auth function over fakes, with a browser in front of it."""

from http.cookies import SimpleCookie
from typing import Any

import httpx

from functions.auth.routes import ROUTES
from functions.auth.wiring import Services, build_guard
from shared.identity.doctor import Doctor, Setup
from shared.identity.firebase import FirebaseSignIn
from shared.identity.people import People
from shared.settings import WebSettings
from shared.web.app import make_app
from tests.fakes.firebase import FakeFirebase
from tests.fakes.foundation import Foundation
from tests.fakes.identity import CLIENT_ID, HOME, session


class House(Foundation):
    """Auth's services over fakes, and a browser in front of them."""

    def __init__(self, home: str = HOME, domains: tuple[str, ...] = ("example.com",)) -> None:
        super().__init__(home, domains)
        self.firebase = FakeFirebase(self.clock)
        setup = Setup(home, f"{home}/auth/callback", CLIENT_ID, domains, 0, (home,))
        doctor = Doctor(setup, self.provider, self.keys, self.grants, self.store, self.trail, self.erasure)
        self.services = Services(
            signin=self.signin,
            firebase=FirebaseSignIn(self.firebase, self.reception, clock=self.clock),
            sessions=self.sessions,
            verifier=self.verifier,
            keys=self.keys,
            grants=self.grants,
            people=People(self.users, self.sessions, self.trail),
            erasure=self.erasure,
            stores=self.stores,
            doctor=doctor,
            trail=self.trail,
            web=WebSettings(),
            home=home,
        )
        self.browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(make_app(ROUTES, self.services, build_guard(self.services))),
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
