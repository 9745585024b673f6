"""What search finds, for whom, and how sure it is."""

import pytest

from shared.errors import NotFound
from shared.models import Locator, Person, Scope
from shared.search.answering import OneIndex, Space
from shared.search.interfaces import FileEntry
from shared.search.lexicon import counted, dimension
from shared.search.passages import Limits
from shared.search.places import link_at
from shared.search.quotes import best_quote
from shared.search.service import Search, principals_of
from tests.fakes.search import (
    ALICE,
    FakeFinder,
    FakeGroupsOf,
    FakeLibrary,
    FakeQueryEmbedder,
    FakeRights,
    FakeStatistics,
    passage,
)

LEAVE = "Everyone has 25 days of annual leave a year."
PARKING = "Bicycles are parked behind the building."


class House:
    """Search over two files: one about leave, one about parking."""

    def __init__(self) -> None:
        self.finder, self.library, self.rights = FakeFinder(), FakeLibrary(), FakeRights()
        self.memberships, self.statistics = FakeGroupsOf(), FakeStatistics()
        self.add("leave", LEAVE, 0.7)
        self.add("parking", PARKING, 0.2)
        self.rights.may["1"] = {"leave", "parking"}
        self.search = Search(
            OneIndex(Space(FakeQueryEmbedder(), self.finder, 2)),
            self.library,
            self.rights,
            self.memberships,
            self.statistics,
            Limits(40, 8, 6),
        )

    def add(self, file_id: str, text: str, similarity: float, principal: str = "domain:example.com") -> None:
        """A file of one passage."""
        entry = passage(file_id, 1, text)
        self.library.passages[entry.chunk_id] = entry
        self.library.files[file_id] = FileEntry(
            file_id, f"{file_id}.txt", f"https://d/{file_id}", "2026-01-01", "main", (entry.chunk_id,)
        )
        self.finder.similarity[entry.chunk_id] = similarity
        self.finder.restricts[entry.chunk_id] = {
            "principal": (principal,),
            "collection": ("main",),
            "file": (file_id,),
            "folder": ("root",),
        }


async def test_the_best_passage_comes_first_with_its_place() -> None:
    """A passage carries file name and link, and a verbatim quote."""
    found = await House().search.find(ALICE, "How many days of annual leave?", Scope())
    first = found.passages[0]
    assert (first.file_name, first.link) == ("leave.txt", "https://d/leave")
    assert first.quote in LEAVE
    assert found.evidence > 0.8


async def test_a_question_about_nothing_here_has_weak_evidence() -> None:
    """Terms that occur nowhere and a low cosine come to less than a match."""
    house = House()
    house.finder.similarity = {"leave.1": 0.25, "parking.1": 0.2}
    found = await house.search.find(ALICE, "Who founded the orchestra?", Scope())
    assert found.evidence < 0.4


async def test_what_drive_denies_is_dropped_unseen() -> None:
    """The index still allows it, Drive does not: no passage, no name, no nearest file."""
    house = House()
    house.rights.may["1"] = {"parking"}
    found = await house.search.find(ALICE, "How many days of annual leave?", Scope())
    assert {one.file_id for one in found.passages} == {"parking"}
    assert {one.id for one in found.nearest} == {"parking"}


async def test_the_index_is_asked_only_for_what_the_person_can_find() -> None:
    """Restricts are the person, their groups, their domain, and anyone."""
    house = House()
    house.memberships.groups["alice@example.com"] = ("staff@example.com",)
    await house.search.find(ALICE, "leave", Scope("main", "folder", ""))
    assert house.finder.asked == [
        {
            "principal": (
                "anyone",
                "domain:example.com",
                "group:staff@example.com",
                "user:alice@example.com",
            ),
            "collection": ("main",),
            "folder": ("folder",),
        }
    ]


def test_a_person_without_a_domain_has_no_domain_right() -> None:
    """A consumer account has no hd claim, so no domain's files are found by it."""
    assert principals_of(Person("2", "x@example.com", ""), ()) == ("anyone", "user:x@example.com")


async def test_a_chunk_that_no_record_names_is_not_shown() -> None:
    """A half-written or stale chunk is in the index, but not in its file's record."""
    house = House()
    house.library.files["leave"] = FileEntry("leave", "leave.txt", "", "", "main", ("leave.2",))
    found = await house.search.find(ALICE, "annual leave", Scope())
    assert {one.file_id for one in found.passages} == {"parking"}


