"""Who finds a file, from its permissions."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ingestion.drive import Grant
from shared.ingestion.rights import groups, next_expiry, principals

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALICE, STAFF = Grant("user", "alice@example.com"), Grant("group", "staff@example.com")
HOUSE, ALL, LINK = Grant("domain", "example.com"), Grant("anyone"), Grant("anyone", findable=False)
OVER = Grant("user", "bob@example.com", expires=NOW)
SOON = Grant("user", "carol@example.com", expires=NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("grants", "via", "expected"),
    [
        ((ALICE, STAFF), None, ("group:staff@example.com", "user:alice@example.com")),
        ((HOUSE, ALL, LINK), None, ("anyone", "domain:example.com")),
        ((LINK,), None, ()),
        ((OVER, SOON), None, ("user:carol@example.com",)),
        (None, None, ()),
        ((ALICE, ALL), (), ()),
        ((ALICE, STAFF), (ALICE,), ("group:staff@example.com", "user:alice@example.com")),
        ((ALICE,), (Grant("user", "bob@example.com"),), ()),
        ((ALICE,), (HOUSE,), ("user:alice@example.com",)),
        ((Grant("user", "x@other.org"),), (HOUSE,), ()),
    ],
)
def test_who_finds_a_file(
    grants: tuple[Grant, ...] | None, via: tuple[Grant, ...] | None, expected: tuple[str, ...]
) -> None:
    """What cannot be read, has run out, or is behind a link alone, lets nobody find it."""
    assert principals(grants, via, NOW) == expected


def test_groups_and_the_next_expiry_are_of_all_lists() -> None:
    """Each group once; of the expiries the next one that is still to come."""
    assert groups((ALICE, STAFF), None, (STAFF,)) == ("staff@example.com",)
    assert next_expiry(NOW, (OVER, SOON), None) == SOON.expires
    assert next_expiry(NOW, (OVER, ALICE)) is None
