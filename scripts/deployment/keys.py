"""The secrets that Docent makes for itself. A value goes to Secret Manager once and is printed nowhere."""

import base64
import json
import secrets

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scripts.deployment.cloud import Cloud

_MADE = {
    "SECRETS_SESSION_KEYS": lambda: _ring("private_key", _signing_key()),
    "SECRETS_SEALING_KEYS": lambda: _ring("key", _random_key()),
    "SECRETS_AUDIT_KEYS": lambda: _ring("key", _random_key()),
}


class NotKept(Exception):
    """Secret Manager refused a value; the sentence says which and why."""


def fill(cloud: Cloud, names: dict[str, str], client_secret: str) -> list[str]:
    """Give a value to each secret that has none; returns what was done, a line each.

    `names` are the secrets' ids by setting, as Terraform's output `secrets` has them. A value that is there
    is never replaced, the OAuth client's excepted, when one is given that differs.

    Raises:
        NotKept: when a value is refused, or the OAuth client's is not known.
    """
    lines = []
    for setting, name in sorted(names.items()):
        path = f"v1/projects/{cloud.project}/secrets/{name}"
        there = cloud.get("secretmanager", f"{path}/versions/latest:access")
        if setting == "SECRETS_CLIENT_SECRET" and client_secret:
            value = client_secret
            if there.ok and there.body["payload"]["data"] == _encoded(value):
                continue
        elif there.ok:
            continue
        elif setting in _MADE:
            value = _MADE[setting]()
        else:
            lines.append(f"{name} needs a value of yours (docs/operations.md, Rotation)")
            continue
        answer = cloud.post("secretmanager", f"{path}:addVersion", {"payload": {"data": _encoded(value)}})
        if not answer.ok:
            raise NotKept(f"{name} was not kept: {answer.message}")
        lines.append(f"{name} has a value now")
    return lines


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _ring(name: str, key: str) -> str:
    return json.dumps({"keys": [{"kid": secrets.token_hex(4), name: key}]})


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _signing_key() -> str:
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
