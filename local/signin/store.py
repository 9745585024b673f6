"""What the issuer remembers: keys, codes, grants and tokens. Secrets are stored hashed."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from local.clock import machine
from local.copies import CopiedStore

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (kid TEXT PRIMARY KEY, pem TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, client_id TEXT NOT NULL, email TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS codes (
    hash TEXT PRIMARY KEY, client_id TEXT NOT NULL, redirect_uri TEXT NOT NULL, email TEXT NOT NULL,
    scope TEXT NOT NULL, nonce TEXT NOT NULL, challenge TEXT NOT NULL, method TEXT NOT NULL,
    offline INTEGER NOT NULL, expires REAL NOT NULL, grant_id TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS tokens (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, grant_id TEXT NOT NULL, client_id TEXT NOT NULL,
    email TEXT NOT NULL, scope TEXT NOT NULL, expires REAL NOT NULL);
CREATE INDEX IF NOT EXISTS tokens_by_grant ON tokens (grant_id);
"""


@dataclass(frozen=True)
class Code:
    """An authorization code: what was asked and agreed to."""

    client_id: str
    redirect_uri: str
    email: str
    scope: str
    nonce: str
    challenge: str
    method: str
    offline: bool
    expires: float
    grant_id: str = ""
    """Set once the code was redeemed."""


@dataclass(frozen=True)
class Token:
    """An access or refresh token. `expires` is in seconds since the epoch; 0 means never."""

    kind: str
    grant_id: str
    client_id: str
    email: str
    scope: str
    expires: float


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class SigninStore(CopiedStore):
    """The tables of the issuer; its keys outlive a restore of nothing."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path, SCHEMA, keep=("keys",))

    def private_keys(self) -> list[tuple[str, str]]:
        """(kid, private key as PEM), oldest first."""
        return list(self._db.execute("SELECT kid, pem FROM keys ORDER BY created, rowid"))

    def add_key(self, kid: str, pem: str, created: float, *, keep: int) -> None:
        """Remember a key and forget all but the newest `keep`."""
        self._db.execute("INSERT INTO keys VALUES (?, ?, ?)", (kid, pem, created))
        self._db.execute(
            "DELETE FROM keys WHERE kid NOT IN"
            " (SELECT kid FROM keys ORDER BY created DESC, rowid DESC LIMIT ?)",
            (keep,),
        )

    def add_code(self, code: Code) -> str:
        """Remember a code; returns the secret."""
        secret = "4/0A" + secrets.token_urlsafe(40)
        values = (code.client_id, code.redirect_uri, code.email, code.scope, code.nonce, code.challenge)
        self._db.execute(
            "INSERT INTO codes (hash, client_id, redirect_uri, email, scope, nonce, challenge, method,"
            " offline, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_hash(secret), *values, code.method, int(code.offline), code.expires),
        )
        return secret

    def code(self, secret: str) -> Code | None:
        """The code of this secret, redeemed or not."""
        row = self._db.execute(
            "SELECT client_id, redirect_uri, email, scope, nonce, challenge, method, offline, expires,"
            " grant_id FROM codes WHERE hash = ?",
            (_hash(secret),),
        ).fetchone()
        return Code(*row) if row else None

    def redeem(self, secret: str) -> str | None:
        """Take a code out of circulation: the id of the grant it opens, or None when someone was first."""
        grant = secrets.token_hex(16)
        taken = self._db.execute(
            "UPDATE codes SET grant_id = ? WHERE hash = ? AND grant_id = ''", (grant, _hash(secret))
        )
        if taken.rowcount != 1:
            return None
        self._db.execute(
            "INSERT INTO grants (id, client_id, email)"
            " SELECT grant_id, client_id, email FROM codes WHERE hash = ?",
            (_hash(secret),),
        )
        return grant

    def has_offline_grant(self, client_id: str, email: str) -> bool:
        """Whether this person already gave this client a refresh token that still lives."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM tokens JOIN grants ON grants.id = grant_id WHERE kind = 'refresh'"
                " AND revoked = 0 AND tokens.client_id = ? AND tokens.email = ? LIMIT 1",
                (client_id, email),
            ).fetchone()
        )

    def add_token(self, token: Token) -> str:
        """Remember a token; returns the secret."""
        secret = {"access": "ya29.", "refresh": "1//0"}[token.kind] + secrets.token_urlsafe(48)
        self._db.execute("DELETE FROM tokens WHERE expires > 0 AND expires < ?", (machine.time() - 86400,))
        self._db.execute(
            "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                _hash(secret),
                token.kind,
                token.grant_id,
                token.client_id,
                token.email,
                token.scope,
                token.expires,
            ),
        )
        return secret

    def token(self, secret: str, kind: str) -> Token | None:
        """The live token of this secret: neither expired nor revoked."""
        row = self._db.execute(
            "SELECT kind, grant_id, tokens.client_id, tokens.email, scope, expires FROM tokens"
            " LEFT JOIN grants ON grants.id = grant_id"
            " WHERE hash = ? AND kind = ? AND coalesce(revoked, 0) = 0",
            (_hash(secret), kind),
        ).fetchone()
        found = Token(*row) if row else None
        return found if found and (not found.expires or found.expires > machine.time()) else None

    def revoke(self, secret: str) -> bool:
        """End the grant that this access or refresh token belongs to, and all its tokens with it."""
        row = self._db.execute("SELECT grant_id FROM tokens WHERE hash = ?", (_hash(secret),)).fetchone()
        if not row:
            return False
        if row[0]:
            self.end_grant(row[0])
        self._db.execute("DELETE FROM tokens WHERE hash = ?", (_hash(secret),))
        return True

    def end_grant(self, grant_id: str) -> None:
        """End a grant; every token of it dies at once."""
        self._db.execute("UPDATE grants SET revoked = 1 WHERE id = ?", (grant_id,))
