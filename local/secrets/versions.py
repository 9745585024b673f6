"""The methods of SecretManagerService that are about versions and their payloads."""

from typing import Any

import google_crc32c

from local.clock import Clock
from local.secrets import errors, names
from local.secrets.catalog import Catalog, new_etag
from local.secrets.listing import matching, page
from local.secrets.messages import AccessSecretVersionResponse, ListSecretVersionsResponse, SecretVersion
from local.secrets.store import Store
from local.times import seconds, timestamp

MAX_PAYLOAD_BYTES = 65_536
State = SecretVersion.State


def crc32c(data: bytes) -> int:
    """The CRC-32C of a payload (RFC 3720 appendix B.4), as `data_crc32c` carries it."""
    return int(google_crc32c.value(data))


class Versions:
    """Add, get, list, access, and the changes of state."""

    def __init__(self, store: Store, catalog: Catalog, clock: Clock) -> None:
        self._store, self._catalog, self._clock = store, catalog, clock

    async def add(self, request: Any) -> Any:
        """AddSecretVersion: the next number, enabled."""
        secret = self._catalog.existing(names.canonical_secret(request.parent))
        payload = request.payload
        _check_payload(payload)
        number = self._store.latest(secret.name) + 1
        version = SecretVersion(
            name=f"{secret.name}/versions/{number}",
            state=State.ENABLED,
            etag=new_etag(),
            client_specified_payload_checksum=payload.HasField("data_crc32c"),
        )
        version.create_time.CopyFrom(timestamp(self._clock.now()))
        _note_replication(secret, version)
        self._store.add_version(secret.name, number, version, payload.data)
        return version

    async def get(self, request: Any) -> Any:
        """GetSecretVersion, by number, alias or `latest`."""
        return self._resolved(request.name)[2]

    async def list(self, request: Any) -> Any:
        """ListSecretVersions, newest first."""
        secret = self._catalog.existing(names.canonical_secret(request.parent))
        found = [
            self._current(secret.name, _number(each), each) for each in self._store.versions(secret.name)
        ]
        shown, token = page(matching(found, request.filter), request.page_size, request.page_token)
        total = 0 if request.filter else len(found)
        return ListSecretVersionsResponse(versions=shown, next_page_token=token, total_size=total)

    async def access(self, request: Any) -> Any:
        """AccessSecretVersion; the reply names the number even when asked for `latest` or an alias.

        `latest` is the newest version whatever its state, so it can be one that may not be read.
        """
        secret, number, version = self._resolved(request.name)
        if version.state != State.ENABLED:
            raise errors.wrong_state(version.name, State.Name(version.state))
        data = self._store.payload(secret, number)
        reply = AccessSecretVersionResponse(name=version.name)
        reply.payload.data, reply.payload.data_crc32c = data, crc32c(data)
        return reply

    async def enable(self, request: Any) -> Any:
        """EnableSecretVersion; a scheduled destruction is called off."""
        return self._changed(request, State.ENABLED)

    async def disable(self, request: Any) -> Any:
        """DisableSecretVersion."""
        return self._changed(request, State.DISABLED)

    async def destroy(self, request: Any) -> Any:
        """DestroySecretVersion: at once and for good, or after the secret's version_destroy_ttl."""
        secret, number, version = self._for_change(request)
        delay = seconds(self._catalog.existing(secret).version_destroy_ttl)
        version.etag = new_etag()
        if delay:
            version.state = State.DISABLED
            version.scheduled_destroy_time.CopyFrom(timestamp(self._clock.now() + delay))
            self._store.put_version(secret, number, version)
            return version
        return self._destroyed(secret, number, version, self._clock.now())

    def _changed(self, request: Any, state: int) -> Any:
        secret, number, version = self._for_change(request)
        version.state, version.etag = state, new_etag()
        version.ClearField("scheduled_destroy_time")
        self._store.put_version(secret, number, version)
        return version

    def _for_change(self, request: Any) -> tuple[str, int, Any]:
        """The version that may still be changed; only a number names one."""
        secret, number, version = self._resolved(request.name)
        if not request.name.endswith(f"/versions/{number}"):
            raise errors.bad_name(request.name)
        if request.etag and request.etag != version.etag:
            raise errors.wrong_etag(version.name)
        if version.state == State.DESTROYED:
            raise errors.wrong_state(version.name, "DESTROYED")
        return secret, number, version

    def _resolved(self, name: str) -> tuple[str, int, Any]:
        """Secret name, number and message of a version given by number, alias or `latest`."""
        secret_name, last = names.split_version(name)
        secret = self._catalog.find(secret_name)
        if last == "latest":
            number = self._store.latest(secret_name) if secret else 0
            if not number:
                raise errors.no_versions(secret_name)
        elif not secret:
            raise errors.no_secret(secret_name)
        else:
            number = int(last) if last.isdecimal() else secret.version_aliases.get(last, 0)
        version = self._store.version(secret_name, number)
        if not version:
            raise errors.no_version(f"{secret_name}/versions/{last}")
        return secret_name, number, self._current(secret_name, number, version)

    def _current(self, secret: str, number: int, version: Any) -> Any:
        """The version as it is now: a destruction whose time has come is carried out."""
        due = version.HasField("scheduled_destroy_time") and seconds(version.scheduled_destroy_time)
        if due and due <= self._clock.now():
            version.ClearField("scheduled_destroy_time")
            return self._destroyed(secret, number, version, due)
        return version

    def _destroyed(self, secret: str, number: int, version: Any, when: float) -> Any:
        version.state = State.DESTROYED
        version.destroy_time.CopyFrom(timestamp(when))
        self._store.destroy_version(secret, number, version)
        return version


def _number(version: Any) -> int:
    return int(version.name.rsplit("/", 1)[-1])


def _check_payload(payload: Any) -> None:
    if not payload.data:
        raise errors.invalid("Secret Payload cannot be empty.")
    if len(payload.data) > MAX_PAYLOAD_BYTES:
        raise errors.invalid(f"Secret Payload must be at most {MAX_PAYLOAD_BYTES} bytes.")
    if payload.HasField("data_crc32c") and payload.data_crc32c != crc32c(payload.data):
        raise errors.invalid("The payload does not match the data_crc32c that was sent with it.")


def _note_replication(secret: Any, version: Any) -> None:
    if secret.replication.HasField("automatic"):
        version.replication_status.automatic.SetInParent()
    for replica in secret.replication.user_managed.replicas:
        version.replication_status.user_managed.replicas.add(location=replica.location)
