"""Resource names. A project may be given by id or by number; replies carry the number."""

import hashlib
import re

from local.secrets import errors

_PARENT = re.compile(r"projects/([A-Za-z0-9._:-]+)(/locations/[a-z0-9-]+)?")
_SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ALIAS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_NUMBERED = re.compile(r"[1-9][0-9]*")
_TWELVE_DIGITS = 10**11


def project_number(project: str) -> str:
    """The twelve-digit number of a project: always the same one for the same id."""
    if _NUMBERED.fullmatch(project):
        return project
    digest = int.from_bytes(hashlib.sha256(project.encode()).digest()[:8], "big")
    return str(_TWELVE_DIGITS + digest % (9 * _TWELVE_DIGITS))


def canonical_parent(parent: str) -> str:
    """projects/P[/locations/L] with the project's number. Raises INVALID_ARGUMENT."""
    match = _PARENT.fullmatch(parent)
    if not match:
        raise errors.bad_name(parent)
    return f"projects/{project_number(match[1])}{match[2] or ''}"


def canonical_secret(name: str) -> str:
    """projects/P[/locations/L]/secrets/S with the project's number. Raises INVALID_ARGUMENT."""
    parent, found, secret_id = name.partition("/secrets/")
    if not found or not _SECRET_ID.fullmatch(secret_id):
        raise errors.bad_name(name)
    return f"{canonical_parent(parent)}/secrets/{secret_id}"


def split_version(name: str) -> tuple[str, str]:
    """A version's name as its secret's canonical name and the last part: a number, `latest` or an alias.

    Raises INVALID_ARGUMENT.
    """
    secret, found, version = name.partition("/versions/")
    if not found or not (_NUMBERED.fullmatch(version) or _ALIAS.fullmatch(version)):
        raise errors.bad_name(name)
    return canonical_secret(secret), version


def check_alias(alias: str) -> None:
    """Raise INVALID_ARGUMENT unless this may be a version's alias."""
    if not _ALIAS.fullmatch(alias) or alias in {"latest", "NEW"}:
        raise errors.invalid(f"Version alias [{alias}] is not in a valid format.")
