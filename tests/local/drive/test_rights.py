"""Who sees what: computed from permissions, groups and the clock.

Expected behaviour: Drive guides "Roles and permissions", "Manage folders with limited and expansive access",
and the Permission resource of the v3 reference.
"""

import json
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from .conftest import ALICE, BOB, CAROL, DEMO, METADATA, PEOPLE, Cloud, Serve, group, listed, user

pytestmark = pytest.mark.source(
    "https://developers.google.com/workspace/drive/api/guides/ref-roles "
    "and the Permission resource of Drive v3"
)

SIDECAR = json.loads((DEMO / "permissions.json").read_text())


def sees(cloud: Cloud, person: str, item_id: str) -> bool:
    """Whether files.get answers for this person."""
    request = cloud.service(person).files().get(fileId=item_id, supportsAllDrives=True)
    try:
        request.execute()
    except HttpError as error:
        return error.resp.status != 404
    return True


def readers(cloud: Cloud, name: str, people: tuple[str, ...] = PEOPLE) -> set[str]:
    """Those of the people who can get the item of this name."""
    item_id = cloud.ids()[name]
    return {person for person in people if sees(cloud, person, item_id)}


@pytest.mark.source("local/demo/README.md: who may read what")
@pytest.mark.parametrize("person", PEOPLE)
def test_each_person_reads_exactly_the_demo_files_that_they_may(demo: Cloud, person: str) -> None:
    """files.get answers for the effective readers of the demo's sidecar, and is 404 for everyone else."""
    ids, service = demo.ids(), demo.service(person)
    for name, entry in SIDECAR["files"].items():
        request = service.files().get(fileId=ids[name], fields="id,name")
        if person in entry["effective_readers"]:
            assert request.execute() == {"id": ids[name], "name": name}
        else:
            with pytest.raises(HttpError) as refused:
                request.execute()
            assert refused.value.resp.status == 404


@pytest.mark.parametrize("person", PEOPLE)
def test_lists_show_what_a_person_may_read_but_not_what_is_shared_by_link_only(
    demo: Cloud, person: str
) -> None:
    """files.list has the readable files, without the one whose link alone opens it, but for its owner."""
    names = {
        one["name"]
        for one in listed(demo.service(person), "mimeType != 'application/vnd.google-apps.folder'")
    }
    link_only = "Sicherheitshinweise Merrow.txt"
    expected = {name for name, one in SIDECAR["files"].items() if person in one["effective_readers"]}
    assert names == (expected if person == BOB else expected - {link_only})


@pytest.mark.source("local/drive/README.md: who is asking")
def test_the_service_account_sees_every_file(demo: Cloud) -> None:
    """The connector lists all files and folders of the served Drive."""
    assert set(SIDECAR["files"]) <= set(demo.ids())
    assert {"People", "Finance", "Archive", "Restricted"} <= set(demo.ids())


@pytest.mark.source("local/drive/README.md: sidecar")
def test_a_folder_without_a_sidecar_is_readable_by_every_demo_person(serve: Serve) -> None:
    """No permissions.json: all demo people read everything, in folders too; a stranger reads nothing."""
    cloud = serve({"a.txt": "one", "deep/er/b.txt": "two"})
    assert readers(cloud, "b.txt", (*PEOPLE, "eve@example.com")) == set(PEOPLE)
    names = {one["name"] for one in listed(cloud.service(CAROL))}
    assert names == {"a.txt", "b.txt", "deep", "er"}


@pytest.mark.source("local/drive/README.md: sidecar")
def test_a_file_that_the_sidecar_does_not_know_is_open_to_nobody(serve: Serve) -> None:
    """Beside a sidecar, a file without an entry is seen by the connector only."""
    cloud = serve({"known.txt": "1", "unknown.txt": "2"}, {"files": {"known.txt": {"owner": ALICE}}})
    assert readers(cloud, "known.txt") == {ALICE}
    assert readers(cloud, "unknown.txt") == set()


def test_groups_nest_and_may_form_cycles(serve: Serve) -> None:
    """A member of a group in a group reads; a cycle ends; an empty group gives nothing."""
    groups = {
        "outer@example.com": ["inner@example.com"],
        "inner@example.com": [BOB, "outer@example.com"],
        "empty@example.com": [],
    }
    files = {
        "nested.txt": {"owner": ALICE, "permissions": [user(ALICE, "owner"), group("Outer@Example.com")]},
        "empty.txt": {"owner": ALICE, "permissions": [user(ALICE, "owner"), group("empty@example.com")]},
    }
    cloud = serve(dict.fromkeys(files, "x"), {"groups": groups, "files": files})
    assert readers(cloud, "nested.txt") == {ALICE, BOB}
    assert readers(cloud, "empty.txt") == {ALICE}


