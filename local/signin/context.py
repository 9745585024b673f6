"""What every route of the sign-in stand-in needs: the accounts, the clients, the keys, the store."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from local.clock import machine
from local.keys import SigningKeys
from local.signin.people import Person, account_number
from local.signin.store import SigninStore, Token

ACCESS_SECONDS = 3599
ID_TOKEN_SECONDS = 3600
CODE_SECONDS = 600
DEFAULT_CLIENT = {
    "client_id": "docent-local.apps.googleusercontent.com",
    "client_secret": "GOCSPX-local-client-secret",
    "redirect_uris": ["http://127.0.0.1:8080/auth/callback", "http://localhost:8080/auth/callback"],
}


@dataclass(frozen=True)
class Client:
    """A registered OAuth client."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]


def read_clients(text: str) -> dict[str, Client]:
    """The clients by id, from JSON: [{"client_id", "client_secret", "redirect_uris": [...]}, ...]."""
    wanted: list[dict[str, Any]] = json.loads(text) if text else [DEFAULT_CLIENT]
    return {
        str(one["client_id"]): Client(one["client_id"], one["client_secret"], tuple(one["redirect_uris"]))
        for one in wanted
    }


@dataclass
class Context:
    """The state of one issuer."""

    people: dict[str, Person]
    clients: dict[str, Client]
    service_account: str
    project: str
    store: SigninStore
    keys: SigningKeys
    access_seconds: int = ACCESS_SECONDS
    issuer: str = ""
    """http://127.0.0.1:PORT, known once the server listens."""

    def access_token(
        self, email: str, client_id: str, scope: str, *, grant_id: str = "", seconds: int = 0
    ) -> str:
        """A new opaque access token."""
        expires = machine.time() + (seconds or self.access_seconds)
        return self.store.add_token(Token("access", grant_id, client_id, email, scope, expires))

    def id_token(self, person: Person, client_id: str, scope: str, nonce: str = "") -> str:
        """An id_token with Google's claims: OpenID Connect Core 2, and `hd` for Workspace accounts."""
        now = int(machine.time())
        claims: dict[str, Any] = {"iss": self.issuer, "azp": client_id, "aud": client_id, "sub": person.sub}
        wanted = scope.split()
        if person.hd:
            claims["hd"] = person.hd
        if "email" in wanted:
            claims |= {"email": person.email, "email_verified": person.email_verified}
        if "profile" in wanted:
            given, _, family = person.name.partition(" ")
            claims |= {"name": person.name, "given_name": given}
            claims |= {"family_name": family} if family else {}
        claims |= {"nonce": nonce} if nonce else {}
        return self.keys.sign(claims | {"iat": now, "exp": now + ID_TOKEN_SECONDS})

    def service_id_token(self, email: str, audience: str, *, with_email: bool) -> str:
        """A service account's id_token, as the metadata server and IAM credentials mint it."""
        now, number = int(machine.time()), account_number(email)
        claims: dict[str, Any] = {"iss": self.issuer, "azp": number, "aud": audience, "sub": number}
        if with_email:
            claims |= {"email": email, "email_verified": True}
        return self.keys.sign(claims | {"iat": now, "exp": now + ID_TOKEN_SECONDS})


def context_of(request: Request) -> Context:
    """The context of the app that serves this request."""
    found = request.app.state.context
    if not isinstance(found, Context):
        raise TypeError("the app was made without a context")
    return found
