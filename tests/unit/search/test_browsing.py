"""Folders and files as one person may see them, on fakes."""

import pytest

from shared.errors import NotFound
from shared.gcp.browsing_names import beginning, beginnings, matches
from shared.models import Person
from shared.search.browsing import Browser, Listing, Place, Root
from tests.fakes.browsing import FakeShelf, file, folder
from tests.fakes.search import FakeGroupsOf, FakeRights

ALICE = Person("1", "alice@example.com", "example.com")
DOMAIN, HERS = "domain:example.com", "user:alice@example.com"
ROOT = Root("main", "root")


@pytest.fixture
def shelf() -> FakeShelf:
    """Two folders and seven files at the top, of which Alice may see some."""
    made = FakeShelf()
    made.put(folder("People"), DOMAIN)
    made.put(folder("Board"), "user:chair@example.com")
    made.put(folder("Withdrawn"), DOMAIN)
    for number in range(5):
        made.put(file(f"Note {number}"), DOMAIN)
    made.put(file("Memo", "Board"), HERS, stray=(HERS,))
    made.put(file("Minutes", "Board"), "user:chair@example.com", stray=("user:chair@example.com",))
    made.put(file("Leave policy", "People"), DOMAIN)
    return made


@pytest.fixture
def browser(shelf: FakeShelf) -> Browser:
    """Drive lets Alice open all of hers but the folder Withdrawn and Note 2."""
    files = FakeRights({"1": {"Note 0", "Note 1", "Note 3", "Note 4", "Memo", "Minutes", "Leave policy"}})
    return Browser(shelf, files, FakeRights({"1": {"People", "Board"}}), FakeGroupsOf())


def names(found: Listing) -> list[str]:
    """The names on a page."""
    return [one.name for one in found.nodes]


async def test_the_top_shows_folders_then_files_then_what_lies_in_hidden_folders(browser: Browser) -> None:
    """Neither what is not shared with the asker, nor what Drive denies at this moment."""
    found = await browser.top(ALICE, ROOT, None, 100)
    assert names(found) == ["People", "Note 0", "Note 1", "Note 3", "Note 4", "Memo"]
    assert found.following is None
    assert found.folder is None


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6])
async def test_pages_put_together_are_the_whole(browser: Browser, limit: int) -> None:
    """Each once and in order, over the sections; the last page says that it is the last."""
    seen: list[str] = []
    after: Place | None = None
    for _ in range(7):
        page = await browser.top(ALICE, ROOT, after, limit)
        assert len(page.nodes) <= limit
        seen += names(page)
        after = page.following
        if after is None:
            break
    assert seen == ["People", "Note 0", "Note 1", "Note 3", "Note 4", "Memo"]


async def test_a_folder_shows_what_lies_in_it(browser: Browser) -> None:
    """With its own name."""
    found = await browser.inside(ALICE, "People", None, 10)
    assert names(found) == ["Leave policy"]
    assert found.folder is not None
    assert found.folder.name == "People"


@pytest.mark.parametrize("name", ["Withdrawn", "absent"])
async def test_a_folder_that_drive_denies_is_an_absent_one(browser: Browser, name: str) -> None:
    """The same refusal."""
    with pytest.raises(NotFound, match="no such folder among your documents"):
        await browser.inside(ALICE, name, None, 10)


@pytest.mark.parametrize("root", [None, Root("other", "elsewhere")])
async def test_a_collection_without_anything_of_theirs_is_an_absent_one(
    browser: Browser, shelf: FakeShelf, root: Root | None
) -> None:
    """The same refusal after the same number of queries."""
    with pytest.raises(NotFound):
        await browser.top(ALICE, root, None, 10)
    assert shelf.pages == 3


async def test_names_are_found_by_the_beginnings_of_their_words(browser: Browser) -> None:
    """All words, in any order, in any case; nothing of others."""
    assert names(await browser.named(ALICE, "pol LEA", None, 10)) == ["Leave policy"]
    assert names(await browser.named(ALICE, "note", None, 10)) == ["Note 0", "Note 1", "Note 3", "Note 4"]
    assert names(await browser.named(ALICE, "minutes", None, 10)) == []
    assert names(await browser.named(ALICE, "withdrawn", None, 10)) == []


async def test_several_folders_come_without_those_that_are_not_the_askers(browser: Browser) -> None:
    """As if the others had not been asked for."""
    found = await browser.several(ALICE, ["absent", "People", "Withdrawn"], 10)
    assert {name: names(one) for name, one in found.items()} == {"People": ["Leave policy"]}


@pytest.mark.parametrize(
    ("name", "looked_for", "found"),
    [
        ("Travel_Policy v3 (2022).docx", "pol 2022", True),
        ("Travel Policy", "olicy", False),
        ("Kj\u00e6rg\u00e5rd & S\u00f6hne.txt", "s\u00f6h", True),
        ("\u5c31\u696d\u898f\u52472025.docx", "\u898f\u5247", True),
        ("\u5c31\u696d\u898f\u52472025.docx", "\u5247\u898f", False),
        ("A very-extraordinarily-long name.pdf", "extraordinarily", True),
    ],
)
def test_a_name_is_met_by_what_its_words_begin_with(name: str, looked_for: str, found: bool) -> None:
    """What matches has the key that is looked for; unspaced scripts match in the middle."""
    assert matches(name, looked_for) is found
    if found:
        assert beginning(looked_for) in beginnings(name)