@pytest.mark.source("local/drive/README.md: sidecar")
def test_a_permission_counts_until_its_expiry_by_the_drives_clock(serve: Serve) -> None:
    """An expirationTime is compared with reference_time, and then with the clock that events move."""
    shared = [user(ALICE, "owner"), user(BOB, expirationTime="2025-05-01T00:00:00Z")]
    sidecar = {
        "reference_time": "2025-04-30T23:59:59Z",
        "files": {"f.txt": {"owner": ALICE, "permissions": shared}},
    }
    cloud = serve({"f.txt": "x"}, sidecar)
    assert readers(cloud, "f.txt") == {ALICE, BOB}
    cloud.play({"event": "clock", "time": "2025-05-01T00:00:00Z"})
    assert readers(cloud, "f.txt") == {ALICE}


def test_a_view_that_shows_names_only_is_no_right_to_read(serve: Serve) -> None:
    """A permission with view=metadata counts for nothing."""
    shared = [user(ALICE, "owner"), user(BOB, view="metadata")]
    cloud = serve({"f.txt": "x"}, {"files": {"f.txt": {"owner": ALICE, "permissions": shared}}})
    assert readers(cloud, "f.txt") == {ALICE}


@pytest.mark.source("local/drive/README.md: sidecar")
def test_a_permission_that_cannot_be_understood_narrows(serve: Serve) -> None:
    """Unknown types, roles and broken dates give no access to anyone."""
    odd = [
        {"type": "everyone", "role": "reader"},
        user(BOB, "superuser"),
        user(CAROL, expirationTime="tomorrow"),
        {"type": "user", "role": "reader"},
    ]
    sidecar = {"files": {"f.txt": {"owner": ALICE, "permissions": [user(ALICE, "owner"), *odd]}}}
    cloud = serve({"f.txt": "x"}, sidecar)
    assert readers(cloud, "f.txt") == {ALICE}


def folders_sidecar() -> dict[str, Any]:
    """Folders that carry the permissions, one of them limited."""
    return {
        "groups": {"staff@example.com": [BOB, CAROL]},
        "folders": {
            "Team": {"id": "team", "owner": ALICE, "permissions": [group("staff@example.com")]},
            "Team/Secret": {
                "id": "secret",
                "parents": ["team"],
                "owner": ALICE,
                "permissions": [user(ALICE, "owner"), user(BOB, "writer")],
                "inheritedPermissionsDisabled": True,
            },
        },
        "files": {
            "Team/plan.txt": {"folder": "Team", "owner": ALICE},
            "Team/Secret/pay.txt": {"folder": "Team/Secret", "owner": ALICE, "permissions": []},
            "Team/Secret/deep/list.txt": {"folder": "Team/Secret/deep", "owner": ALICE},
        },
    }


@pytest.mark.source("local/drive/README.md: sidecar")
def test_what_folders_carry_flows_down_until_a_limited_folder_cuts_it(serve: Serve) -> None:
    """Where only folders have lists, files inherit; below a limited folder only its own list counts."""
    sidecar = folders_sidecar()
    cloud = serve(dict.fromkeys(sidecar["files"], "x"), sidecar)
    assert readers(cloud, "plan.txt") == {ALICE, BOB, CAROL}
    assert readers(cloud, "pay.txt") == {ALICE, BOB}
    assert readers(cloud, "list.txt") == {ALICE, BOB}
    assert readers(cloud, "Secret") == {ALICE, BOB}


def test_a_files_own_list_is_complete(serve: Serve) -> None:
    """What a folder grants but the file's list lacks does not reach the file."""
    sidecar = folders_sidecar()
    sidecar["files"]["Team/plan.txt"]["permissions"] = [user(ALICE, "owner"), user(CAROL)]
    cloud = serve(dict.fromkeys(sidecar["files"], "x"), sidecar)
    assert readers(cloud, "plan.txt") == {ALICE, CAROL}


