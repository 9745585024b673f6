"""files.list, files.get, files.export through Google's client.

Expected behaviour: the Drive v3 reference and its guides "Search for files", "Download and export files",
"Return specific fields"; the parameters' defaults are those of the discovery document.
"""

import hashlib
import io
from typing import Any

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

from .conftest import DEMO, Cloud, Serve, listed

pytestmark = pytest.mark.source(
    "https://developers.google.com/workspace/drive/api/reference/rest/v3/files and the guides it links"
)

ALICE, BOB = "alice@example.com", "bob@example.com"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
GOOGLE = "application/vnd.google-apps."


def reason(error: HttpError) -> tuple[int, str]:
    """Status and Google's reason."""
    return error.resp.status, error.error_details[0]["reason"]


def names(service: Any, q: str, **more: Any) -> list[str]:
    """The names that a query finds, sorted."""
    return sorted(one["name"] for one in listed(service, q, **more))


def test_metadata_has_drives_shapes(demo: Cloud) -> None:
    """Sizes and versions are strings, times RFC 3339 in UTC with milliseconds."""
    item_id = demo.ids()["Price List 2025.xlsx"]
    content = (DEMO / "files" / "Price List 2025.xlsx").read_bytes()
    found = demo.service().files().get(fileId=item_id, fields="*").execute()
    assert found["kind"] == "drive#file"
    assert found["size"] == str(len(content))
    assert found["md5Checksum"] == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert found["sha256Checksum"] == hashlib.sha256(content).hexdigest()
    assert found["modifiedTime"] == "2025-04-02T09:00:00.000Z"
    assert found["webViewLink"] == "https://drive.example.com/file/fcf81c167a6e"
    assert found["owners"][0]["emailAddress"] == ALICE
    assert found["version"].isdigit()
    assert not found["trashed"]


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/fields-parameter")
def test_fields_default_to_four_and_masks_go_deep(demo: Cloud) -> None:
    """Without `fields` only kind, id, name and mimeType come; a(b,c) and a/b reach inside."""
    service, item_id = demo.service(), demo.ids()["Price List 2025.xlsx"]
    assert set(service.files().get(fileId=item_id).execute()) == {"kind", "id", "name", "mimeType"}
    mask = "name,owners/emailAddress,permissions(role,type),capabilities(canDownload)"
    found = service.files().get(fileId=item_id, fields=mask).execute()
    assert found["owners"] == [{"emailAddress": ALICE}]
    assert {"role": "reader", "type": "domain"} in found["permissions"]
    assert {frozenset(one) for one in found["permissions"]} == {frozenset(("role", "type"))}
    assert found["capabilities"] == {"canDownload": True}
    assert set(found) == {"name", "owners", "permissions", "capabilities"}


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/fields-parameter")
@pytest.mark.parametrize("mask", ["nme", "files(nme)", "files(name", "a,,b", "permissions(rol)"])
def test_unknown_or_broken_fields_are_refused(demo: Cloud, mask: str) -> None:
    """A mask with an unknown field is 400 invalidParameter."""
    with pytest.raises(HttpError) as refused:
        demo.service().files().list(fields=mask).execute()
    assert reason(refused.value) == (400, "invalidParameter")


def test_folders_are_items_with_parents(demo: Cloud) -> None:
    """A file's parent is its folder, a nested folder's parent the one above, and the top hangs in root."""
    service, ids = demo.service(), demo.ids()
    get = service.files().get
    assert get(fileId=ids["Salary Bands 2025.xlsx"], fields="parents").execute()["parents"] == [
        ids["Restricted"]
    ]
    assert get(fileId=ids["Restricted"], fields="parents").execute()["parents"] == [ids["People"]]
    root = get(fileId="root", fields="id,name,mimeType").execute()
    assert (root["name"], root["mimeType"]) == ("My Drive", GOOGLE + "folder")
    assert get(fileId=ids["People"], fields="parents").execute()["parents"] == [root["id"]]
    assert names(service, f"'{ids['People']}' in parents") == ["Employee Handbook 2025.docx", "Restricted"]
    assert "People" in names(service, "'root' in parents")


