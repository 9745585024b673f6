"""Drive's permissions as index restricts: who may find a file.

Only what makes a file discoverable counts. A link-only permission lets somebody with the link open the
file, but it must not turn up in their search (Drive v3, `allowFileDiscovery`).
"""

from collections.abc import Iterable, Mapping
from typing import Any


def principals(permissions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The restrict tokens, sorted: user:E-MAIL, group:E-MAIL, domain:NAME, anyone."""
    return tuple(sorted({token for entry in permissions if (token := _token(entry))}))


def groups(permissions: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The e-mail addresses of the groups among them, sorted."""
    return tuple(token.partition(":")[2] for token in principals(permissions) if token.startswith("group:"))


def _token(entry: Mapping[str, Any]) -> str:
    if entry.get("deleted") or entry.get("view"):
        return ""  # a "view" grants the name or the published copy, not the content
    kind = entry.get("type")
    if kind in ("user", "group"):
        address = str(entry.get("emailAddress", "")).lower()
        return f"{kind}:{address}" if address else ""
    if kind == "domain" and entry.get("allowFileDiscovery"):
        return f"domain:{str(entry.get('domain', '')).lower()}"
    return "anyone" if kind == "anyone" and entry.get("allowFileDiscovery") else ""
