"""An issuer's signing keys: RS256, kept in the state, rotated on demand."""

import base64
import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

PUBLISHED = 5
"""How many keys stay published, so that a token outlives the rotations of an hour."""


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class KeyStore(Protocol):
    """Where keys are kept."""

    def private_keys(self) -> list[tuple[str, str]]:
        """(kid, private key as PEM), oldest first."""
        ...

    def add_key(self, kid: str, pem: str, created: float, *, keep: int) -> None:
        """Remember a key and forget all but the newest `keep`."""
        ...


class SigningKeys:
    """Signs with the newest key and publishes the last few, as JWKS and as certificates."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._keys: list[tuple[str, rsa.RSAPrivateKey]] = []
        self.load()
        if not self._keys:
            self.rotate()

    def load(self) -> None:
        """Take the keys that the store has."""
        self._keys = []
        for kid, pem in self._store.private_keys():
            key = serialization.load_pem_private_key(pem.encode(), None)
            if isinstance(key, rsa.RSAPrivateKey):
                self._keys.append((kid, key))

    def rotate(self) -> str:
        """Make a new key the signer; returns its kid. Tokens of the last four keys still verify."""
        key = rsa.generate_private_key(65537, 2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        kid = hashlib.sha256(public).hexdigest()[:40]
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._store.add_key(kid, pem.decode(), time.time(), keep=PUBLISHED)
        self._keys = [*self._keys, (kid, key)][-PUBLISHED:]
        return kid

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT of these claims, signed with the newest key."""
        kid, key = self._keys[-1]
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JSON Web Key Set (RFC 7517)."""
        keys = []
        for kid, key in reversed(self._keys):
            numbers = key.public_key().public_numbers()
            keys.append(
                {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
                | {"n": _number(numbers.n), "e": _number(numbers.e)}
            )
        return {"keys": keys}

    def certificates(self) -> dict[str, str]:
        """The public keys as X.509 certificates by kid, the older of Google's two formats."""
        return {kid: _certificate(key) for kid, key in reversed(self._keys)}


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.local")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=15))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
