"""Tokens of every kind, right and wrong, made without a library that would refuse to make the wrong ones."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.identity import rsa_key, signing_key

OWN_KEY = signing_key("k1")
"""The key that this Docent signs sessions with; its id is k1."""
THIEVES_KEY = signing_key("not one of ours")
GOOGLE_KEY = rsa_key(0)
"""The key that the provider signs with; its id is google."""
THIEVES_RSA_KEY = rsa_key(1)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | bytes | None


def now() -> int:
    """Seconds since 1970, as tokens count them."""
    return int(time.time())


def signed(header: Mapping[str, Any], claims: Mapping[str, Any], key: object) -> str:
    """A JWS of both (RFC 7515); what is None in them is left out. See `signature` for `key`."""
    return assembled(_json(header), _json(claims), key)


def assembled(header: bytes, payload: bytes, key: object) -> str:
    """The same of bytes that need not be JSON."""
    text = f"{base64url(header)}.{base64url(payload)}"
    return f"{text}.{base64url(signature(text.encode(), key))}"


def signature(text: bytes, key: object) -> bytes:
    """By the key's kind: ES256, RS256, HS256 for bytes, empty for None."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return hmac.new(key, text, hashlib.sha256).digest() if isinstance(key, bytes) else b""


def public_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """The public half, as the classic confusion of algorithms uses it for an HMAC key."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_der(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    """The same in DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def public_jwk(kid: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> dict[str, str]:
    """The public half as a JSON Web Key."""
    numbers = key.public_key().public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        n, e = _number(numbers.n), _number(numbers.e)
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": n, "e": e}
    x, y = _number(numbers.x), _number(numbers.y)
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": kid, "x": x, "y": y}


def base64url(value: bytes) -> str:
    """Without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps({name: item for name, item in value.items() if item is not None}).encode()
