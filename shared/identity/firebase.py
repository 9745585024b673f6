"""A Firebase ID token becomes a session: the same people, the same domain rule, the same audit."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import AppError
from shared.identity.idtokens import SUBJECT
from shared.identity.interfaces import (
    AccountNotAllowed,
    BadToken,
    Clock,
    FirebaseTokens,
    SignInExpired,
)
from shared.identity.reception import Reception
from shared.identity.records import Device, Profile, SessionTokens

FRESH = 600.0
"""Seconds since the person signed in at Firebase: an old ID token, found somewhere, opens no session."""
_GOOGLE = "google.com"


@dataclass(frozen=True)
class FirebaseSignIn:
    """Signing in by a token of Firebase Authentication. `app_check`: an App Check token is required too."""

    tokens: FirebaseTokens
    reception: Reception
    app_check: bool = False
    clock: Clock = time.time

    async def sign_in(self, id_token: str, app_token: str, device: Device) -> SessionTokens:
        """A session for whom the token names.

        Raises BadToken, SignInExpired, AccountNotAllowed, Unavailable or Timeout; each is in the audit.
        """
        profile: Profile | None = None
        try:
            if self.app_check:
                await self.tokens.app(app_token)
            claims = await self.tokens.identity(id_token)
            profile = firebase_profile(claims)
            self._fresh(claims)
            self.reception.admit(profile)
            user = await self.reception.user(profile)
            return await self.reception.open(user, device, "firebase")
        except AppError as error:
            await self.reception.trail.note(
                "signin.refused",
                profile.subject if profile else "",
                "",
                method="firebase",
                reason=getattr(error, "reason", error.code),
            )
            raise

    def _fresh(self, claims: Mapping[str, Any]) -> None:
        signed_in = claims.get("auth_time")
        if isinstance(signed_in, int | float) and not isinstance(signed_in, bool):
            age = self.clock() - signed_in
            if math.isfinite(age) and age <= FRESH:
                return
        raise SignInExpired("You signed in too long ago. Sign in once more.")


def firebase_profile(claims: Mapping[str, Any]) -> Profile:
    """Whom a verified Firebase ID token names: the Google account behind it, not Firebase's own id.

    So a person is the same however they signed in. Firebase does not pass on Google's `hd`: a blocking
    function (beforeSignIn) or a custom claim has to put it there; without it no domain rule admits anyone.
    Raises BadToken, or AccountNotAllowed when no Google account is behind it.
    """
    firebase = claims.get("firebase")
    firebase = firebase if isinstance(firebase, dict) else {}
    identities = firebase.get("identities")
    accounts = identities.get(_GOOGLE) if isinstance(identities, dict) else None
    if firebase.get("sign_in_provider") != _GOOGLE or not isinstance(accounts, list) or len(accounts) != 1:
        raise AccountNotAllowed("Docent asks for a Google account. Choose the one you use at work.")
    subject = accounts[0]
    if not isinstance(subject, str) or not SUBJECT.fullmatch(subject):
        raise BadToken("unusable subject")
    if claims.get("email_verified") is not True or not _text(claims, "email"):
        raise BadToken("address not verified")
    return Profile(
        subject=subject,
        email=_text(claims, "email").lower(),
        domain=_text(claims, "hd").lower(),
        name=_text(claims, "name"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return value[:200] if isinstance(value, str) else ""
