"""A SignIn over fakes, and a browser that goes through it."""

import pytest

from shared.errors import AppError
from shared.identity.admission import Admission
from shared.identity.grants import DriveGrants
from shared.identity.keyring import SigningKeys
from shared.identity.sealing import Sealer
from shared.identity.sessions import Sessions, SessionVerifier
from shared.identity.signin import Arrival, Callback, Departure, SignIn
from shared.identity.tokens import TokenSigner, TokenVerifier
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
    signing_secret,
)

ALICE = "1234567890"


class House:
    """A whole sign-in over stateful fakes, and a browser's part in it."""

    def __init__(self, domains: tuple[str, ...] = ("example.com",), admins: tuple[str, ...] = ()) -> None:
        self.clock = Ticker()
        self.secrets = FakeSecrets(signing=signing_secret("k1"), sealing=sealing_secret("a"))
        self.states, self.users, self.store = FakeLoginStates(), FakeUsers(), FakeSessions()
        self.kept, self.provider = FakeGrants(), FakeProvider(self.clock)
        keys = SigningKeys(self.secrets, "signing")
        signer = TokenSigner(keys, HOME, self.clock)
        self.verifier = SessionVerifier(keys, self.store, HOME, self.clock)
        self.grants = DriveGrants(self.kept, Sealer(self.secrets, "sealing"), self.provider, self.clock)
        self.signin = SignIn(
            provider=self.provider,
            states=self.states,
            users=self.users,
            sessions=Sessions(self.store, signer, 3600, 30 * 86400, self.clock),
            grants=self.grants,
            admission=Admission(domains, admins),
            signer=signer,
            verifier=TokenVerifier(keys, HOME, self.clock),
            clock=self.clock,
        )

    async def begin(self, return_to: str = "/ask", cookie: str = "") -> tuple[Departure, Callback]:
        """Leave, consent, and the callback that comes of it."""
        departure = await self.signin.begin(return_to, cookie)
        return departure, Callback(
            state=self.provider.asked[-1].state,
            code=self.provider.consent(),
            error="",
            issuer="",
            cookie=departure.cookie,
            user_agent="curl/8",
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