@pytest.mark.source("local/drive/README.md")
def test_ids_stay_the_same_between_starts(demo: Cloud, serve: Serve) -> None:
    """An id is derived from the file's key, so a second start of the same folder gives the same."""
    first = serve({"a.txt": "1", "b/c.txt": "2"})
    second = Cloud(demo.loop, demo.signin, first.folder)
    with second:
        assert first.ids() == second.ids()


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/ref-search-terms")
@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("name = 'note one.txt'", ["note one.txt"]),
        ("name != 'note one.txt' and mimeType = 'text/plain'", ["it's.txt", "note two.txt"]),
        ("name contains 'not'", ["note one.txt", "note two.txt"]),
        ("name contains 'ote'", []),
        ("name contains 'one'", ["note one.txt"]),
        (r"name = 'it\'s.txt'", ["it's.txt"]),
        ("fullText contains 'kettle'", ["note two.txt"]),
        ("""fullText contains '"blue kettle"'""", ["note two.txt"]),
        ("""fullText contains '"kettle blue"'""", []),
        ("mimeType contains 'text/'", ["it's.txt", "note one.txt", "note two.txt", "table.csv"]),
        ("not mimeType contains 'text/'", ["sub"]),
        ("modifiedTime > '2025-01-01T00:00:00'", ["table.csv"]),
        ("modifiedTime <= '2024-06-01T00:00:00Z' and not mimeType contains 'folder'", ["note one.txt"]),
        ("modifiedTime < '2024-06-01T02:00:00+02:00' and mimeType = 'text/plain'", []),
        ("trashed = true", ["it's.txt"]),
        ("trashed=false and (name = 'sub' or name = 'table.csv')", ["sub", "table.csv"]),
        ("name = 'sub' or name = 'table.csv' and mimeType = 'text/csv'", ["table.csv"]),
        ("'alice@example.com' in owners and mimeType='text/csv'", ["table.csv"]),
        ("'bob@example.com' in writers", ["note two.txt"]),
        ("'bob@example.com' in readers", ["note one.txt", "note two.txt"]),
        ("visibility = 'anyoneWithLink'", ["table.csv"]),
        ("visibility != 'limited'", ["table.csv"]),
        ("starred", []),
        ("properties has { key='a' and value='b' }", []),
    ],
)
def test_the_query_language(queried: Cloud, q: str, expected: list[str]) -> None:
    """Each operator of the search guide finds what the guide says."""
    assert names(queried.service(), q) == sorted(expected)


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/search-files")
@pytest.mark.parametrize(
    "q",
    [
        "name",
        "name = ",
        "name = note",
        "name like 'x'",
        "size > '3'",
        "(name = 'a'",
        "name = 'a' and",
        "name = 'a' name = 'b'",
        "modifiedTime > 'yesterday'",
        "modifiedTime contains '2025'",
        "trashed = 'true'",
        "'x' in name",
        "visibility = 'everyone'",
        "name = 'unclosed",
        "\\",
    ],
)
def test_a_query_that_drive_cannot_read_is_refused(queried: Cloud, q: str) -> None:
    """A broken query is 400 invalid, located at q."""
    with pytest.raises(HttpError) as refused:
        queried.service().files().list(q=q).execute()
    assert reason(refused.value) == (400, "invalid")
    assert refused.value.error_details[0]["location"] == "q"


def _person(email: str, role: str) -> dict[str, str]:
    return {"type": "user", "role": role, "emailAddress": email}


