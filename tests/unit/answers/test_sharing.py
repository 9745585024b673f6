"""Conversations found again, and shared inside an organisation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.answers.conversations import Conversations
from shared.answers.interfaces import Evidence, Message
from shared.answers.looking import speaks_of, words_of
from shared.errors import NotAllowed, NotFound
from shared.models import Person, Usage
from tests.fakes.ingestion import FakeClock
from tests.fakes.search import ALICE, FakeConversations, FakeSearcher, passage

NOW = FakeClock().time
BOB = Person("2", "bob@example.com", "EXAMPLE.com")
CAROL = Person("3", "carol@partner.example", "partner.example")
NOBODYS = Person("4", "dave@gmail.com", "")
LEAVE = passage("leave", 1, "Everyone has 25 days of leave.", file_name="Leave.txt", link="https://d/leave")
PAY = passage("pay", 1, "The band begins at 40,000.", file_name="Pay.txt", link="https://d/pay")
SOURCES = [{"n": n, "file_id": one, "chunk_id": f"{one}.1"} for n, one in ((1, "leave"), (2, "pay"))]


def message(name: str, question: str, answer: str, **values: object) -> Message:
    """An answer of Alice's over both documents."""
    fields = {"declined": False, "degraded": False, "usage": Usage(), **values}
    return Message(name, NOW, question, answer, SOURCES, **fields)  # type: ignore[arg-type]


class House:
    """Conversations over two documents."""

    def __init__(self) -> None:
        self.clock, self.store = FakeClock(), FakeConversations()
        self.searcher = FakeSearcher(Evidence((LEAVE, PAY), 0.9, ()))
        self.conversations = Conversations(self.store, self.searcher, self.clock)

    async def put(self, name: str, *messages: Message) -> None:
        """Have a conversation of Alice's."""
        for one in messages:
            await self.store.append(name, ALICE, one)


@pytest.fixture
async def house() -> House:
    """One conversation: about leave, about pay, and without a citation."""
    made = House()
    await made.put(
        "c1",
        message("c1.1", "How much leave is there?", "Everyone has 25 days [1]."),
        message("c1.2", "And pay?", "The band begins at 40,000 [2]."),
        message("c1.3", "In short?", "Leave and pay are fine."),
    )
    return made


async def shown(house: House, person: Person, share_id: str) -> list[str]:
    """The answers that a reader of a shared conversation is shown."""
    _, _, messages = await house.conversations.read(person, share_id)
    return [one.message.answer for one in messages]


async def test_a_colleague_reads_what_their_own_rights_allow(house: House) -> None:
    """Without the right to a cited source the answer is withheld; uncited ones want the right to all."""
    share = await house.conversations.share(ALICE, "c1")
    everything = ["Everyone has 25 days [1].", "The band begins at 40,000 [2].", "Leave and pay are fine."]
    assert await shown(house, BOB, share.id) == everything
    house.searcher.unreadable.add("pay")
    assert await shown(house, BOB, share.id) == ["Everyone has 25 days [1].", "", ""]
    house.searcher.unreadable.add("leave")
    assert await shown(house, BOB, share.id) == ["", "", ""]


async def test_a_marked_sentence_wants_the_right_to_all_sources(house: House) -> None:
    """Nobody knows which of them it came from."""
    marked = [{"start": 0, "end": 4}]
    await house.put("c2", message("c2.1", "Leave?", "So. Everyone has 25 days [1].", unsupported=marked))
    share = await house.conversations.share(ALICE, "c2")
    house.searcher.unreadable.add("pay")
    assert await shown(house, BOB, share.id) == [""]


@pytest.mark.parametrize("stranger", [CAROL, NOBODYS])
async def test_it_is_shared_inside_the_organisation_only(house: House, stranger: Person) -> None:
    """To the rest it does not exist; by its own id the conversation is nobody else's, as before."""
    share = await house.conversations.share(ALICE, "c1")
    for person, name in ((stranger, share.id), (stranger, "absent"), (BOB, "c1")):
        with pytest.raises(NotFound, match="no such shared conversation"):
            await house.conversations.read(person, name)
    with pytest.raises(NotFound):
        await house.conversations.open(BOB, "c1")


async def test_what_is_asked_later_is_not_shared(house: House) -> None:
    """Until it is shared again, under the same id."""
    share = await house.conversations.share(ALICE, "c1")
    later = message("c1.4", "More?", "Everyone has 25 days [1].")
    await house.put("c1", replace(later, asked_at=NOW + timedelta(hours=1)))
    assert len(await shown(house, BOB, share.id)) == 3
    house.clock.move(hours=2)
    assert (await house.conversations.share(ALICE, "c1")).id == share.id
    assert len(await shown(house, BOB, share.id)) == 4


async def test_what_is_not_shared_any_more_is_gone(house: House) -> None:
    """Also when the conversation is deleted; a new share has a new id."""
    share = await house.conversations.share(ALICE, "c1")
    await house.conversations.unshare(ALICE, "c1")
    with pytest.raises(NotFound):
        await house.conversations.read(BOB, share.id)
    again = await house.conversations.share(ALICE, "c1")
    assert again.id != share.id
    await house.conversations.delete(ALICE, "c1")
    with pytest.raises(NotFound):
        await house.conversations.read(BOB, again.id)


async def test_only_its_owner_shares_a_conversation(house: House) -> None:
    """And only from within an organisation."""
    for attempt in (house.conversations.share(BOB, "c1"), house.conversations.unshare(BOB, "c1")):
        with pytest.raises(NotFound):
            await attempt
    await house.store.append("d1", NOBODYS, message("d1.1", "Leave?", "25 days [1]."))
    with pytest.raises(NotAllowed):
        await house.conversations.share(NOBODYS, "d1")


async def test_conversations_are_found_by_words_of_their_questions_and_titles(house: House) -> None:
    """All words, by their beginnings; of one's own."""
    await house.put("c2", message("c2.1", "Wie hoch ist das \u00dcbernachtungsgeld in Z\u00fcrich?", "."))
    await house.conversations.rename(ALICE, "c2", "Travel")

    async def found(person: Person, looked_for: str) -> list[str]:
        page, _ = await house.conversations.mine(person, 10, None, looked_for)
        return [one.id for one in page]

    assert await found(ALICE, "leav pay") == ["c1"]
    assert await found(ALICE, "ubernacht ZUR") == ["c2"]
    assert await found(ALICE, "trav") == ["c2"]
    assert await found(ALICE, "eave") == []
    assert await found(BOB, "leave") == []


async def test_a_search_goes_on_where_a_page_ended(house: House) -> None:
    """Each once, in their order."""
    for number in range(5):
        asked = message(f"n{number}.1", f"Note {number}?", ".")
        await house.put(f"n{number}", replace(asked, asked_at=NOW + timedelta(minutes=number)))
    seen: list[str] = []
    before = None
    while True:
        page, before = await house.conversations.mine(ALICE, 2, before, "note")
        seen += [one.id for one in page]
        if before is None:
            break
    assert seen == ["n4", "n3", "n2", "n1", "n0"]


def test_scripts_without_spaces_are_found_in_the_middle() -> None:
    """As names of files are."""
    assert speaks_of(words_of("\u5c31\u696d\u898f\u5247\u306f\u4f55\u3067\u3059\u304b"), "\u898f\u5247")
    assert not speaks_of(words_of("leave"), "pay")
