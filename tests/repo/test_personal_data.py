"""Erasure and export know every collection."""

import re
from pathlib import Path

from shared.gcp.firestore_personal import IMPERSONAL, OWNED

ROOT = Path(__file__).parents[2]
_COLLECTION = re.compile(r"\.collection(?:_group)?\(\s*f?[\"']([a-z_]+)[\"']\s*\)")
_DOCUMENT = re.compile(r"\.document\(\s*f?[\"']([a-z_]+)/")


def collections_in_code() -> set[str]:
    """Every collection that the deployed code names, whether by itself or as the start of a path."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "shared" / "gcp").glob("*.py")]
    return {
        name for text in sources for pattern in (_COLLECTION, _DOCUMENT) for name in pattern.findall(text)
    }


def test_every_collection_is_erased_or_holds_nobodys_data() -> None:
    """A new collection in shared/gcp fails here until it is in OWNED, or in IMPERSONAL with the reason."""
    owned = {"users"} | {one.name for one in OWNED}
    below = {"private"} | {name for one in OWNED for name in one.below}
    assert collections_in_code() >= {"users", "sessions", "conversations", "files"}
    assert not collections_in_code() - owned - below - set(IMPERSONAL)
    assert not owned & set(IMPERSONAL)
    assert all(IMPERSONAL.values())


def test_sessions_go_last_so_that_a_person_can_ask_again() -> None:
    """An erasure that failed in the middle is asked for again with the session that asked first."""
    assert OWNED[-1].name == "sessions"