def test_an_inherited_entry_follows_its_folder(serve: Serve) -> None:
    """An entry that is marked as inherited ends when the folder's grant does; a direct one stays."""
    sidecar = folders_sidecar()
    inherited = {"permissionType": "file", "role": "reader", "inherited": True, "inheritedFrom": "team"}
    sidecar["files"]["Team/plan.txt"]["permissions"] = [
        user(ALICE, "owner"),
        group("staff@example.com", permissionDetails=[inherited]),
        user(CAROL, permissionDetails=[{"permissionType": "file", "role": "reader", "inherited": False}]),
    ]
    cloud = serve(dict.fromkeys(sidecar["files"], "x"), sidecar)
    assert readers(cloud, "plan.txt") == {ALICE, BOB, CAROL}
    cloud.play({"event": "unshare_folder", "folder": "Team", "permission": group("staff@example.com")})
    assert readers(cloud, "plan.txt") == {ALICE, CAROL}


@pytest.mark.source("local/drive/README.md: sidecar")
def test_an_inherited_entry_without_a_known_folder_counts_as_listed(serve: Serve) -> None:
    """A list is believed even where the folder that an entry came from says nothing."""
    inherited = {"permissionType": "file", "role": "reader", "inherited": True, "inheritedFrom": "elsewhere"}
    entry = {"owner": ALICE, "permissions": [user(ALICE, "owner"), user(BOB, permissionDetails=[inherited])]}
    cloud = serve({"f.txt": "x"}, {"files": {"f.txt": entry}})
    assert readers(cloud, "f.txt") == {ALICE, BOB}


def drive_sidecar() -> dict[str, Any]:
    """A shared drive with members of several roles and a limited folder."""
    members = [user(ALICE, "organizer"), group("crew@example.com", "writer")]
    return {
        "shared_drives": {
            "Projects": {
                "id": "0Adrive",
                "members": members,
            }
        },
        "groups": {"crew@example.com": [BOB]},
        "folders": {
            "Projects": {"driveId": "0Adrive"},
            "Projects/Board": {"driveId": "0Adrive", "inheritedPermissionsDisabled": True, "permissions": []},
        },
        "files": {
            "Projects/spec.txt": {"folder": "Projects", "owner": None, "driveId": "0Adrive"},
            "Projects/Board/memo.txt": {"folder": "Projects/Board", "owner": None, "driveId": "0Adrive"},
            "own.txt": {"folder": "", "owner": CAROL},
        },
    }


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/limited-expansive-access")
def test_members_of_a_shared_drive_read_it_and_managers_its_limited_folders_too(serve: Serve) -> None:
    """Membership flows from the drive; a limited folder keeps its organizers only."""
    cloud = serve({"Projects/spec.txt": "1", "Projects/Board/memo.txt": "2", "own.txt": "3"}, drive_sidecar())
    assert readers(cloud, "spec.txt") == {ALICE, BOB}
    assert readers(cloud, "memo.txt") == {ALICE}
    drives = cloud.service(BOB).drives().list().execute()["drives"]
    assert drives == [{"kind": "drive#drive", "id": "0Adrive", "name": "Projects"}]
    assert cloud.service(CAROL).drives().list().execute()["drives"] == []


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/enable-shareddrives")
def test_shared_drive_items_exist_only_for_callers_that_support_them(serve: Serve) -> None:
    """Without supportsAllDrives files.get is 404; without includeItemsFromAllDrives lists leave them out."""
    cloud = serve({"Projects/spec.txt": "1", "Projects/Board/memo.txt": "2", "own.txt": "3"}, drive_sidecar())
    service, item_id = cloud.service(), cloud.ids()["spec.txt"]
    with pytest.raises(HttpError) as refused:
        service.files().get(fileId=item_id).execute()
    assert refused.value.resp.status == 404
    assert [one["name"] for one in service.files().list().execute()["files"]] == ["own.txt"]
    inside = listed(service, corpora="drive", driveId="0Adrive")
    assert {one["name"] for one in inside} == {"spec.txt", "Board", "memo.txt"}
    found = service.files().get(fileId=item_id, supportsAllDrives=True, fields="driveId,parents").execute()
    assert found == {"driveId": "0Adrive", "parents": ["0Adrive"]}


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/shortcuts")
def test_a_shortcut_has_rights_of_its_own(serve: Serve) -> None:
    """Who sees a shortcut need not see its target, and shortcutDetails name it."""
    sidecar = {
        "files": {"f.txt": {"owner": ALICE, "permissions": [user(ALICE, "owner")]}},
        "shortcuts": [
            {
                "id": "short",
                "name": "to f",
                "folder": "",
                "owner": BOB,
                "shortcutDetails": {"targetDocId": "f.txt", "targetMimeType": "text/plain"},
            }
        ],
    }
    cloud = serve({"f.txt": "x"}, sidecar)
    found = cloud.service(BOB).files().get(fileId="short", fields="mimeType,shortcutDetails").execute()
    target = found["shortcutDetails"]["targetId"]
    assert found["mimeType"] == "application/vnd.google-apps.shortcut"
    assert target == cloud.ids()["f.txt"]
    assert not sees(cloud, BOB, target)


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/resource-keys")
def test_a_link_with_a_resource_key_opens_only_with_the_key(serve: Serve) -> None:
    """X-Goog-Drive-Resource-Keys carries id/key for a file that is shared by link only."""
    anyone = {"type": "anyone", "role": "reader", "allowFileDiscovery": False}
    entry = {
        "id": "keyed",
        "owner": ALICE,
        "resourceKey": "0-k",
        "permissions": [user(ALICE, "owner"), anyone],
    }
    cloud = serve({"f.txt": "x"}, {"files": {"f.txt": entry}})
    assert not sees(cloud, BOB, "keyed")
    request = cloud.service(BOB).files().get(fileId="keyed")
    request.headers["X-Goog-Drive-Resource-Keys"] = "other/1,keyed/0-k"
    assert request.execute()["resourceKey"] == "0-k"


