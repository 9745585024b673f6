"""The HTTP of looking around: folders, files, suggested questions, a file's own download."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from functions.chat.browsing_schemas import (
    About,
    Browse,
    FolderPage,
    FolderPages,
    LookFor,
    Several,
    Suggested,
)
from functions.chat.cursors import parts
from functions.chat.serving import services
from shared.errors import Invalid
from shared.ingestion.drive import EVERYTHING, SHARED_WITH_ME
from shared.models import Scope
from shared.search.browsing import Place, Root
from shared.web.body import query, read
from shared.web.conditional import revalidated
from shared.web.described import described, wired
from shared.web.guard import person, route

_SECTIONS = 3


async def folders(request: Request) -> Response:
    """GET /folders: what a folder holds, or the top of a collection."""
    wanted, browser = query(request, Browse), services(request).browser
    after = _place(wanted.cursor)
    if wanted.folder_id is not None:
        found = await browser.inside(person(request), wanted.folder_id, after, wanted.limit)
    else:
        root = await _root(request, wanted.collection or "")
        found = await browser.top(person(request), root, after, wanted.limit)
    return revalidated(request, FolderPage.of(found).model_dump(mode="json"))


async def search(request: Request) -> Response:
    """GET /folders/search: folders and files by the beginnings of the words of their names."""
    wanted = query(request, LookFor)
    after = _place(wanted.cursor)
    found = await services(request).browser.named(person(request), wanted.q, after, wanted.limit)
    return revalidated(request, FolderPage.of(found).model_dump(mode="json"))


async def several(request: Request) -> Response:
    """POST /folders/batch: the first pages of several folders."""
    wanted = await read(request, Several)
    ids = list(dict.fromkeys(wanted.folders))
    found = await services(request).browser.several(person(request), ids, wanted.limit)
    return wired(FolderPages(folders=[FolderPage.of(one) for one in found.values()]))


async def suggestions(request: Request) -> Response:
    """GET /chat/suggestions: questions that the asker's own documents speak to."""
    wanted = query(request, About)
    scope = Scope(wanted.collection or "", wanted.folder_id or "", wanted.file_id or "")
    found = await services(request).suggester.suggest(person(request), scope, wanted.limit)
    return revalidated(request, Suggested.of(found).model_dump(mode="json"))


async def download(request: Request) -> Response:
    """GET /files/{id}/download: sends the browser to Drive's own address of the file's content."""
    entry = await services(request).search.entry(person(request), request.path_params["file_id"])
    address = await services(request).downloads.address(person(request), entry.id, entry.link)
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "private, no-store"})


ROUTES = [
    route("/folders", folders, wire=described(FolderPage, query=Browse)),
    route("/folders/search", search, wire=described(FolderPage, query=LookFor)),
    route("/folders/batch", several, method="POST", wire=described(FolderPages, body=Several)),
    route("/chat/suggestions", suggestions, wire=described(Suggested, query=About)),
    route("/files/{file_id}/download", download, wire=described("", status=303)),
]


async def _root(request: Request, collection: str) -> Root | None:
    """Where a collection begins; None for one that there is not, which is then looked for all the same."""
    found = {one.id: one for one in await services(request).collections.all()}
    if collection not in found:
        return None
    folder = found[collection].folder_id
    if folder in (EVERYTHING, SHARED_WITH_ME):
        return Root(collection, beside="shared" if folder == SHARED_WITH_ME else "")
    return Root(collection, folder)


def _place(text: str) -> Place | None:
    if not text:
        return None
    section, title, name = parts(text, (int, str, str))
    if not 0 <= int(section) < _SECTIONS or not name or "/" in str(name):
        raise Invalid("cursor: is not one of ours.")
    return Place(int(section), str(title), str(name))