@pytest.fixture
def queried(serve: Serve) -> Cloud:
    """A small Drive to ask questions of."""
    mine = _person(ALICE, "owner")
    link = {"type": "anyone", "role": "reader", "allowFileDiscovery": False}

    def entry(when: str, *more: dict[str, Any], **other: Any) -> dict[str, Any]:
        return {"owner": ALICE, "modifiedTime": when, "permissions": [mine, *more]} | other

    files = {
        "note one.txt": entry("2024-06-01T00:00:00Z", _person(BOB, "reader")),
        "sub/note two.txt": entry("2024-07-01T00:00:00Z", _person(BOB, "writer")),
        "it's.txt": entry("2024-08-01T00:00:00Z", trashed=True),
        "sub/table.csv": entry("2025-02-01T00:00:00Z", link),
    }
    folders = {"sub": {"owner": ALICE, "modifiedTime": "2024-01-01T00:00:00Z"}}
    contents = dict.fromkeys(files, "nothing") | {"sub/note two.txt": "A blue kettle."}
    return serve(contents, {"files": files, "folders": folders})


def test_shared_with_me_are_those_given_to_me_by_name(queried: Cloud) -> None:
    """A bare `sharedWithMe` finds what others shared with the asker, not their own."""
    assert names(queried.service(BOB), "sharedWithMe") == ["note one.txt", "note two.txt"]
    assert names(queried.service(ALICE), "sharedWithMe = true") == []
    assert names(queried.service(), "sharedWithMe") == ["it's.txt", "note one.txt", "sub"]


def test_trash_is_listed_to_its_owner_only_and_marked(queried: Cloud) -> None:
    """Files in the trash are in the lists of the owner and the connector, with trashed true."""
    assert "it's.txt" in names(queried.service(ALICE), "trashed = true")
    assert names(queried.service(BOB), "trashed = true") == []
    found = listed(queried.service(), "trashed = true", "name,trashed,explicitlyTrashed")
    assert found == [{"name": "it's.txt", "trashed": True, "explicitlyTrashed": True}]


def test_lists_are_ordered_and_paged(queried: Cloud) -> None:
    """Lists obey orderBy, desc, and the pages together are the whole, each item once."""
    service = queried.service()
    ask = {"orderBy": "name desc", "pageSize": 2, "fields": "nextPageToken,files(name)"}
    found, request = [], service.files().list(**ask)
    while request is not None:
        answer = request.execute()
        assert len(answer["files"]) <= 2
        found += [one["name"] for one in answer["files"]]
        request = service.files().list_next(request, answer)
    assert found == ["table.csv", "sub", "note two.txt", "note one.txt", "it's.txt"]
    first = service.files().list(orderBy="folder,modifiedTime desc", fields="files(name)").execute()["files"]
    assert [one["name"] for one in first][:2] == ["sub", "table.csv"]


@pytest.mark.parametrize(
    "asked",
    [
        {"pageToken": "nonsense"},
        {"orderBy": "colour"},
        {"corpora": "everything"},
        {"corpora": "drive"},
        {"spaces": "moon"},
    ],
)
def test_bad_list_parameters_are_refused(queried: Cloud, asked: dict[str, str]) -> None:
    """Each is 400 with the parameter named."""
    with pytest.raises(HttpError) as refused:
        queried.service().files().list(**asked).execute()
    assert refused.value.resp.status == 400


def test_a_folder_that_one_may_not_see_does_not_exist_in_a_query(queried: Cloud) -> None:
    """`'id' in parents` with an unknown or hidden folder is 404."""
    hidden = queried.ids()["sub"]
    for folder in (hidden, "nowhere"):
        with pytest.raises(HttpError) as refused:
            queried.service(BOB).files().list(q=f"'{folder}' in parents").execute()
        assert reason(refused.value) == (404, "notFound")


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/manage-downloads")
def test_downloads_come_whole_in_ranges_and_through_the_media_client(demo: Cloud) -> None:
    """alt=media answers 200, or 206 with Content-Range; MediaIoBaseDownload puts the pieces together."""
    name = "Scan Delivery Note DN-20417.png"
    item_id, content = demo.ids()[name], (DEMO / "files" / name).read_bytes()
    service = demo.service(ALICE)
    assert service.files().get_media(fileId=item_id).execute() == content
    out = io.BytesIO()
    download = MediaIoBaseDownload(out, service.files().get_media(fileId=item_id), chunksize=100_000)
    done = False
    while not done:
        _, done = download.next_chunk()
    assert out.getvalue() == content
    with demo.http(ALICE) as client:
        url = f"drive/v3/files/{item_id}?alt=media"
        part = client.get(url, headers={"Range": "bytes=-5"})
        assert (part.status_code, part.content) == (206, content[-5:])
        assert part.headers["content-range"] == f"bytes {len(content) - 5}-{len(content) - 1}/{len(content)}"
        assert client.get(url, headers={"Range": f"bytes={len(content)}-"}).status_code == 416


