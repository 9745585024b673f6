"""Users of a project: made, looked up, changed, removed.

Source: https://cloud.google.com/identity-platform/docs/reference/rest/v1/projects.accounts and what
firebase-admin 7.7 sends and reads (_user_mgt.py).
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any

from local.clock import machine
from local.firebase.errors import Refused
from local.firebase.store import FirebaseStore, User

Json = Mapping[str, Any]

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
SHORTEST_PASSWORD = 6
MAX_CLAIMS = 1000
PLAIN = ("displayName", "photoUrl", "phoneNumber", "emailVerified", "customAttributes")
REMOVABLE = {"DISPLAY_NAME": "displayName", "PHOTO_URL": "photoUrl"}
SECRET = ("passwordHash", "salt")


class Accounts:
    """The users of every project; a project exists as soon as it is named."""

    def __init__(self, store: FirebaseStore) -> None:
        self._store = store

    def create(self, project: str, body: Json) -> User:
        """A new user. Raises Refused: EMAIL_EXISTS, PHONE_NUMBER_EXISTS, DUPLICATE_LOCAL_ID and its like."""
        now = machine.time()
        user: User = {"localId": body.get("localId") or secrets.token_urlsafe(21)}
        if self._store.user(project, user["localId"]):
            raise Refused("DUPLICATE_LOCAL_ID")
        user |= {"createdAt": str(int(now * 1000)), "validSince": str(int(now)), "emailVerified": False}
        user["disabled"] = bool(body.get("disabled"))
        return self._changed(project, user, body)

    def update(self, project: str, body: Json) -> User:
        """A changed user. Raises Refused USER_NOT_FOUND, and what create() raises."""
        user = self._store.user(project, str(body.get("localId")))
        if user is None:
            raise Refused("USER_NOT_FOUND")
        if "disableUser" in body:
            user["disabled"] = bool(body["disableUser"])
        if "validSince" in body:
            user["validSince"] = str(body["validSince"])
        for name in body.get("deleteAttribute", ()):
            user.pop(REMOVABLE.get(name, ""), None)
        if "phone" in body.get("deleteProvider", ()):
            user.pop("phoneNumber", None)
        return self._changed(project, user, body)

    def delete(self, project: str, local_id: str) -> None:
        """Remove a user. Raises Refused USER_NOT_FOUND."""
        if not self._store.delete(project, local_id):
            raise Refused("USER_NOT_FOUND")

    def lookup(self, project: str, body: Json) -> list[User]:
        """The users that any of localId, email, phoneNumber, federatedUserId names; each once."""
        found = [self._store.user(project, one) for one in _texts(body, "localId")]
        found += [self._store.by_email(project, one) for one in _texts(body, "email")]
        found += [self._store.by_phone(project, one) for one in _texts(body, "phoneNumber")]
        if body.get("federatedUserId"):
            raise Refused("OPERATION_NOT_ALLOWED: federatedUserId is not emulated", 501)
        return list({user["localId"]: _shown(user) for user in found if user}.values())

    def page(self, project: str, after: str, count: int) -> tuple[list[User], str]:
        """Users by id, and where the next page begins ("" at the end)."""
        users = list(self._store.after(project, after, count + 1))
        more = len(users) > count
        return [_shown(user) for user in users[:count]], users[count - 1]["localId"] if more else ""

    def enabled(self, project: str, local_id: str) -> User:
        """A user who may sign in. Raises Refused USER_NOT_FOUND or USER_DISABLED."""
        user = self._store.user(project, local_id)
        if user is None:
            raise Refused("USER_NOT_FOUND")
        if user["disabled"]:
            raise Refused("USER_DISABLED")
        return user

    def with_password(self, project: str, email: str, password: str) -> User:
        """The user of this address and password. Raises Refused INVALID_LOGIN_CREDENTIALS."""
        user = self._store.by_email(project, email)
        if user is None or "passwordHash" not in user:
            raise Refused("INVALID_LOGIN_CREDENTIALS")
        if not hmac.compare_digest(_digest(password, user["salt"]), user["passwordHash"]):
            raise Refused("INVALID_LOGIN_CREDENTIALS")
        return self.enabled(project, user["localId"])

    def with_email(self, project: str, email: str) -> User:
        """The user of this address, made now if there is none, as a sign-in with Google does."""
        user = self._store.by_email(project, email)
        if user is None:
            local_id = hashlib.sha256(f"{project} {email.lower()}".encode()).hexdigest()[:28]
            return self.create(project, {"localId": local_id, "email": email, "emailVerified": True})
        return self.enabled(project, user["localId"])

    def signed_in(self, project: str, user: User) -> None:
        """Note the time of a sign-in."""
        now = machine.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        self._store.put(project, user | {"lastLoginAt": str(int(now * 1000)), "lastRefreshAt": stamp})

    def _changed(self, project: str, user: User, body: Json) -> User:
        """The user with the fields of `body`, kept."""
        user |= {name: body[name] for name in PLAIN if name in body}
        if len(str(user.get("customAttributes", ""))) > MAX_CLAIMS:
            raise Refused("CLAIMS_TOO_LARGE")
        if "email" in body:
            if not EMAIL.fullmatch(str(body["email"])):
                raise Refused("INVALID_EMAIL")
            user["email"] = str(body["email"]).lower()
        if "password" in body:
            if len(str(body["password"])) < SHORTEST_PASSWORD:
                raise Refused("WEAK_PASSWORD : Password should be at least 6 characters")
            user["salt"] = secrets.token_urlsafe(12)
            user["passwordHash"] = _digest(str(body["password"]), user["salt"])
        try:
            self._store.put(project, user)
        except sqlite3.IntegrityError as error:
            raise Refused("PHONE_NUMBER_EXISTS" if "phone" in str(error) else "EMAIL_EXISTS") from None
        return user


def _shown(user: User) -> User:
    """The record without its password, with its providers."""
    shown = {name: value for name, value in user.items() if name not in SECRET}
    shown["providerUserInfo"] = list(_providers(user))
    return shown


def _providers(user: User) -> Iterable[dict[str, str]]:
    if "email" in user:
        provider = "password" if "passwordHash" in user else "google.com"
        yield {"providerId": provider, "rawId": user["email"], "email": user["email"]}
    if "phoneNumber" in user:
        yield {"providerId": "phone", "rawId": user["phoneNumber"], "phoneNumber": user["phoneNumber"]}


def _texts(body: Json, name: str) -> list[str]:
    value = body.get(name, [])
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()
