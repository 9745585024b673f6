"""A stand-in for what Firebase issues."""

from collections.abc import Callable
from typing import Any

from shared.errors import AppError
from shared.identity.interfaces import BadToken


class FakeFirebase:
    """FirebaseTokens that knows some tokens: each is worth the claims it was given for."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.tokens: dict[str, dict[str, Any]] = {}
        self.apps = {"genuine-app"}
        self.failure: AppError | None = None

    def token(self, **claims: Any) -> str:
        """A token for alice, who has just signed in, with `claims` on top; None removes one."""
        alice = {
            "sub": "firebase-uid",
            "email": "alice@example.com",
            "email_verified": True,
            "hd": "example.com",
            "name": "Alice",
            "auth_time": int(self.clock()),
            "firebase": {"sign_in_provider": "google.com", "identities": {"google.com": ["1234567890"]}},
        }
        merged = {name: value for name, value in {**alice, **claims}.items() if value is not None}
        self.tokens[f"token-{len(self.tokens)}"] = merged
        return f"token-{len(self.tokens) - 1}"

    async def identity(self, id_token: str) -> dict[str, Any]:
        """Raises BadToken for any other."""
        if self.failure:
            raise self.failure
        if id_token not in self.tokens:
            raise BadToken("unknown token")
        return self.tokens[id_token]

    async def app(self, token: str) -> None:
        """Raises BadToken for any other."""
        if token not in self.apps:
            raise BadToken("unknown app")
