"""Who can sign in: the demo people, their Google identities, and the service account."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from local.drive.layout import find_layout, read_sidecar

DEMO_PEOPLE = ("alice@example.com", "bob@example.com", "carol@partner.example")
DEFAULT_SERVICE_ACCOUNT = "docent@docent-local.example"
"""Not under gserviceaccount.com on purpose: google-auth asks the real IAM about regions for such names."""


@dataclass(frozen=True)
class Person:
    """A Google account. `hd` is empty for a consumer account, which carries no such claim."""

    email: str
    name: str
    hd: str
    email_verified: bool = True

    @property
    def sub(self) -> str:
        """The account's number: 21 digits, the same for ever."""
        return account_number(self.email)


def account_number(email: str) -> str:
    """A stable number of 21 digits for an e-mail address, as Google numbers its accounts."""
    digest = int.from_bytes(hashlib.sha256(email.lower().encode()).digest()[:16], "big")
    return str(10**20 + digest % (9 * 10**20))


def addresses(drive: Path | None) -> tuple[str, ...]:
    """The e-mail addresses of those who can sign in to this Drive; the demo people when it names none."""
    sidecar = find_layout(drive).sidecar if drive else None
    users = read_sidecar(sidecar).get("users") if sidecar else None
    return tuple(dict.fromkeys(str(user).lower() for user in users or DEMO_PEOPLE))


def directory(emails: Iterable[str], overrides: str = "") -> dict[str, Person]:
    """The accounts by e-mail address.

    `overrides` is JSON, {e-mail: {"name", "hd", "email_verified"}}; `"hd": null` makes a consumer account,
    and an address that `emails` lacks is added.
    """
    changes: dict[str, dict[str, object]] = json.loads(overrides) if overrides else {}
    people = {}
    for email in dict.fromkeys([*emails, *changes]):
        mine = changes.get(email, {})
        local, _, domain = email.partition("@")
        people[email] = Person(
            email=email,
            name=str(mine.get("name") or local.replace(".", " ").title()),
            hd=str(mine.get("hd", domain) or ""),
            email_verified=bool(mine.get("email_verified", True)),
        )
    return people
