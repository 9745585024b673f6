"""Stateful fakes of what browsing and downloading need."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.answers.suggestions import Suggester
from shared.gcp.browsing_names import matches, title
from shared.identity.downloads import DriveDownloads, Offer, RecordedDownloads
from shared.models import Passage, Person, Scope
from shared.search.browsing import Browser, Node, Section
from tests.fakes.recorded import NobodyReads
from tests.fakes.search import FakeGroupsOf


@dataclass
class FakeShelf:
    """Folders and files in memory, each with those it is recorded for and those who do not see its folder."""

    nodes: list[tuple[Node, tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    pages: int = 0

    def put(self, node: Node, *principals: str, stray: tuple[str, ...] = ()) -> None:
        """Have a folder or file."""
        self.nodes.append((node, principals, stray))

    async def page(
        self, section: Section, principals: Sequence[str], after: Node | None, limit: int
    ) -> tuple[Sequence[Node], Node | None]:
        self.pages += 1
        found = [
            node
            for node, owners, stray in self.nodes
            if node.kind == section.kind and _met(section, node, set(owners), set(stray), set(principals))
        ]
        found.sort(key=lambda one: (one.title, one.id))
        if after is not None:
            found = [one for one in found if (one.title, one.id) > (after.title, after.id)]
        return found[:limit], found[limit - 1] if len(found) >= limit else None

    async def folder(self, folder_id: str) -> Node | None:
        found = (node for node, _, _ in self.nodes if node.kind == "folder" and node.id == folder_id)
        return next(found, None)


def _met(section: Section, node: Node, owners: set[str], stray: set[str], mine: set[str]) -> bool:
    match section.where:
        case "in":
            return node.parent == section.what and bool(owners & mine)
        case "beside":
            return section.what in node.collections and bool(stray & mine)
        case _:
            return matches(node.name, section.what) and bool(owners & mine)


def folder(name: str, parent: str = "root") -> Node:
    """A folder whose id is its name."""
    return Node("folder", name, name, title(name), parent)


def file(file_id: str, parent: str = "root", collection: str = "main", name: str = "") -> Node:
    """An indexed file; its name is its id unless it is given."""
    name = name or file_id
    return Node(
        "file", file_id, name, title(name), parent, "text/plain", "", "", "indexed", "", (collection,)
    )


@dataclass
class FakeOffers:
    """Drive's offers, by file."""

    offers: dict[str, Offer] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    async def offer(self, access_token: str, file_id: str) -> Offer | None:
        self.tokens.append(access_token)
        return self.offers.get(file_id)


class FakeTokens:
    """A Drive grant of everybody's, the token being the subject."""

    async def access_token(self, subject: str) -> str:
        return f"token-of-{subject}"


def downloads(**offers: Offer) -> DriveDownloads:
    """Downloads as Drive offers them."""
    return DriveDownloads(FakeTokens(), FakeOffers(offers))


class NothingToSuggest:
    """A sampler without documents."""

    async def sample(self, person: Person, scope: Scope) -> Sequence[Passage]:
        return []


def looking_around() -> dict[str, object]:
    """The services of a chat function in whose test nobody looks around."""
    return {
        "browser": Browser(FakeShelf(), NobodyReads(), NobodyReads(), FakeGroupsOf()),
        "suggester": Suggester(NothingToSuggest()),
        "downloads": RecordedDownloads(),
    }