def test_a_download_that_the_owner_forbade_is_refused(serve: Serve) -> None:
    """copyRequiresWriterPermission: a reader gets 403 cannotDownloadFile, the owner the bytes."""
    permissions = [_person(ALICE, "owner"), _person(BOB, "reader")]
    entry = {"owner": ALICE, "copyRequiresWriterPermission": True, "permissions": permissions}
    cloud = serve({"f.txt": "secret"}, {"files": {"f.txt": entry}})
    item_id = cloud.ids()["f.txt"]
    with pytest.raises(HttpError) as refused:
        cloud.service(BOB).files().get_media(fileId=item_id).execute()
    assert reason(refused.value) == (403, "cannotDownloadFile")
    found = cloud.service(BOB).files().get(fileId=item_id, fields="capabilities/canDownload").execute()
    assert found == {"capabilities": {"canDownload": False}}
    assert cloud.service(ALICE).files().get_media(fileId=item_id).execute() == b"secret"


NATIVE = {
    "handbook": ("Employee Handbook 2025.docx", DOCX, "document"),
    "prices": ("Price List 2025.xlsx", XLSX, "spreadsheet"),
    "deck": ("All Hands Q1 2025.pptx", PPTX, "presentation"),
}


@pytest.fixture
def native(serve: Serve) -> Cloud:
    """Office files that appear as Google's own types."""
    files = {name: (DEMO / "files" / source).read_bytes() for name, (source, _, _) in NATIVE.items()}
    entries = {
        name: {"owner": ALICE, "mimeType": stored, "nativeMimeType": GOOGLE + kind}
        for name, (_, stored, kind) in NATIVE.items()
    }
    return serve(files | {"notes": "# Notes\n\nBlue.\n"}, {"files": entries | {"notes": _notes()}})


def _notes() -> dict[str, str]:
    return {"owner": ALICE, "mimeType": "text/markdown", "nativeMimeType": GOOGLE + "document"}


def test_google_types_have_no_checksum_and_are_not_downloaded(native: Cloud) -> None:
    """A Google document has no md5Checksum; alt=media on it is 403 fileNotDownloadable."""
    service, item_id = native.service(), native.ids()["handbook"]
    found = service.files().get(fileId=item_id, fields="mimeType,md5Checksum,exportLinks").execute()
    assert found["mimeType"] == GOOGLE + "document"
    assert "md5Checksum" not in found
    assert DOCX in found["exportLinks"]
    with pytest.raises(HttpError) as refused:
        service.files().get_media(fileId=item_id).execute()
    assert reason(refused.value) == (403, "fileNotDownloadable")


def test_exports_give_the_stored_bytes_or_a_conversion(native: Cloud) -> None:
    """The stored type comes back unchanged; Markdown, plain text and CSV are made from it."""
    export, ids = native.service().files().export, native.ids()
    stored = (DEMO / "files" / NATIVE["prices"][0]).read_bytes()
    assert export(fileId=ids["prices"], mimeType=XLSX).execute() == stored
    markdown = export(fileId=ids["handbook"], mimeType="text/markdown").execute().decode()
    assert markdown.startswith("# ")
    assert "\n## " in markdown or "\n# " in markdown
    assert b"," in export(fileId=ids["prices"], mimeType="text/csv").execute()
    assert export(fileId=ids["deck"], mimeType="text/plain").execute().strip()
    assert export(fileId=ids["notes"], mimeType="text/markdown").execute() == b"# Notes\n\nBlue.\n"


