"""What a session token must be, and an attack table of what it must not."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.identity.interfaces import BadToken
from shared.identity.keyring import SigningKeys
from shared.identity.tokens import SESSION_ID, Signatures, TokenSigner, TokenVerifier, new_session_id
from tests.fakes.identity import HOME, NOW, FakeSecrets, Ticker, rsa_key, signing_key, signing_secret

KID = "k1"


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, changed; None removes one."""
    good = {
        "iss": HOME,
        "aud": "docent",
        "sub": "123",
        "sid": "s1",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + 3600,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(
    payload: dict[str, Any] | None = None,
    key: Any = None,
    algorithm: str = "ES256",
    **header: Any,
) -> str:
    """A token signed with our key unless told otherwise."""
    headers = {"kid": KID, "typ": "at+jwt", **header}
    return jwt.encode(payload or claims(), key or signing_key(KID), algorithm=algorithm, headers=headers)


def part(value: object) -> str:
    """A segment of a compact token."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unsigned(algorithm: str) -> str:
    """A token with an empty signature."""
    return f"{part({'alg': algorithm, 'kid': KID, 'typ': 'at+jwt'})}.{part(claims())}."


def hmac_with_public_key() -> str:
    """The public key, which everybody has, used as a shared secret."""
    secret = signing_key(KID).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    import hashlib
    import hmac

    head = f"{part({'alg': 'HS256', 'kid': KID, 'typ': 'at+jwt'})}.{part(claims())}"
    mac = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def tampered() -> str:
    """Somebody else's subject under our signature."""
    head, _, signature = signed().split(".")
    return f"{head}.{part(claims(sub='456'))}.{signature}"


def with_own_key_in_header() -> str:
    """Signed by a stranger who brings the key along."""
    stranger = ec.generate_private_key(ec.SECP256R1())
    own = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(stranger.public_key()))
    return signed(key=stranger, jwk=own, jku="https://evil.example/jwks", x5u="https://evil.example/x5u")


