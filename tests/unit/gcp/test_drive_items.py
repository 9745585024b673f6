"""Drive's resources as ingestion's values."""

from datetime import UTC, datetime

import pytest

from shared.gcp.drive_download import trusted
from shared.gcp.drive_items import entry_of, grants_of, item_of
from shared.ingestion.drive import SHORTCUT, Grant


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ({"type": "user", "emailAddress": "Al@A.com", "role": "owner"}, Grant("user", "al@a.com", "owner")),
        ({"type": "group", "emailAddress": "staff@example.com"}, Grant("group", "staff@example.com")),
        ({"type": "domain", "domain": "Ab.com", "allowFileDiscovery": True}, Grant("domain", "ab.com")),
        ({"type": "domain", "domain": "example.com"}, Grant("domain", "example.com", findable=False)),
        ({"type": "anyone", "allowFileDiscovery": True}, Grant("anyone")),
        ({"type": "anyone", "allowFileDiscovery": False}, Grant("anyone", findable=False)),
        ({"type": "anyone"}, Grant("anyone", findable=False)),
        ({"type": "user", "emailAddress": "gone@example.com", "deleted": True}, None),
        ({"type": "user", "emailAddress": "a@example.com", "view": "metadata"}, None),
        ({"type": "user", "emailAddress": ""}, None),
        ({"type": "domain"}, None),
        ({"type": "robot", "emailAddress": "r@example.com"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_permission_becomes_a_grant_or_nothing(
    permission: dict[str, object], expected: Grant | None
) -> None:
    """What is unknown narrows; a link is told from what search finds."""
    assert grants_of([permission]) == ((expected,) if expected else ())


def test_a_grant_knows_its_end_and_its_folder() -> None:
    """The expiry as a time; the folder it comes from, unless it was given on the item as well."""
    inherited = {"inherited": True, "inheritedFrom": "folder"}
    entry = {"type": "user", "emailAddress": "a@b.c", "expirationTime": "2026-02-01T00:00:00.000Z"}
    (found,) = grants_of([entry | {"permissionDetails": [inherited]}])
    assert (found.source, found.expires) == ("folder", datetime(2026, 2, 1, tzinfo=UTC))
    (both,) = grants_of([entry | {"permissionDetails": [inherited, {"inherited": False}]}])
    assert both.source == ""


def test_sharing_changes_with_whatever_is_shown_of_it() -> None:
    """Permissions in another order are the same; one more, limited access, or another id is not."""
    one, two = {"id": "1", "type": "user"}, {"id": "2", "type": "user"}
    base = {"id": "f", "permissions": [one, two]}
    assert item_of(base).sharing == item_of({"id": "f", "permissions": [two, one]}).sharing
    others = [{"permissions": [one]}, {"inheritedPermissionsDisabled": True}, {"permissionIds": ["3"]}]
    assert len({item_of({**base, **other}).sharing for other in ({}, *others)}) == 4
    assert item_of({"id": "f"}).grants is None


def test_a_shortcut_names_both_in_its_record() -> None:
    """Since the right to both is needed, and the id is what rights are checked by."""
    details = {"targetId": "t", "targetMimeType": "text/plain", "targetResourceKey": "0-k"}
    item = item_of({"id": "s", "mimeType": SHORTCUT, "shortcutDetails": details})
    assert (item.record_id, item.resource_key) == ("s~t", "0-k")


def test_the_feed_tells_files_drives_and_what_is_gone_apart() -> None:
    """Removed files have no item; a shared drive's own entry is marked."""
    assert entry_of({"changeType": "file", "fileId": "f", "removed": True}).item is None
    assert entry_of({"changeType": "drive", "driveId": "d"}).drive
    shown = entry_of({"changeType": "file", "fileId": "f", "file": {"id": "f", "name": "n"}}).item
    assert shown is not None
    assert shown.name == "n"


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://docs.google.com/feeds/download/documents/export/Export?id=1", True),
        ("https://doc-00.googleusercontent.com/x", True),
        ("http://docs.google.com/x", False),
        ("https://docs.google.com.evil.example/x", False),
        ("https://evil.example/x", False),
        ("http://127.0.0.1:1/x", False),
        ("", False),
    ],
)
def test_our_token_is_sent_to_google_only(link: str, *, good: bool) -> None:
    """An export link leads to Google's hosts over TLS, or it is not followed."""
    assert trusted(link, "https://www.googleapis.com/drive/v3/") is good
    assert trusted("http://127.0.0.1:5/x", "http://127.0.0.1:5/drive/v3/")
