"""What people browse: the adapter on Firestore finds what ingestion wrote, and the fake the same."""

import pytest

from shared.gcp.browsing_names import title
from shared.gcp.firestore_browsing import FirestoreShelf
from shared.gcp.firestore_database import Database
from shared.gcp.firestore_files import FirestoreFiles
from shared.gcp.firestore_folders import FirestoreFolders
from shared.gcp.recorded_rights import FirestoreFolderRights
from shared.ingestion.drive import Grant
from shared.ingestion.interfaces import FileRecord
from shared.ingestion.runs import Folder
from shared.search.browsing import Node, Section, Shelf
from tests.fakes.browsing import FakeShelf

TIMEOUT = 5.0
HERS, DOMAIN, OTHERS = "user:alice@example.com", "domain:example.com", "user:bob@example.com"
MINE = ("anyone", DOMAIN, HERS)
DOMESTIC = (Grant("domain", "example.com"),)
FOLDERS = [
    Folder("people", "People", ("root",), False, "r", DOMESTIC, ()),
    Folder("board", "Board", ("root",), False, "r", (Grant("user", "bob@example.com"),), ()),
    Folder("drive", "Shared drive", ("root",), False, "r", None, ()),
    Folder("deep", "Deep", ("people",), True, "r", DOMESTIC, (DOMAIN,)),
]


def record(name: str, folder: str, principals: tuple[str, ...], around: tuple[str, ...] | None) -> FileRecord:
    """A file's record; its id is its name."""
    return FileRecord(
        name, ("main",), name, "indexed", folders=("root", folder), principals=principals, around=around
    )


FILES = [
    record("Leave.txt", "people", (DOMAIN,), (DOMAIN,)),
    record("Pay.txt", "people", (HERS,), (DOMAIN,)),
    record("Salaries.txt", "people", (OTHERS,), (DOMAIN,)),
    record("Agenda leave.txt", "board", (HERS, OTHERS), (OTHERS,)),
    record("Everybody leaves.txt", "people", tuple(f"user:{n}@example.com" for n in range(60)), None),
    record("Many.txt", "people", (*(f"user:{n}@example.com" for n in range(60)), HERS), None),
]


@pytest.fixture(params=["fake", "firestore"])
async def shelf(request: pytest.FixtureRequest, db: Database) -> Shelf:
    """Each implementation in turn, with the same folders and files."""
    if request.param == "firestore":
        await FirestoreFolders(db, TIMEOUT).put(FOLDERS)
        for one in FILES:
            await FirestoreFiles(db, TIMEOUT).change(one.id, lambda _, one=one: one)  # type: ignore[misc]
        return FirestoreShelf(db, TIMEOUT)
    made = FakeShelf()
    for each in FOLDERS:
        owners = ("anyone",) if each.grants is None else tuple(f"{g.kind}:{g.address}" for g in each.grants)
        stray = tuple(name for name in owners if name not in (each.around or ()))
        node = Node("folder", each.id, each.name, title(each.name), each.parents[0], collections=("",))
        made.put(node, *owners, stray=() if each.grants is None else stray)
    for one in FILES:
        node = Node("file", one.id, one.name, title(one.name), one.folders[-1], collections=("main",))
        stray = () if one.around is None else tuple(p for p in one.principals if p not in one.around)
        made.put(node, *one.principals, stray=() if set(one.around or ()) & set(MINE) else stray)
    return made


async def listed(shelf: Shelf, section: Section, limit: int = 10) -> list[str]:
    """The names of a whole section, read page by page."""
    names: list[str] = []
    after: Node | None = None
    while True:
        nodes, after = await shelf.page(section, MINE, after, limit)
        names += [one.name for one in nodes]
        if after is None:
            return names


@pytest.mark.parametrize("limit", [1, 2, 10])
async def test_a_folder_lists_what_is_shared_with_the_asker(shelf: Shelf, limit: int) -> None:
    """By name, whole whatever the size of a page; long lists of people are looked into."""
    assert await listed(shelf, Section("file", "in", "people"), limit) == ["Leave.txt", "Many.txt", "Pay.txt"]
    assert await listed(shelf, Section("folder", "in", "people"), limit) == ["Deep"]


async def test_whose_a_folder_is_may_be_unknown(shelf: Shelf) -> None:
    """It is listed, for the check of rights to decide; one that is known to be others' is not."""
    assert await listed(shelf, Section("folder", "in", "root")) == ["People", "Shared drive"]


async def test_what_lies_in_folders_of_others_is_listed_beside(shelf: Shelf) -> None:
    """Files by collection, folders all together; not what lies in a folder that the asker is shown."""
    assert await listed(shelf, Section("file", "beside", "main")) == ["Agenda leave.txt"]
    assert await listed(shelf, Section("folder", "beside", "")) == ["People"]


async def test_names_are_found_by_beginnings(shelf: Shelf) -> None:
    """Of what is shared with the asker."""
    assert await listed(shelf, Section("file", "named", "leav")) == ["Agenda leave.txt", "Leave.txt"]
    assert await listed(shelf, Section("file", "named", "leave agenda")) == ["Agenda leave.txt"]
    assert await listed(shelf, Section("folder", "named", "peo")) == ["People"]
    assert await listed(shelf, Section("file", "named", "...")) == []


async def test_one_folder_is_found_by_its_id(shelf: Shelf) -> None:
    """Whoever's it is: the check of rights comes beside."""
    found = await shelf.folder("board")
    assert found is not None
    assert (found.id, found.name, found.parent) == ("board", "Board", "root")
    assert await shelf.folder("absent") is None


async def test_who_may_open_a_folder_is_recorded(db: Database) -> None:
    """For organisations where people give no Drive grant; unknown means nobody."""
    await FirestoreFolders(db, TIMEOUT).put(FOLDERS)
    rights = FirestoreFolderRights(db, TIMEOUT)
    found = await rights.files(["people", "drive", "absent"])
    assert found["people"].grants is not None
    assert [(one.kind, one.address) for one in found["people"].grants] == [("domain", "example.com")]
    assert found["drive"].grants is None
    assert set(found) == {"people", "drive"}
    assert await rights.folder_names(["board"]) == {"board": "Board"}
    assert await rights.files([]) == {}
