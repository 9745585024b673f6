"""Which service accounts may call, and what does not pass for one."""

from typing import Any

import jwt
import pytest

from shared.errors import NotSignedIn
from shared.identity.callers import CallerVerifier
from tests.fakes.identity import ISSUER, NOW, FakeKeys, Ticker, ec_key, rsa_key

TARGET = "https://ingest.example.com"
TASKS = "tasks@docent.iam.gserviceaccount.com"


def token(key: Any = None, algorithm: str = "RS256", kid: str = "google", **changes: Any) -> str:
    """What Cloud Tasks sends, changed; None removes a claim."""
    good = {
        "iss": ISSUER,
        "aud": TARGET,
        "sub": "1",
        "email": TASKS,
        "email_verified": True,
        "iat": int(NOW),
        "exp": int(NOW) + 3600,
    }
    payload = {name: value for name, value in {**good, **changes}.items() if value is not None}
    return jwt.encode(payload, key or rsa_key(), algorithm=algorithm, headers={"kid": kid})


def verifier() -> CallerVerifier:
    """Knows Google's one key."""
    return CallerVerifier(FakeKeys(google=rsa_key().public_key(), ec=ec_key().public_key()), ISSUER, Ticker())


REFUSED: dict[str, dict[str, Any]] = {
    "another key": {"key": rsa_key(1)},
    "unknown kid": {"kid": "other"},
    "another algorithm": {"key": ec_key(), "algorithm": "ES256", "kid": "ec"},
    "another audience": {"aud": TARGET + ".evil.example"},
    "audience with a slash": {"aud": TARGET + "/"},
    "several audiences": {"aud": [TARGET, "https://other.example"]},
    "another issuer": {"iss": "https://securetoken.google.com/docent"},
    "issuer over http": {"iss": "http://accounts.google.com"},
    "expired": {"exp": int(NOW) - 31},
    "not verified": {"email_verified": False},
    "verified as text": {"email_verified": "true"},
    "verified missing": {"email_verified": None},
    "no address": {"email": None},
    "another account": {"email": "tasks@other.iam.gserviceaccount.com"},
    "address with a tail": {"email": TASKS + ".evil.example"},
    "address in capitals": {"email": TASKS.upper()},
    "address not ASCII": {"email": "tásks@docent.iam.gserviceaccount.com"},
}


@pytest.mark.parametrize("case", REFUSED)
async def test_only_the_accounts_named_may_call(case: str) -> None:
    """A token that is not Google's word for one of our accounts, to us, now, is refused."""
    with pytest.raises(NotSignedIn):
        await verifier().verify(token(**REFUSED[case]), TARGET, {TASKS})


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
async def test_google_may_spell_its_name_both_ways(issuer: str) -> None:
    """Google issues tokens with and without the scheme in `iss`."""
    assert await verifier().verify(token(iss=issuer), TARGET, {TASKS, "other@x.example"}) == TASKS


async def test_an_empty_audience_or_list_admits_nobody() -> None:
    """A setting left empty closes the door instead of opening it."""
    with pytest.raises(NotSignedIn):
        await verifier().verify(token(aud=""), "", {TASKS})
    with pytest.raises(NotSignedIn):
        await verifier().verify(token(), TARGET, set())


async def test_another_issuer_is_spelled_one_way() -> None:
    """Only Google's own name has two spellings."""
    keys = FakeKeys(google=rsa_key().public_key())
    other = CallerVerifier(keys, "https://id.example.com", Ticker())
    assert await other.verify(token(iss="https://id.example.com"), TARGET, [TASKS]) == TASKS
    with pytest.raises(NotSignedIn):
        await other.verify(token(iss="id.example.com"), TARGET, [TASKS])
