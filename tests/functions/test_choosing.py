"""Choosing a folder to make a collection of: live from Drive, as the connector sees it."""

import pytest

from tests.functions.test_ingest import Plant


@pytest.fixture
def plant() -> Plant:
    """A Drive with folders, files and a shared drive."""
    one = Plant()
    drive = one.world.drive
    drive.shared_drive("team", ["user:alice@example.com"])
    for name in ("zebra", "apple"):
        drive.folder_at(name)
    for number in range(4):
        drive.put(f"file{number}")
    drive.folder_at("inner", parent="apple")
    return one


async def chosen(plant: Plant, path: str) -> tuple[list[tuple[str, str]], str | None]:
    """Kinds and ids of the folders of one page, and what asks for the next."""
    answer = await plant.call("GET", path, "admin")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return [(one["kind"], one["id"]) for one in found["folders"]], found["next_cursor"]


async def test_one_begins_at_the_drives_and_goes_down(plant: Plant) -> None:
    """My Drive and the shared drives; then folders by name, and no files."""
    assert await chosen(plant, "/ingest/folders") == ([("my-drive", "root"), ("drive", "team")], None)
    inside = await chosen(plant, "/ingest/folders?folder_id=root")
    assert inside == ([("folder", "apple"), ("folder", "zebra")], None)
    assert await chosen(plant, "/ingest/folders?folder_id=apple") == ([("folder", "inner")], None)
    assert await chosen(plant, "/ingest/folders?folder_id=inner") == ([], None)


async def test_pages_without_folders_are_passed_over(plant: Plant) -> None:
    """Four files on pages of their own lie between two folders; each folder is found once."""
    plant.world.drive.page_size = 1
    found, cursor = await chosen(plant, "/ingest/folders?folder_id=root")
    while cursor is not None:
        more, cursor = await chosen(plant, f"/ingest/folders?folder_id=root&cursor={cursor}")
        found += more
    assert found == [("folder", "apple"), ("folder", "zebra")]


async def test_a_folder_that_is_not_there_is_not_found(plant: Plant) -> None:
    """Nor is nonsense looked up."""
    assert (await plant.call("GET", "/ingest/folders?folder_id=absent", "admin")).status_code == 404
    assert (await plant.call("GET", "/ingest/folders?folder_id=a%20b", "admin")).status_code == 422
