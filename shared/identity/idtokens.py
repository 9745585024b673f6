"""What Google says of a person who has just signed in (OpenID Connect Core 3.1.3.7)."""

import hmac
import re
from typing import Any

from shared.identity.interfaces import BadToken, OpenIdProvider
from shared.identity.records import Profile
from shared.identity.tokens import Rule, verified_claims

_TYPES = frozenset({"", "jwt"})
_MAX_BYTES = 8192
# A subject becomes part of document names: no slashes, no dots alone, no reserved names.
SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,127}")


async def verified_profile(id_token: str, provider: OpenIdProvider, nonce: str, now: float) -> Profile:
    """Whose id_token this is. Raises BadToken unless every check holds, Unavailable when keys cannot be had.

    Signature by the provider's published keys, issuer, audience, authorised party, expiry, nonce, and an
    address that the provider has verified.
    """
    rule = Rule("RS256", provider.issuers, provider.client_id, _TYPES, ("sub", "email", "nonce"), _MAX_BYTES)
    claims = await verified_claims(id_token, provider.keys, rule, now)
    if not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise BadToken("wrong nonce")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise BadToken("issued to another client")
    if claims.get("email_verified") is not True:
        raise BadToken("address not verified")
    if not SUBJECT.fullmatch(claims["sub"]):
        raise BadToken("unusable subject")
    return Profile(
        subject=claims["sub"],
        email=claims["email"].lower(),
        domain=_text(claims, "hd").lower(),
        name=_text(claims, "name"),
    )


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return value[:200] if isinstance(value, str) else ""
