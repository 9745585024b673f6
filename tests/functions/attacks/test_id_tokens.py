"""What a provider, or whoever speaks in its name, may say of a person, and who is admitted by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.functions.attacks.verdict import ANOTHER_ACCOUNT, LET_BACK, UNTRUSTED, Verdict, verdict_on
from tests.functions.forging import (
    GOOGLE_KEY,
    OWN_KEY,
    THIEVES_RSA_KEY,
    now,
    public_jwk,
    public_pem,
)
from tests.functions.running import ADMIN, CLIENT_ID, Running


@dataclass(frozen=True)
class Said:
    """Alice's id_token with these claims and headers on top, and this key; None removes one."""

    name: str
    claims: Mapping[str, Any] = field(default_factory=dict)
    verdict: Verdict = UNTRUSTED
    header: Mapping[str, Any] = field(default_factory=dict)
    key: object = GOOGLE_KEY


CASES = [
    # the controls
    Said("nothing changed", {}, LET_BACK),
    Said("the second of our domains", {"hd": "example.org", "email": "a@example.org"}, LET_BACK),
    Said("our domain in capitals", {"hd": "EXAMPLE.com"}, LET_BACK),
    # the signature
    Said("alg none", header={"alg": "none"}, key=None),
    Said("HS256 with the provider's public key", header={"alg": "HS256"}, key=public_pem(GOOGLE_KEY)),
    Said("HS256 with our client's secret", header={"alg": "HS256"}, key=b"GOCSPX-" + b"c" * 28),
    Said("signed by a thief", key=THIEVES_RSA_KEY),
    Said(
        "signed by a thief who brings the key",
        header={"jwk": public_jwk("google", THIEVES_RSA_KEY)},
        key=THIEVES_RSA_KEY,
    ),
    Said("signed with our own key", header={"alg": "ES256", "kid": "k1"}, key=OWN_KEY),
    Said("kid unknown", header={"kid": "another"}),
    Said("kid missing", header={"kid": None}),
    Said("kid a path", header={"kid": "../certs"}),
    Said("crit", header={"crit": ["x"]}),
    Said("typ of an access token", header={"typ": "at+jwt"}),
    # for whom, by whom, when
    Said("aud another client", {"aud": "another.apps.googleusercontent.com"}),
    Said("aud ours among others", {"aud": [CLIENT_ID, "another"]}),
    Said("aud missing", {"aud": None}),
    Said("azp another client", {"azp": "another.apps.googleusercontent.com"}),
    Said("azp a list", {"azp": [CLIENT_ID]}),
    Said("iss another", {"iss": "https://accounts.evil.example"}),
    Said("iss Google's own, which is not the one configured", {"iss": "https://accounts.google.com"}),
    Said("iss missing", {"iss": None}),
    Said("iss a list", {"iss": ["x"]}),
    Said("expired an hour ago", {"exp": now() - 3600}),
    Said("exp missing", {"exp": None}),
    Said("iat an hour ahead", {"iat": now() + 3600}),
    Said("nbf an hour ahead", {"nbf": now() + 3600}),
    Said("10 KB", {"more": "x" * 10_000}),
    # whose
    Said("sub missing", {"sub": None}),
    Said("sub empty", {"sub": ""}),
    Said("sub a number", {"sub": 1234567890}),
    Said("sub a path", {"sub": "1/private/drive_grant"}),
    Said("sub two dots", {"sub": ".."}),
    Said("sub a reserved name", {"sub": "__id1__"}),
    Said("sub of two hundred letters", {"sub": "1" * 200}),
    Said("nonce a list", {"nonce": ["x"]}),
    Said("e-mail missing", {"email": None}),
    Said("e-mail a list", {"email": ["alice@example.com"]}),
    Said("email_verified false", {"email_verified": False}),
    Said("email_verified missing", {"email_verified": None}),
    Said("email_verified the word true", {"email_verified": "true"}),
    Said("email_verified the word false", {"email_verified": "false"}),
    Said("email_verified 1", {"email_verified": 1}),
    Said("email_verified a list", {"email_verified": [True]}),
    # of which organisation
    Said("hd missing", {"hd": None}, ANOTHER_ACCOUNT),
    Said("hd empty", {"hd": ""}, ANOTHER_ACCOUNT),
    Said("hd another", {"hd": "evil.example"}, ANOTHER_ACCOUNT),
    Said("hd another, address ours", {"hd": "evil.example", "email": "a@example.com"}, ANOTHER_ACCOUNT),
    Said("hd missing, address ours", {"hd": None, "email": "boss@example.com"}, ANOTHER_ACCOUNT),
    Said("hd ending alike", {"hd": "notexample.com"}, ANOTHER_ACCOUNT),
    Said("hd below ours", {"hd": "sub.example.com"}, ANOTHER_ACCOUNT),
    Said("hd above ours", {"hd": "com"}, ANOTHER_ACCOUNT),
    Said("hd beginning alike", {"hd": "example.com.evil.example"}, ANOTHER_ACCOUNT),
    Said("hd with a dot at its end", {"hd": "example.com."}, ANOTHER_ACCOUNT),
    Said("hd with a space", {"hd": " example.com"}, ANOTHER_ACCOUNT),
    Said("hd with a null", {"hd": "example.com\x00"}, ANOTHER_ACCOUNT),
    Said("hd both of ours in one", {"hd": "example.com,example.org"}, ANOTHER_ACCOUNT),
    Said("hd a list with ours", {"hd": ["example.com"]}, ANOTHER_ACCOUNT),
    Said("hd true", {"hd": True}, ANOTHER_ACCOUNT),
    Said("hd in Cyrillic", {"hd": "ex\u0430mple.com"}, ANOTHER_ACCOUNT),
    Said("hd in full width", {"hd": "\uff45xample.com"}, ANOTHER_ACCOUNT),
    Said("an administrator's address without hd", {"hd": None, "email": ADMIN}, ANOTHER_ACCOUNT),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_person_is_who_the_provider_says_and_nothing_else_counts(docent: Running, case: Said) -> None:
    """A page of the right kind, no session, and no grant kept for whoever is not admitted."""
    revoked = len(docent.provider.revoked)
    answer = docent.attempt(
        id_token=lambda nonce: docent.provider.id_token(nonce, case.claims, case.header, case.key)
    )
    assert verdict_on(answer) == case.verdict
    assert ("set-cookie" in answer.headers) == (case.verdict == LET_BACK)
    assert len(docent.provider.revoked) - revoked == (case.verdict == ANOTHER_ACCOUNT)
    assert docent.provider.fetched == 0
