"""How permissions.json is found and read, and what happens when it cannot be."""

import json
from pathlib import Path

import pytest

from local.drive.engine import Drive
from local.drive.layout import BadSidecar
from local.drive.store import DriveStore

from .conftest import ALICE

pytestmark = pytest.mark.source("local/drive/README.md: sidecar")


@pytest.mark.parametrize(
    "broken",
    [
        "not json",
        "[]",
        '{"hello": 1}',
        '{"files": {"f.txt": "everyone"}}',
        '{"files": {"f.txt": {"permissions": "all"}}}',
        '{"files": {}, "reference_time": "later"}',
        '{"groups": ["a"]}',
    ],
)
def test_a_drive_whose_permissions_cannot_be_read_does_not_open(tmp_path: Path, broken: str) -> None:
    """A broken permissions.json stops the start with a sentence; serving without it would open everything."""
    (tmp_path / "files").mkdir()
    (tmp_path / "permissions.json").write_text(broken)
    store = DriveStore(None)
    with pytest.raises(BadSidecar, match="permissions"):
        Drive(tmp_path, store)
    store.close()


@pytest.mark.parametrize("served", ["", "files"])
def test_the_sidecar_is_found_beside_or_above_the_files(tmp_path: Path, served: str) -> None:
    """DIR with files/ and permissions.json, and its files/ alone, are the same Drive."""
    (tmp_path / "files" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "sub" / "f.txt").write_text("x")
    (tmp_path / "permissions.json").write_text('{"files": {"sub/f.txt": {"owner": "zoe@example.com"}}}')
    store = DriveStore(None)
    item = Drive(tmp_path / served, store).tree.by_key("sub/f.txt")
    assert item is not None
    assert item.owner == "zoe@example.com"
    store.close()


def test_a_sidecar_inside_the_served_folder_is_not_a_file_of_it(tmp_path: Path) -> None:
    """A folder of files with permissions.json among them serves the files without it, found by bare names."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "f.txt").write_text("x")
    sidecar = {"files": {"f.txt": {"folder": "Shown", "owner": ALICE}}}
    (tmp_path / "permissions.json").write_text(json.dumps(sidecar))
    store = DriveStore(None)
    tree = Drive(tmp_path, store).tree
    assert {tree.path(item) for item in tree if not item.is_folder} == {"Shown/f.txt"}
    store.close()