async def test_a_file_scope_of_somebody_elses_file_is_not_found() -> None:
    """A file that exists but may not be read answers exactly as one that does not exist."""
    house = House()
    house.rights.may["1"] = {"parking"}
    errors = []
    for file_id in ("leave", "absent"):
        with pytest.raises(NotFound) as caught:
            await house.search.find(ALICE, "leave", Scope(file_id=file_id))
        errors.append(caught.value.detail)
    assert errors[0] == errors[1]


async def test_a_link_only_file_is_asked_by_its_id() -> None:
    """Who may open a file by its link finds it when naming it, and not otherwise."""
    house = House()
    house.add("linked", "The kettle holds 1.7 litres.", 0.9, principal="user:bob@example.com")
    house.rights.may["1"].add("linked")
    everywhere = await house.search.find(ALICE, "How much does the kettle hold?", Scope())
    assert "linked" not in {one.file_id for one in everywhere.passages}
    named = await house.search.find(ALICE, "How much does the kettle hold?", Scope(file_id="linked"))
    assert {one.file_id for one in named.passages} == {"linked"}


async def test_passages_in_place_are_in_reading_order() -> None:
    """The neighbours of a passage are shown as they stand in the file."""
    house = House()
    for number in range(1, 6):
        house.library.passages[f"leave.{number}"] = passage("leave", number, f"Sentence {number}.")
    chunks = tuple(f"leave.{number}" for number in range(1, 6))
    house.library.files["leave"] = FileEntry("leave", "leave.txt", "", "", "main", chunks)
    found = await house.search.in_place(ALICE, "leave", "leave.3", 1)
    assert [one.chunk_id for one in found] == ["leave.2", "leave.3", "leave.4"]
    with pytest.raises(NotFound):
        await house.search.in_place(ALICE, "leave", "parking.1", 1)


@pytest.mark.parametrize(
    ("locator", "fragment"),
    [
        (Locator(page=3), "#page=3"),
        (Locator(slide=2), "#slide=2"),
        (Locator(sheet="Price list", range="A1:C4"), "#range=Price%20list!A1:C4"),
        (Locator(heading=("Leave",)), ""),
    ],
)
def test_a_link_opens_at_the_place(locator: Locator, fragment: str) -> None:
    """Pages, slides and ranges are in the link's fragment; a heading has no address in Drive."""
    assert link_at("https://d/x", locator) == f"https://d/x{fragment}"


def test_a_quote_is_verbatim_and_short() -> None:
    """The quote starts at the sentence that holds the question's words and stays within its length."""
    text = "Filler sentence here. " * 30 + "Annual leave is 27 days. " + "More filler follows. " * 30
    quote = best_quote(text, {"leav": 2.0, "annual": 2.0})
    assert quote.startswith("Annual leave is 27 days.")
    assert quote in text
    assert len(quote) <= 300


async def test_the_index_is_asked_by_meaning_and_by_words() -> None:
    """One call carries both vectors; the rarer word weighs more."""
    house = House()
    house.statistics.known = counted([LEAVE, PARKING, PARKING])
    await house.search.find(ALICE, "leave or parking?", Scope())
    ((query, _, _),) = house.finder.queries
    assert list(query.vector) == [1.0, 0.0]
    weights = dict(zip(query.sparse.dimensions, query.sparse.values, strict=True))
    assert weights[dimension("leav")] > weights[dimension("park")] > 0


async def test_without_statistics_search_goes_on() -> None:
    """Firestore failed to give them: every word counts the same, and the answer is still found."""
    house = House()
    house.statistics.known = None
    found = await house.search.find(ALICE, "How many days of annual leave?", Scope())
    assert found.passages[0].file_id == "leave"


async def test_when_the_second_sieve_drops_most_the_index_is_asked_for_more() -> None:
    """What the index still allows and Drive denies does not use up the places; once more, not for ever."""
    house = House()
    for number in range(60):
        house.add(f"denied{number}", f"Annual leave, copy {number}.", 0.9)
    found = await house.search.find(ALICE, "How many days of annual leave?", Scope())
    assert [limit for _, limit, _ in house.finder.queries] == [40, 160]
    assert {one.file_id for one in found.passages} == {"leave", "parking"}
    house.rights.may["1"] = set()
    await house.search.find(ALICE, "How many days of annual leave?", Scope())
    assert len(house.finder.queries) == 4


async def test_a_chunk_found_by_its_words_alone_can_win() -> None:
    """The index does not say how near it is: it counts as no nearer than the farthest."""
    house = House()
    house.finder.similarity["leave.1"] = None
    house.finder.similarity["parking.1"] = 0.3
    found = await house.search.find(ALICE, "How many days of annual leave?", Scope())
    assert found.passages[0].file_id == "leave"
