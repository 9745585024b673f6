"""The audit trail's chain: each entry is hashed together with the hash of the one before. Pure.

A changed, removed, inserted or reordered entry breaks a link, and `broken_link` names the first. The head
carries an HMAC under a key of Secret Manager's, so who can write to the database but cannot read that key
cannot rewrite the chain from some entry on and pass.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.identity.records import AuditEntry, ChainHead, Link

GENESIS = "0" * 64
"""What the first link names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first link that does not hold, and why."""

    seq: int
    why: str


def linked(entries: Sequence[AuditEntry], seq: int, last_hash: str) -> list[Link]:
    """`entries` as links that follow number `seq` with `last_hash`."""
    links = []
    for number, entry in enumerate(entries, seq + 1):
        digest = link_hash(number, last_hash, entry)
        links.append(Link(number, last_hash, digest, entry))
        last_hash = digest
    return links


def link_hash(seq: int, previous: str, entry: AuditEntry) -> str:
    """SHA-256 over the number, the hash before and the entry, as JSON with sorted keys and no spaces."""
    content = {
        "seq": seq,
        "previous": previous,
        "id": entry.id,
        "at": round(entry.at * 1_000_000),
        "event": entry.event,
        "actor": entry.actor,
        "subject": entry.subject,
        "request_id": entry.request_id,
        "details": dict(entry.details),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def broken_link(links: Iterable[Link], seq: int, last_hash: str) -> Broken | None:
    """The first of `links` that does not follow number `seq` with `last_hash`; None when all do."""
    for expected, link in enumerate(links, seq + 1):
        if link.seq != expected:
            return Broken(expected, f"entry {expected} is missing; the next one there is {link.seq}")
        if link.previous != last_hash:
            return Broken(link.seq, f"entry {link.seq} does not name the hash of the one before it")
        if link.hash != link_hash(link.seq, link.previous, link.entry):
            return Broken(link.seq, f"entry {link.seq} was changed after it was written")
        last_hash = link.hash
    return None


def authenticated(key_id: str, key: bytes, seq: int, last_hash: str) -> ChainHead:
    """The head that says: the chain ends at `seq` with `last_hash`."""
    return ChainHead(seq, last_hash, key_id, _mac(key, seq, last_hash))


def authentic(head: ChainHead, key: bytes) -> bool:
    """Whether who made the head had the key."""
    return hmac.compare_digest(head.mac, _mac(key, head.seq, head.hash))


def _mac(key: bytes, seq: int, last_hash: str) -> str:
    return hmac.new(key, f"audit-head/{seq}/{last_hash}".encode(), hashlib.sha256).hexdigest()
