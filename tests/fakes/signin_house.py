"""A SignIn over fakes, and a browser that goes through it."""

import pytest

from shared.errors import AppError
from shared.identity.records import Device
from shared.identity.signin import Arrival, Callback, Departure
from tests.fakes.foundation import Foundation
from tests.fakes.identity import HOME

ALICE = "1234567890"


class House(Foundation):
    """A whole sign-in over stateful fakes, and a browser's part in it."""

    def __init__(self, domains: tuple[str, ...] = ("example.com",), admins: tuple[str, ...] = ()) -> None:
        super().__init__(HOME, domains, admins)

    async def begin(self, return_to: str = "/ask", cookie: str = "") -> tuple[Departure, Callback]:
        """Leave, consent, and the callback that comes of it."""
        departure = await self.signin.begin(return_to, cookie)
        return departure, Callback(
            state=self.provider.asked[-1].state,
            code=self.provider.consent(),
            error="",
            issuer="",
            cookie=departure.cookie,
            device=Device("curl/8"),
        )

    async def sign_in(self) -> Arrival:
        """All of it."""
        return await self.signin.finish((await self.begin())[1])

    async def refused(self, callback: Callback, error: type[AppError]) -> None:
        """The callback fails with `error` and leaves no session, user or grant."""
        with pytest.raises(error):
            await self.signin.finish(callback)
        assert not self.store.sessions
        assert not self.users.users
        assert not self.kept.grants