# What is tried | why it is refused.
ATTACKS: dict[str, Callable[[], str]] = {
    "alg none | not a token": lambda: unsigned("none"),
    "alg None | not a token": lambda: unsigned("None"),
    "alg nOnE | not a token": lambda: unsigned("nOnE"),
    "alg none with a signature | wrong algorithm": lambda: unsigned("none") + signed().split(".")[2],
    "no signature | not a token": lambda: signed().rsplit(".", 1)[0] + ".",
    "no third part | not a token": lambda: signed().rsplit(".", 1)[0],
    "HS256 with the public key | wrong algorithm": hmac_with_public_key,
    "RS256 with another key | wrong algorithm": lambda: signed(key=rsa_key(), algorithm="RS256"),
    "ES384 | wrong algorithm": lambda: signed(key=ec.generate_private_key(ec.SECP384R1()), algorithm="ES384"),
    "signed by a stranger | not verifiable": lambda: signed(key=ec.generate_private_key(ec.SECP256R1())),
    "key brought in the header | not verifiable": with_own_key_in_header,
    "unknown kid | unknown key": lambda: signed(kid="k9"),
    "kid as path | no plain key id": lambda: signed(kid="../../../dev/null"),
    "kid as URL | no plain key id": lambda: signed(kid="https://evil.example/key"),
    "kid as query | no plain key id": lambda: signed(kid="k1' OR '1'='1"),
    "kid with NUL | no plain key id": lambda: signed(kid="k1\x00"),
    "kid too long | no plain key id": lambda: signed(kid="k" * 129),
    "kid empty | no plain key id": lambda: signed(kid=""),
    "no kid | no plain key id": lambda: jwt.encode(
        claims(), signing_key(KID), algorithm="ES256", headers={"typ": "at+jwt"}
    ),
    "kid a number | unreadable header": lambda: (
        f"{part({'alg': 'ES256', 'kid': 1, 'typ': 'at+jwt'})}.{part(claims())}.AAAA"
    ),
    "expired | expired": lambda: signed(claims(exp=int(NOW) - 1)),
    "expires this moment | expired": lambda: signed(claims(exp=int(NOW))),
    "never expires | no lifetime": lambda: signed(claims(exp=None)),
    "expiry as text | no lifetime": lambda: signed(claims(exp=str(int(NOW) + 99))),
    "expiry true | no lifetime": lambda: signed(claims(exp=True)),
    "expiry infinite | no lifetime": lambda: signed(claims(exp=float("inf"))),
    "expiry not a number | no lifetime": lambda: signed(claims(exp=float("nan"))),
    "not valid yet | not valid yet": lambda: signed(claims(nbf=int(NOW) + 60)),
    "issued in the future | not valid yet": lambda: signed(claims(iat=int(NOW) + 3600)),
    "never issued | no lifetime": lambda: signed(claims(iat=None)),
    "another audience | wrong audience": lambda: signed(claims(aud="another-service")),
    "one audience of several | wrong audience": lambda: signed(claims(aud=["docent", "another-service"])),
    "no audience | wrong audience": lambda: signed(claims(aud=None)),
    "another issuer | wrong issuer": lambda: signed(claims(iss="https://accounts.google.com")),
    "issuer with a tail | wrong issuer": lambda: signed(claims(iss=HOME + ".evil.example")),
    "no issuer | wrong issuer": lambda: signed(claims(iss=None)),
    "no subject | a claim is missing": lambda: signed(claims(sub=None)),
    "no session | a claim is missing": lambda: signed(claims(sid=None)),
    "session a list | a claim is missing": lambda: signed(claims(sid=["s1"])),
    "type of an id_token | wrong type": lambda: signed(typ="JWT"),
    "type of a pre-login cookie | wrong type": lambda: signed(typ="login+jwt"),
    "type of a refresh token | wrong type": lambda: signed(typ="rt+jwt"),
    "no type | wrong type": lambda: jwt.encode(
        claims(), signing_key(KID), algorithm="ES256", headers={"kid": KID, "typ": None}
    ),
    "critical extension | unreadable header": lambda: signed(crit=["exp"]),
    "extension that the library knows | header asks": lambda: (
        f"{part({'alg': 'ES256', 'kid': KID, 'typ': 'at+jwt', 'b64': True, 'crit': ['b64']})}"
        f".{part(claims())}.AAAA"
    ),
    "tampered payload | not verifiable": tampered,
    "oversized | not a token": lambda: signed(claims(padding="x" * 4000)),
    "empty | not a token": lambda: "",
    "only dots | not a token": lambda: "..",
    "five parts | not a token": lambda: signed() + ".a.b",
    "white space | not a token": lambda: " " + signed(),
    "newline at the end | not a token": lambda: signed() + "\n",
    "standard base64 | not a token": lambda: signed().replace("_", "/").replace("-", "+") + "==",
    "not ASCII | not a token": lambda: signed()[:-1] + "é",
    "header no object | unreadable header": lambda: f"{part('[1]')}.{part(claims())}.AAAA",
    "header nested deep | unreadable header": lambda: f"{part('[' * 900)}.{part(claims())}.AAAA",
    "payload no object | not verifiable": lambda: (
        signed().split(".")[0] + f".{part('[]')}." + signed().split(".")[2]
    ),
}


def verifier() -> TokenVerifier:
    """Verifies with the key k1, at the time NOW."""
    keys = SigningKeys(FakeSecrets(signing=signing_secret(KID)), "signing")
    return TokenVerifier(keys, HOME, Ticker())


@pytest.mark.parametrize("attack", ATTACKS)
async def test_every_attack_is_refused(attack: str) -> None:
    """No forged, stale, misdirected or malformed token is an access token, each for the reason named.

    Also not from somebody whose good token was verified before, and not when it is tried again.
    """
    verifying, token = verifier(), ATTACKS[attack]()
    assert await verifying.access(signed())
    for _ in range(2):
        with pytest.raises(BadToken) as refused:
            await verifying.access(token)
        assert refused.value.reason.startswith(attack.partition(" | ")[2])


async def test_the_token_that_the_attacks_are_made_of_is_good() -> None:
    """The table fails for the reason each line names, not because its base token is broken."""
    found = await verifier().access(signed())
    assert (found.subject, found.session_id, found.expire_at) == ("123", "s1", NOW + 3600)


