"""What an operator does once, by hand or by terraform: make the secrets and put them in Secret Manager."""

import base64
import contextlib
import json
import os
import secrets
from pathlib import Path

TIMEOUT = 10.0


def load_or_make(path: Path) -> dict[str, str]:
    """The secrets of this state folder: read from `path`; what is missing is made and written there.

    The file is for the owner alone.
    """
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = _made() | known
    if made != known:
        _write(path, made)
    return made


def _made() -> dict[str, str]:
    return {
        "oauth-client-secret": secrets.token_urlsafe(32),
        "session-signing-keys": json.dumps({"keys": [{"kid": _kid(), "private_key": _signing_key()}]}),
        "sealing-keys": json.dumps({"keys": [{"kid": _kid(), "key": _sealing_key()}]}),
        "audit-keys": json.dumps({"keys": [{"kid": _kid(), "key": _sealing_key()}]}),
    }


def _write(path: Path, made: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _kid() -> str:
    return secrets.token_hex(4)


def _signing_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return (
        ec.generate_private_key(ec.SECP256R1())
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode()
    )


def _sealing_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


async def put_secrets(address: str, project: str, values: dict[str, str]) -> None:
    """Make `latest` of each secret hold its value; a version is added only where it does not."""
    import grpc.aio
    from google.api_core.exceptions import AlreadyExists
    from google.cloud import secretmanager_v1
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
        SecretManagerServiceGrpcAsyncIOTransport as Transport,
    )

    async with grpc.aio.insecure_channel(address) as channel:
        client = secretmanager_v1.SecretManagerServiceAsyncClient(transport=Transport(channel=channel))
        for name, value in values.items():
            parent = f"projects/{project}/secrets/{name}"
            if await _latest(client, parent) == value.encode():
                continue
            with contextlib.suppress(AlreadyExists):
                await client.create_secret(
                    request={
                        "parent": f"projects/{project}",
                        "secret_id": name,
                        "secret": {"replication": {"automatic": {}}},
                    },
                    timeout=TIMEOUT,
                )
            await client.add_secret_version(
                request={"parent": parent, "payload": {"data": value.encode()}}, timeout=TIMEOUT
            )


async def _latest(client: object, parent: str) -> bytes | None:
    from google.api_core.exceptions import NotFound

    try:
        reply = await client.access_secret_version(  # type: ignore[attr-defined]
            request={"name": f"{parent}/versions/latest"}, timeout=TIMEOUT
        )
    except NotFound:
        return None
    return bytes(reply.payload.data)
