"""Reception and erasure over fakes: what the houses of the sign-in tests are built on."""

from shared.identity.admission import Admission
from shared.identity.audit import Trail
from shared.identity.erasure import Erasure, GrantErasure
from shared.identity.grants import DriveGrants
from shared.identity.interfaces import PersonalStore
from shared.identity.keyring import SigningKeys
from shared.identity.reception import Reception
from shared.identity.sealing import Sealer
from shared.identity.sessions import Sessions, SessionVerifier
from shared.identity.signin import SignIn
from shared.identity.tokens import TokenSigner, TokenVerifier
from tests.fakes.audit import FakeAudit, FakeOwned, FakePersonal, FakeReceipts
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


class Foundation:
    """Identity's services over stateful fakes."""

    def __init__(
        self, home: str = HOME, domains: tuple[str, ...] = ("example.com",), admins: tuple[str, ...] = ()
    ) -> None:
        self.clock, self.store, self.users = Ticker(), FakeSessions(), FakeUsers()
        self.secrets = FakeSecrets(
            signing=signing_secret("k1"), sealing=sealing_secret("a"), audit=sealing_secret("p")
        )
        self.states, self.kept, self.provider = FakeLoginStates(), FakeGrants(), FakeProvider(self.clock)
        self.audit, self.receipts = FakeAudit(), FakeReceipts()
        self.trail = Trail(self.audit, self.secrets, "audit", self.clock)
        self.keys = SigningKeys(self.secrets, "signing")
        self.signer = TokenSigner(self.keys, home, self.clock)
        self.verifier = SessionVerifier(self.keys, self.store, home, self.trail, self.clock)
        self.sessions = Sessions(self.store, self.signer, self.trail, 3600, 30 * 86400, clock=self.clock)
        self.grants = DriveGrants(self.kept, Sealer(self.secrets, "sealing"), self.provider, self.clock)
        self.conversations = FakePersonal("conversations", self.receipts)
        self.stores = self._stores()
        self.erasure = Erasure(self.users, self.stores, self.receipts, self.trail, self.clock)
        self.reception = Reception(
            self.users, self.sessions, Admission(domains, admins), self.erasure, self.trail, self.clock
        )
        self.signin = SignIn(
            provider=self.provider,
            states=self.states,
            reception=self.reception,
            grants=self.grants,
            signer=self.signer,
            verifier=TokenVerifier(self.keys, home, self.clock),
            clock=self.clock,
        )

    def _stores(self) -> tuple[PersonalStore, ...]:
        sessions, users = self.store.sessions, self.users.users
        return (
            self.conversations,
            GrantErasure(self.grants, self.receipts),
            FakeOwned(
                "sessions",
                self.receipts,
                lambda subject: [one.id for one in sessions.values() if one.subject == subject],
                sessions.pop,
            ),
            FakeOwned(
                "users",
                self.receipts,
                lambda subject: [subject] if subject in users else [],
                users.pop,
            ),
        )
