"""Which permissions make a file findable."""

import pytest

from shared.gcp.drive_permissions import groups, principals


@pytest.mark.parametrize(
    ("permission", "token"),
    [
        ({"type": "user", "emailAddress": "Alice@Example.com", "role": "owner"}, "user:alice@example.com"),
        ({"type": "group", "emailAddress": "staff@example.com"}, "group:staff@example.com"),
        ({"type": "domain", "domain": "Example.com", "allowFileDiscovery": True}, "domain:example.com"),
        ({"type": "anyone", "allowFileDiscovery": True}, "anyone"),
        ({"type": "anyone", "allowFileDiscovery": False}, None),
        ({"type": "anyone"}, None),
        ({"type": "domain", "domain": "example.com", "allowFileDiscovery": False}, None),
        ({"type": "domain", "domain": "example.com"}, None),
        ({"type": "user", "emailAddress": "gone@example.com", "deleted": True}, None),
        ({"type": "user", "emailAddress": "a@example.com", "view": "metadata"}, None),
        ({"type": "user", "emailAddress": ""}, None),
        ({"type": "robot", "emailAddress": "r@example.com"}, None),
        ({}, None),
    ],
)
def test_a_permission_becomes_a_token_or_nothing(permission: dict[str, object], token: str | None) -> None:
    """Only what Drive would let somebody find by search; what is unknown narrows."""
    assert principals([permission]) == ((token,) if token else ())


def test_tokens_are_sorted_and_groups_are_named() -> None:
    """The same permissions in any order are the same restricts."""
    entries = [
        {"type": "group", "emailAddress": "b@example.com"},
        {"type": "group", "emailAddress": "a@example.com"},
        {"type": "anyone", "allowFileDiscovery": True},
    ]
    assert principals(entries) == principals(entries[::-1])
    assert groups(entries) == ("a@example.com", "b@example.com")