def test_exports_that_google_or_this_stand_in_does_not_offer_are_refused(native: Cloud, demo: Cloud) -> None:
    """An unknown target is 400, a plain file 403 fileNotExportable, a PDF 501 with a sentence."""
    export, ids = native.service().files().export, native.ids()
    with pytest.raises(HttpError) as unknown:
        export(fileId=ids["prices"], mimeType="text/markdown").execute()
    assert unknown.value.resp.status == 400
    with pytest.raises(HttpError) as pdf:
        export(fileId=ids["handbook"], mimeType="application/pdf").execute()
    assert pdf.value.resp.status == 501
    with pytest.raises(HttpError) as plain:
        demo.service().files().export(
            fileId=demo.ids()["Annual Report 2024.pdf"], mimeType="text/plain"
        ).execute()
    assert reason(plain.value) == (403, "fileNotExportable")


@pytest.mark.source("https://developers.google.com/workspace/drive/api/guides/manage-downloads")
def test_an_export_over_ten_megabytes_needs_the_link(serve: Serve) -> None:
    """files.export is 403 exportSizeLimitExceeded; exportLinks and files.download still give the bytes."""
    big = b"x" * (10 * 1024 * 1024 + 1)
    entry = {"owner": ALICE, "mimeType": "text/plain", "nativeMimeType": GOOGLE + "document"}
    cloud = serve({"big": big}, {"files": {"big": entry}})
    service, item_id = cloud.service(), cloud.ids()["big"]
    with pytest.raises(HttpError) as refused:
        service.files().export(fileId=item_id, mimeType="text/plain").execute()
    assert reason(refused.value) == (403, "exportSizeLimitExceeded")
    links = service.files().get(fileId=item_id, fields="exportLinks").execute()["exportLinks"]
    operation = service.files().download(fileId=item_id, mimeType="text/plain").execute()
    with cloud.http() as client:
        assert client.get(links["text/plain"]).content == big
        assert client.get(operation["response"]["downloadUri"]).content == big


@pytest.mark.source("local/drive/README.md: what is refused")
def test_whatever_would_write_is_refused(demo: Cloud) -> None:
    """files.create, update, delete and permissions.create answer 501 and a sentence."""
    service, item_id = demo.service(), demo.ids()["Annual Report 2024.pdf"]
    for request in (
        service.files().create(body={"name": "x"}),
        service.files().update(fileId=item_id, body={"name": "x"}),
        service.files().delete(fileId=item_id),
        service.permissions().create(fileId=item_id, body={"type": "anyone", "role": "reader"}),
    ):
        with pytest.raises(HttpError) as refused:
            request.execute()
        assert refused.value.resp.status == 501


def test_about_names_the_asker_and_needs_fields(demo: Cloud) -> None:
    """about.get without `fields` is 400; with them it says who asks."""
    with pytest.raises(HttpError):
        demo.service(ALICE).about().get().execute()
    found = demo.service(ALICE).about().get(fields="user(emailAddress,me)").execute()
    assert found == {"user": {"emailAddress": ALICE, "me": True}}


@pytest.mark.source("local/drive/README.md: counts and faults")
def test_faults_and_counts_are_by_method(serve: Serve) -> None:
    """Control counts files.download apart from files.get, and injects Drive's quota error by name."""
    cloud = serve({"f.txt": "x"})
    service, item_id = cloud.service(), cloud.ids()["f.txt"]
    control = cloud.server.control
    control.calls.clear()
    service.files().get_media(fileId=item_id).execute()
    service.files().get(fileId=item_id).execute()
    service.permissions().list(fileId=item_id).execute()
    assert dict(control.calls) == {"files.download": 1, "files.get": 1, "permissions.list": 1}
    with cloud.fault("files.get", status="403"), pytest.raises(HttpError) as refused:
        service.files().get(fileId=item_id).execute()
    assert reason(refused.value) == (403, "userRateLimitExceeded")
