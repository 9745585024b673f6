"""Many files: lists, feeds and looks at the folder stay cheap."""

from pathlib import Path

import pytest

from local.drive.engine import Drive
from local.drive.store import DriveStore

from .conftest import Cloud, Serve, listed

pytestmark = pytest.mark.source("local/drive/README.md: speed and state")

COUNT = 3000


def test_thousands_of_files_are_listed_once_each_without_reading_them(serve: Serve) -> None:
    """Pages of 1,000 hold every file exactly once, and no checksum is computed unless asked for."""
    cloud = serve({f"d{number % 30}/f{number}.txt": "x" for number in range(COUNT)})
    found = listed(cloud.service(), "mimeType = 'text/plain'")
    assert len({one["id"] for one in found}) == len(found) == COUNT
    hashed = cloud.server.drive.store._db.execute("SELECT count(*) FROM seen WHERE md5 <> ''").fetchone()
    assert hashed == (0,)


def test_pages_hold_together_while_the_drive_changes(serve: Serve) -> None:
    """A file that is removed between two pages does not make the next page skip another."""
    cloud = serve({f"f{number:02d}.txt": "x" for number in range(20)})
    ask = {"orderBy": "name", "pageSize": 5, "fields": "nextPageToken,files(name)"}
    first = cloud.service().files().list(**ask).execute()
    cloud.play({"event": "delete", "doc_id": "f00.txt"})
    second = cloud.service().files().list(pageToken=first["nextPageToken"], **ask).execute()
    assert [one["name"] for one in second["files"]] == [f"f{number:02d}.txt" for number in range(5, 10)]


def test_unchanged_files_are_not_hashed_again_after_a_restart(serve: Serve, tmp_path: Path) -> None:
    """Checksums are kept in the state, by path, size and time of the file."""
    cloud = serve({"a.txt": "x"}, state=tmp_path / "state")
    service = cloud.service()
    sums = service.files().list(fields="files(md5Checksum)").execute()
    cloud.stop()
    kept = DriveStore(tmp_path / "state" / "drive.sqlite")
    seen = kept._db.execute("SELECT size, mtime_ns FROM seen").fetchone()
    assert kept.checksums("a.txt", *seen) == (
        sums["files"][0]["md5Checksum"],
        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    )
    assert kept.checksums("a.txt", seen[0] + 1, seen[1]) is None
    assert kept.checksums("a.txt", seen[0], seen[1] - 1) is None
    kept.close()


def test_a_killed_server_forgets_nothing_it_acknowledged(tmp_path: Path, serve: Serve) -> None:
    """What was committed is read by a second engine while the first was never closed."""
    state = tmp_path / "state"
    cloud: Cloud = serve({"a.txt": "x"}, state=state)
    cloud.play({"event": "trash", "doc_id": "a.txt"})
    store = DriveStore(state / "drive.sqlite")
    again = Drive(cloud.folder, store)
    item = again.tree.by_key("a.txt")
    assert item is not None
    assert item.trashed
    store.close()
