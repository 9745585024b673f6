"""ID tokens, refresh tokens and App Check tokens, signed as Google's are.

Sources: https://firebase.google.com/docs/auth/admin/verify-id-tokens (claims of an ID token) and
https://firebase.google.com/docs/app-check/custom-resource-backend (claims of an App Check token).
"""

import json
import uuid
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jwt

from local.clock import machine
from local.firebase.accounts import Accounts
from local.firebase.errors import Refused
from local.firebase.store import FirebaseStore, Session, User
from local.keys import SigningKeys
from local.signin.people import account_number

HOUR = 3600


class Tokens:
    """Signs for two issuers, each with keys of its own, which are made when first needed."""

    def __init__(self, store: FirebaseStore, accounts: Accounts) -> None:
        self._store, self._accounts = store, accounts

    @cached_property
    def id_keys(self) -> SigningKeys:
        """The keys of securetoken@system.gserviceaccount.com."""
        return SigningKeys(self._store.shelf("securetoken"))

    @cached_property
    def app_check_keys(self) -> SigningKeys:
        """The keys of App Check."""
        return SigningKeys(self._store.shelf("appcheck"))

    def reload(self) -> None:
        """Forget the keys in memory: the store has others now."""
        self.__dict__.pop("id_keys", None)
        self.__dict__.pop("app_check_keys", None)

    def sign_in(self, project: str, user: User, provider: str) -> dict[str, Any]:
        """What a sign-in method answers: an ID token for an hour, and a refresh token."""
        self._accounts.signed_in(project, user)
        session = Session(project, user["localId"], provider, int(machine.time()))
        return {
            "localId": user["localId"],
            "email": user.get("email", ""),
            "displayName": user.get("displayName", ""),
            "idToken": self.id_token(session, user),
            "registered": True,
            "refreshToken": self._store.add_session(session),
            "expiresIn": str(HOUR),
        }

    def refresh(self, token: str) -> dict[str, Any]:
        """A new ID token for a refresh token.

        Raises Refused: INVALID_REFRESH_TOKEN, TOKEN_EXPIRED when the user's tokens were revoked since, and
        USER_DISABLED or USER_NOT_FOUND.
        """
        session = self._store.session(token)
        if session is None:
            raise Refused("INVALID_REFRESH_TOKEN")
        user = self._accounts.enabled(session.project, session.local_id)
        if session.signed_in < int(user["validSince"]):
            raise Refused("TOKEN_EXPIRED")
        id_token = self.id_token(session, user)
        return {
            "access_token": id_token,
            "expires_in": str(HOUR),
            "token_type": "Bearer",
            "refresh_token": token,
            "id_token": id_token,
            "user_id": session.local_id,
            "project_id": session.project,
        }

    def id_token(
        self, session: Session, user: User, claims: Mapping[str, Any] | None = None, life: int = HOUR
    ) -> str:
        """An ID token; `claims` are put over the usual ones, `life` is seconds and may be negative."""
        now = int(machine.time())
        email = user.get("email")
        usual: dict[str, Any] = {
            "iss": f"https://securetoken.google.com/{session.project}",
            "aud": session.project,
            "auth_time": session.signed_in,
            "user_id": user["localId"],
            "sub": user["localId"],
            "iat": min(now, now + life - 1),
            "exp": now + life,
            "firebase": {
                "identities": _identities(session.provider, email),
                "sign_in_provider": session.provider,
            },
        }
        if email:
            usual |= {"email": email, "email_verified": bool(user.get("emailVerified"))}
        if user.get("displayName"):
            usual["name"] = user["displayName"]
        custom = json.loads(user.get("customAttributes") or "{}")
        return self.id_keys.sign(custom | usual | dict(claims or {}))

    def app_check_token(self, project: str, app_id: str, life: int = HOUR) -> str:
        """An App Check token of an app, for `life` seconds."""
        now = int(machine.time())
        claims = {
            "iss": f"https://firebaseappcheck.googleapis.com/{project}",
            "aud": [f"projects/{project}"],
            "sub": app_id,
            "iat": min(now, now + life - 1),
            "exp": now + life,
            "jti": uuid.uuid4().hex,
        }
        return self.app_check_keys.sign(claims)

    def consume(self, project: str, token: str) -> bool:
        """Use an App Check token up; whether that had happened before. Raises Refused for one not ours."""
        try:
            claims = _decoded(token, self.app_check_keys, f"projects/{project}")
        except jwt.InvalidTokenError:
            raise Refused("App attestation failed.", 403) from None
        return self._store.consume(str(claims["jti"]))

    def subject(self, project: str, token: str) -> str:
        """Whose ID token it is. Raises Refused INVALID_ID_TOKEN."""
        try:
            return str(_decoded(token, self.id_keys, project)["sub"])
        except jwt.InvalidTokenError:
            raise Refused("INVALID_ID_TOKEN") from None


def _decoded(token: str, keys: SigningKeys, audience: str) -> dict[str, Any]:
    """The verified claims. Raises jwt.InvalidTokenError."""
    kid = jwt.get_unverified_header(token).get("kid")
    for key in keys.jwks()["keys"]:
        if key["kid"] == kid:
            return jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], audience=audience)
    raise jwt.InvalidTokenError("unknown key")


def _identities(provider: str, email: object) -> dict[str, list[str]]:
    """The accounts behind a user: the address, and at Google the number that sign-in gives there too."""
    if not email:
        return {}
    google = {"google.com": [account_number(str(email))]} if provider == "google.com" else {}
    return google | {"email": [str(email)]}