async def test_a_token_says_whose_session_it_is_and_no_address() -> None:
    """An access token holds subject and session; nothing personal can be read out of it."""
    clock, keys = Ticker(), SigningKeys(FakeSecrets(signing=signing_secret(KID)), "signing")
    token = await TokenSigner(keys, HOME + "/", clock).access("123", "s1", 60)
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": KID, "typ": "at+jwt"}
    payload = jwt.decode(token, options={"verify_signature": False})
    assert set(payload) == {"iss", "aud", "sub", "sid", "iat", "nbf", "exp"}
    verifying = TokenVerifier(keys, HOME, clock)
    assert (await verifying.access(token)).session_id == "s1"
    clock.now += 60
    with pytest.raises(BadToken):
        await verifying.access(token)


async def test_a_pre_login_cookie_is_no_access_token_and_the_other_way_round() -> None:
    """Kinds of tokens do not stand in for each other."""
    keys = SigningKeys(FakeSecrets(signing=signing_secret(KID)), "signing")
    signer, verifying = TokenSigner(keys, HOME, Ticker()), TokenVerifier(keys, HOME, Ticker())
    cookie, access = await signer.login("secret", 600), await signer.access("123", "s1", 600)
    assert await verifying.login(cookie) == "secret"
    with pytest.raises(BadToken):
        await verifying.access(cookie)
    with pytest.raises(BadToken):
        await verifying.login(access)


async def test_after_a_rotation_old_and_new_tokens_verify() -> None:
    """The first key signs, all verify; a key that is gone verifies nothing."""
    secrets = FakeSecrets(signing=signing_secret("k1"))
    keys = SigningKeys(secrets, "signing")
    signer, verifying = TokenSigner(keys, HOME, Ticker()), TokenVerifier(keys, HOME, Ticker())
    old = await signer.access("123", "old", 60)
    elsewhere = SigningKeys(FakeSecrets(signing=signing_secret("k2", "k1")), "signing")
    secrets.values["signing"] = signing_secret("k2", "k1")
    new = await TokenSigner(elsewhere, HOME, Ticker()).access("123", "new", 60)
    assert (await verifying.access(new)).session_id == "new", (
        "a key another instance signed with is looked for"
    )
    assert (await verifying.access(old)).session_id == "old"
    assert [key["kid"] for key in (await keys.jwks())["keys"]] == ["k2", "k1"]
    secrets.values["signing"] = signing_secret("k2")
    await keys.jwks()
    with pytest.raises(BadToken):
        await verifying.access(old)


async def test_a_signature_is_verified_once_for_a_key() -> None:
    """Not again while its key is published; anew where another has that name, and refused there."""
    keys: dict[str, Any] = {KID: signing_key(KID).public_key()}
    token, now = signed(), NOW
    signatures, rule = Signatures(most=2), TokenVerifier(Published(keys), HOME)._access
    verified = await signatures.claims(token, Published(keys), rule, now)
    ((key, (kid, known, kept)),) = signatures._known.items()
    assert (kid, known, kept) == (KID, keys[KID], verified)
    assert token.encode() not in key[0]
    kept["sid"] = "as kept"
    assert (await signatures.claims(token, Published(keys), rule, now))["sid"] == "as kept"
    keys[KID] = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(BadToken) as refused:
        await signatures.claims(token, Published(keys), rule, now)
    assert refused.value.reason.startswith("not verifiable")
    keys[KID] = signing_key(KID).public_key()
    for session in ("s2", "s3"):
        await signatures.claims(signed(claims(sid=session)), Published(keys), rule, now)
    assert [one["sid"] for _, _, one in signatures._known.values()] == ["s2", "s3"]


class Published:
    """These keys."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self.keys = keys

    async def key(self, kid: str) -> Any:
        """As KeySource."""
        return self.keys[kid]


async def test_what_is_published_holds_no_private_part() -> None:
    """The key set has public coordinates only, and is what any JWT library reads."""
    keys = SigningKeys(FakeSecrets(signing=signing_secret(KID)), "signing")
    published = (await keys.jwks())["keys"][0]
    assert set(published) == {"kty", "crv", "alg", "use", "kid", "x", "y"}
    token = await TokenSigner(keys, HOME, Ticker()).access("123", "s1", 60)
    assert jwt.decode(
        token,
        jwt.PyJWK(published).key,
        algorithms=["ES256"],
        audience="docent",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )


def test_every_new_session_is_one_that_the_verifier_takes() -> None:
    """No id begins in a way that makes its own tokens refused: a sign-in that leads straight to the next."""
    assert all(SESSION_ID.fullmatch(new_session_id()) for _ in range(50_000))
