"""Where a file is downloaded: at Drive, by the person's own right."""

import pytest

from shared.errors import NotAllowed, NotFound
from shared.identity.downloads import DriveDownloads, Offer, RecordedDownloads
from shared.models import Person
from tests.fakes.browsing import FakeOffers, FakeTokens

ALICE = Person("1", "alice@example.com", "example.com")
GOOGLE = "https://drive.google.com/uc?id=a&export=download"
PAGE = "https://docs.google.com/document/d/a/edit"
LINK = "https://drive.google.com/file/d/a/view"


async def test_the_address_is_drives_for_this_person() -> None:
    """Asked for with the person's own token; behind a shortcut, of what it points to."""
    drive = FakeOffers({"a": Offer(GOOGLE, PAGE, downloadable=True)})
    for name in ("a", "shortcut~a"):
        assert await DriveDownloads(FakeTokens(), drive).address(ALICE, name, LINK) == GOOGLE
    assert drive.tokens == ["token-of-1", "token-of-1"]


async def test_what_may_only_be_read_is_not_downloaded() -> None:
    """Its owner said so in Drive."""
    drive = FakeOffers({"a": Offer(GOOGLE, PAGE, downloadable=False)})
    with pytest.raises(NotAllowed):
        await DriveDownloads(FakeTokens(), drive).address(ALICE, "a", LINK)


async def test_what_drive_does_not_show_is_not_there() -> None:
    """Also when the check before it said yes a moment ago."""
    with pytest.raises(NotFound):
        await DriveDownloads(FakeTokens(), FakeOffers()).address(ALICE, "a", LINK)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/x",
        "http://drive.google.com/x",
        "https://google.com.evil.example/x",
        "https://notgoogle.com/x",
        "javascript:alert(1)",
        "//evil.example",
        "",
    ],
)
async def test_a_redirect_leads_to_google_or_nowhere(elsewhere: str) -> None:
    """Another host's address is passed over: for the page, and then for the link that is known."""
    drive = FakeOffers({"a": Offer(elsewhere, PAGE, downloadable=True)})
    assert await DriveDownloads(FakeTokens(), drive).address(ALICE, "a", LINK) == PAGE
    drive.offers["a"] = Offer(elsewhere, elsewhere, downloadable=True)
    assert await DriveDownloads(FakeTokens(), drive).address(ALICE, "a", LINK) == LINK


async def test_the_origin_that_drive_itself_is_at_is_trusted() -> None:
    """On a laptop that is the stand-in."""
    drive = FakeOffers({"a": Offer("http://127.0.0.1:9/export/a", "", downloadable=True)})
    found = await DriveDownloads(FakeTokens(), drive, "http://127.0.0.1:9").address(ALICE, "a", LINK)
    assert found == "http://127.0.0.1:9/export/a"


async def test_without_grants_the_page_in_drive_decides() -> None:
    """Nothing is asked; without a page there is nothing to lead to."""
    assert await RecordedDownloads().address(ALICE, "a", LINK) == LINK
    with pytest.raises(NotFound):
        await RecordedDownloads().address(ALICE, "a", "")