def test_only_those_who_may_share_see_the_permissions_of_a_file(demo: Cloud) -> None:
    """A reader gets no `permissions` field and 403 insufficientFilePermissions; the owner gets both."""
    item_id = demo.ids()["Board Memo - Project Otter.docx"]
    alice, connector = demo.service(ALICE), demo.service()
    assert "permissions" not in alice.files().get(fileId=item_id, fields="*").execute()
    with pytest.raises(HttpError) as refused:
        alice.permissions().list(fileId=item_id).execute()
    assert refused.value.resp.status == 403
    assert refused.value.error_details[0]["reason"] == "insufficientFilePermissions"
    shown = (
        connector.permissions().list(fileId=item_id, fields="permissions(type,role,emailAddress)").execute()
    )
    assert shown["permissions"] == [
        {"type": "user", "role": "owner", "emailAddress": "honora@example.com"},
        {"type": "group", "role": "reader", "emailAddress": "leadership@example.com"},
    ]


def test_permissions_tell_what_is_inherited_and_come_in_pages(serve: Serve) -> None:
    """Its permissionDetails name the folder that an entry came from; pageSize and pageToken page the list."""
    sidecar = folders_sidecar()
    cloud = serve(dict.fromkeys(sidecar["files"], "x"), sidecar)
    service, item_id = cloud.service(), cloud.ids()["plan.txt"]
    first = service.permissions().list(fileId=item_id, pageSize=1, fields="*").execute()
    second = (
        service.permissions()
        .list(fileId=item_id, pageSize=1, pageToken=first["nextPageToken"], fields="*")
        .execute()
    )
    assert "nextPageToken" not in second
    assert first["permissions"][0]["role"] == "owner"
    assert second["permissions"][0]["permissionDetails"] == [
        {"permissionType": "file", "role": "reader", "inherited": True, "inheritedFrom": "team"}
    ]


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/handle-errors")
def test_tokens_die_when_they_are_revoked_and_need_a_drive_scope(demo: Cloud) -> None:
    """No token, a dead token and a token of other scopes are refused as Drive refuses them."""
    item_id = demo.ids()["Annual Report 2024.pdf"]
    with demo.http(ALICE, "openid") as client:
        answer = client.get(f"drive/v3/files/{item_id}")
        assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (
            403,
            "insufficientPermissions",
        )
        assert client.get(f"drive/v3/files/{item_id}", headers={"Authorization": ""}).status_code == 401
        dead = client.get(f"drive/v3/files/{item_id}", headers={"Authorization": "Bearer ya29.no"})
        assert dead.json()["error"]["errors"][0]["reason"] == "authError"


def test_a_metadata_grant_reads_no_bytes(demo: Cloud) -> None:
    """drive.metadata.readonly answers files.get and refuses alt=media."""
    item_id = demo.ids()["Annual Report 2024.pdf"]
    service = demo.service(ALICE, METADATA)
    assert service.files().get(fileId=item_id).execute()["id"] == item_id
    with pytest.raises(HttpError) as refused:
        service.files().get_media(fileId=item_id).execute()
    assert refused.value.resp.status == 403
