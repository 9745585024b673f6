"""The methods of SecretManagerService that are about secrets."""

import secrets as randomness
from typing import Any

from google.protobuf.empty_pb2 import Empty

from local.clock import Clock
from local.secrets import errors, names
from local.secrets.listing import matching, page
from local.secrets.messages import ListSecretsResponse, Secret
from local.secrets.store import Store
from local.times import seconds, timestamp

_MUTABLE = {"labels", "annotations", "version_aliases", "expire_time", "ttl", "version_destroy_ttl"}
_NOT_EMULATED = {
    "topics": "Publishing to Pub/Sub topics",
    "rotation": "Rotation",
    "customer_managed_encryption": "Customer-managed encryption",
    "tags": "Resource tags",
}
_MAX_LABELS, _MAX_ALIASES = 64, 50
_MAX_ANNOTATION_BYTES = 16 * 1024


def new_etag() -> str:
    """A fresh etag; the quotes belong to it (AIP-154)."""
    return f'"{randomness.token_hex(8)}"'


class Catalog:
    """Create, get, list, update, delete."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def create(self, request: Any) -> Any:
        """CreateSecret."""
        name = names.canonical_secret(f"{request.parent}/secrets/{request.secret_id}")
        given = request.secret
        regional = "/locations/" in name
        if regional == bool(given.replication.WhichOneof("replication")):
            raise errors.invalid("Secret.replication is required for a global secret, and only for one.")
        self._check(given)
        if self.find(name):
            raise errors.secret_exists(name)
        secret = Secret()
        secret.CopyFrom(given)
        secret.name, secret.etag = name, new_etag()
        secret.create_time.CopyFrom(timestamp(self._clock.now()))
        self._settle_expiry(secret)
        self._store.put_secret(secret)
        return secret

    async def get(self, request: Any) -> Any:
        """GetSecret."""
        return self.existing(names.canonical_secret(request.name))

    async def list(self, request: Any) -> Any:
        """ListSecrets, newest first."""
        found = [
            each
            for each in self._store.secrets(names.canonical_parent(request.parent))
            if self.find(each.name)
        ]
        shown, token = page(matching(found, request.filter), request.page_size, request.page_token)
        total = 0 if request.filter else len(found)
        return ListSecretsResponse(secrets=shown, next_page_token=token, total_size=total)

    async def update(self, request: Any) -> Any:
        """UpdateSecret; every field must be named in the mask."""
        secret = self.existing(names.canonical_secret(request.secret.name))
        paths = list(request.update_mask.paths)
        if not paths:
            raise errors.invalid("The update_mask is required.")
        for path in paths:
            if path in _NOT_EMULATED:
                raise errors.not_emulated(_NOT_EMULATED[path])
            if path not in _MUTABLE:
                raise errors.invalid(f"The field [{path}] cannot be updated.")
        _check_etag(secret, request.secret.etag)
        for field in paths:
            secret.ClearField("expire_time" if field == "ttl" else field)
            _copy_field(request.secret, secret, field)
        self._check(secret)
        self._settle_expiry(secret)
        secret.etag = new_etag()
        self._store.put_secret(secret)
        return secret

    async def delete(self, request: Any) -> Empty:
        """DeleteSecret, with all its versions."""
        secret = self.existing(names.canonical_secret(request.name))
        _check_etag(secret, request.etag)
        self._store.drop_secret(secret.name)
        return Empty()

    def find(self, name: str) -> Any | None:
        """The secret, or None; one that has expired is deleted on the way."""
        secret = self._store.secret(name)
        if secret and secret.HasField("expire_time") and seconds(secret.expire_time) <= self._clock.now():
            self._store.drop_secret(name)
            return None
        return secret

    def existing(self, name: str) -> Any:
        """The secret, or NOT_FOUND."""
        secret = self.find(name)
        if not secret:
            raise errors.no_secret(name)
        return secret

    def _check(self, secret: Any) -> None:
        for field, what in _NOT_EMULATED.items():
            if _is_set(secret, field):
                raise errors.not_emulated(what)
        if len(secret.labels) > _MAX_LABELS:
            raise errors.invalid(f"A secret has at most {_MAX_LABELS} labels.")
        if sum(len(key) + len(value) for key, value in secret.annotations.items()) >= _MAX_ANNOTATION_BYTES:
            raise errors.invalid("The annotations of a secret must be smaller than 16KiB.")
        if len(secret.version_aliases) > _MAX_ALIASES:
            raise errors.invalid(f"A secret has at most {_MAX_ALIASES} version aliases.")
        for alias, number in secret.version_aliases.items():
            names.check_alias(alias)
            if not self._store.version(secret.name, number):
                raise errors.invalid(f"Version alias [{alias}] points to no version [{number}].")

    def _settle_expiry(self, secret: Any) -> None:
        """Turn a ttl, which is input only, into expire_time."""
        if secret.HasField("ttl"):
            secret.expire_time.CopyFrom(timestamp(self._clock.now() + seconds(secret.ttl)))
        if secret.HasField("expire_time") and seconds(secret.expire_time) <= self._clock.now():
            raise errors.invalid("Secret.expire_time must be in the future.")


def _check_etag(secret: Any, etag: str) -> None:
    if etag and etag != secret.etag:
        raise errors.wrong_etag(secret.name)


def _is_set(secret: Any, field: str) -> bool:
    value = getattr(secret, field)
    return bool(len(value)) if hasattr(value, "__len__") else bool(secret.HasField(field))


def _copy_field(source: Any, target: Any, field: str) -> None:
    value = getattr(source, field)
    if hasattr(value, "items"):
        for key, each in value.items():
            getattr(target, field)[key] = each
    elif source.HasField(field):
        getattr(target, field).CopyFrom(value)
