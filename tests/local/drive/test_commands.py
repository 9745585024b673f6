"""`python -m local drive`: scripts and verbs."""

import json
from pathlib import Path

import pytest

from local.drive.commands import main
from local.drive.events import HANDLERS

from .conftest import (
    ALICE,
    BOB,
    CAROL,
    Cloud,
    who,
)

pytestmark = pytest.mark.source("local/drive/README.md: events and verbs")


def test_the_command_line_plays_a_script(
    cloud: Cloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`apply` reads content files below --root, prints each event, and stops with 1 at a refused one."""
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.txt").write_text("from the script")
    script = tmp_path / "events.jsonl"
    events = [
        {
            "seq": 1,
            "time": "2025-04-03T00:00:00Z",
            "event": "edit",
            "doc_id": "a.txt",
            "content_file": "new/a.txt",
        },
        {"seq": 2, "time": "2025-04-04T00:00:00Z", "event": "trash", "doc_id": "b.txt"},
    ]
    script.write_text("".join(json.dumps(event) + "\n" for event in events))
    port = cloud.base.rpartition(":")[2].strip("/")
    assert main(["apply", str(script), "--root", str(tmp_path), "--drive-port", port]) == 0
    assert [json.loads(line)["seq"] for line in capsys.readouterr().out.splitlines()] == [1, 2]
    assert cloud.service().files().get_media(fileId=cloud.ids()["a.txt"]).execute() == b"from the script"
    script.write_text(json.dumps({"seq": 3, "event": "trash", "doc_id": "gone.txt"}))
    assert main(["apply", str(script), "--drive-port", port]) == 1
    assert "gone.txt" in capsys.readouterr().err


def test_each_event_is_a_verb_too(cloud: Cloud, tmp_path: Path) -> None:
    """share, unshare, move, rename, edit, trash ... take a path in the Drive."""
    port = cloud.base.rpartition(":")[2].strip("/")
    (tmp_path / "bytes.txt").write_text("typed")

    def run(*argv: str) -> None:
        assert main([*argv, "--drive-port", port]) == 0

    ids = cloud.ids()
    run("share", "B/b.txt", "--with", BOB, "--role", "writer")
    run("unshare", "B/b.txt", "--with", CAROL)
    assert who(cloud, ids["b.txt"]) == {ALICE, BOB}
    run("share", "B", "--with", "team@example.com")
    run("share", "b.txt", "--with", "partner.example", "--discoverable")
    assert who(cloud, ids["b.txt"]) == {ALICE, BOB, CAROL}
    run("move", "A/a.txt", "B/")
    run("rename", "B/a.txt", "z.txt")
    run("edit", "B/z.txt", str(tmp_path / "bytes.txt"))
    assert cloud.ids()["z.txt"] == ids["a.txt"]
    assert cloud.service().files().get_media(fileId=ids["a.txt"]).execute() == b"typed"
    run("create", "B/fresh.txt", str(tmp_path / "bytes.txt"), "--owner", ALICE)
    run("copy", "B/fresh.txt", "B/again.txt")
    run("delete", "B/fresh.txt")
    run("limit", "B")
    run("member-add", "Lab", "--with", CAROL)
    run("group-add", "team@example.com", CAROL)
    run("transfer", "B/z.txt", BOB)
    run("clock", "2025-05-01T00:00:00Z")
    run("trash", "B/again.txt")
    assert {"z.txt", "again.txt"} <= set(cloud.ids())
    assert main(["trash", "x"]) == 2
    assert main(["trash", "x", "--drive-port", "1"]) == 3


def test_every_event_has_its_verb(cloud: Cloud, tmp_path: Path) -> None:
    """No event of a script is without a verb of its name; those of folders do what the event does."""
    port = cloud.base.rpartition(":")[2].strip("/")
    for event in HANDLERS:
        with pytest.raises(SystemExit) as ended:
            main([event, "--help"])
        assert ended.value.code == 0, event
    (tmp_path / "bytes.txt").write_text("typed")

    def run(*argv: str) -> None:
        assert main([*argv, "--drive-port", port]) == 0

    ids = cloud.ids()
    run("share_folder", "B", "--with", BOB)
    assert BOB in who(cloud, ids["b.txt"])
    run("unshare-folder", "B", "--with", BOB)
    assert BOB not in who(cloud, ids["b.txt"])
    run("trash_folder", "B")
    assert cloud.service().files().get(fileId=ids["b.txt"], fields="trashed").execute()["trashed"]
    run("untrash-folder", "B")
    run("rename_folder", "B", "C")
    run("new_version", "C/b.txt", str(tmp_path / "bytes.txt"))
    assert cloud.service().files().get_media(fileId=ids["b.txt"]).execute() == b"typed"
