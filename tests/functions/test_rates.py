"""Limits over several processes of the chat function, through HTTP."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.functions.running import HOME, Running, SignedIn, subject_of

pytestmark = pytest.mark.timeout(600)  # five hundred at once over five processes, on whatever machine
CHATS = ("chat", "chat-2", "chat-3", "chat-4")
QUESTION = {"message": "What are the core hours?"}


@pytest.fixture(scope="module")
def offices() -> Iterator[Running]:
    """Auth, and four processes of chat, with 50 questions an hour."""
    with tempfile.TemporaryDirectory(prefix="docent-") as folder:
        running = Running(Path(folder), ("auth", *CHATS))
        running.settings = {
            "RATELIMIT_STANDARD": "50/hour",
            "RATELIMIT_ADDRESS": "400/hour",
            "TRUSTED_PROXY_HOPS": "1",
            "RATELIMIT_TIMEOUT": "10",
            "FIRESTORE_TIMEOUT": "60",  # 500 at once on a small machine
        }
        with running.open():
            yield running


async def at_once(running: Running, people: list[SignedIn], times: int) -> list[list[httpx.Response]]:
    """So many questions of each person, over all processes, all under way together."""
    async with httpx.AsyncClient(
        timeout=120, trust_env=False, limits=httpx.Limits(max_connections=200, max_keepalive_connections=0)
    ) as http:

        async def ask(person: SignedIn, number: int) -> httpx.Response:
            address = running.addresses[CHATS[number % len(CHATS)]]
            return await http.post(f"{address}/chat", headers=person.bearer, json=QUESTION)

        return [
            list(answers)
            for answers in await asyncio.gather(
                *(asyncio.gather(*(ask(person, number) for number in range(times))) for person in people)
            )
        ]


def passed(answers: list[httpx.Response]) -> int:
    """How many got through; there is no model here, so what got through finds it gone."""
    statuses = Counter(one.status_code for one in answers)
    assert set(statuses) <= {429, 503}, statuses
    found = Counter(one.json()["detail"] for one in answers if one.status_code == 503)
    assert set(found) <= {"The model cannot be reached."}
    return statuses[503]


def test_of_500_at_once_over_four_processes_exactly_50_pass(offices: Running) -> None:
    """One person, 500 questions under way together: 50 pass, 450 hear when to come back."""
    (answers,) = asyncio.run(at_once(offices, [offices.sign_in("zoe@example.com")], 500))
    assert passed(answers) == 50
    for refused in (one for one in answers if one.status_code == 429):
        problem = refused.json()
        assert problem["type"].endswith(":too-many")
        assert "UTC, in " in problem["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 7200
        assert refused.headers["ratelimit-policy"] == '"hour";q=50;w=3600'
        assert refused.headers["ratelimit"].startswith('"hour";r=0;t=')
    assert next(one for one in answers if one.status_code == 503).headers["ratelimit-policy"]


def test_two_people_behind_one_address_do_not_share(offices: Running) -> None:
    """Each has 50 of their own, however many the other asked."""
    people = [offices.sign_in("yan@example.com"), offices.sign_in("xia@example.com")]
    assert [passed(one) for one in asyncio.run(at_once(offices, people, 60))] == [50, 50]


def test_a_person_keeps_one_bucket_over_sessions(offices: Running) -> None:
    """Signing in again gives nobody new questions."""
    asyncio.run(at_once(offices, [offices.sign_in("wim@example.com")], 55))
    (answers,) = asyncio.run(at_once(offices, [offices.sign_in("wim@example.com")], 5))
    assert passed(answers) == 0


SPELLINGS = [
    "203.0.113.7", "198.51.100.1, 203.0.113.7", ",  203.0.113.7 ", "203.0.113.7:443", "::ffff:203.0.113.7",
    "[::ffff:203.0.113.7]:80", "::FFFF:203.0.113.7", "::ffff:cb00:7107", "1.1.1.1,2.2.2.2, 203.0.113.7",
    "unknown, 203.0.113.7", "evil.example, 203.0.113.7", '"203.0.113.7", 203.0.113.7', ",,203.0.113.7",
    "203.0.113.8,203.0.113.7", "127.0.0.1, 203.0.113.7", ",\t203.0.113.7", "a" * 300 + ",203.0.113.7",
    "10.0.0.1, 203.0.113.7:1", "0:0:0:0:0:ffff:203.0.113.7", "for=9.9.9.9;by=1, 203.0.113.7",
]  # fmt: skip


def buckets(running: Running) -> set[str]:
    """The addresses that were counted, as far as the database tells."""
    names = running.database.collection("rate_limits").list_documents()
    return {one.id for one in names if one.id.startswith("address.")}


def test_forged_spellings_do_not_move_a_bucket(offices: Running) -> None:
    """Whatever a caller writes left of what our proxies append, the bucket is the address seen there."""
    before = buckets(offices)
    for spelling in SPELLINGS:
        offices.send("auth", "/auth/login", headers={"x-forwarded-for": f"{spelling}, 35.191.0.1"})
    assert len(SPELLINGS) == 20
    assert len(buckets(offices) - before) == 1
    answer = offices.send("auth", "/auth/login", headers={"x-forwarded-for": "203.0.113.7, 35.191.0.1"})
    assert f"r={400 - 21};" in answer.headers["ratelimit"]


def test_all_addresses_of_an_ipv6_site_are_one(offices: Running) -> None:
    """2001:db8:1:2::/64 is one caller, the next /64 another."""
    before = buckets(offices)
    for last in ("1", "2", "ffff:1:3"):
        where = {"x-forwarded-for": f"2001:db8:1:2::{last}, 35.191.0.1"}
        offices.send("auth", "/auth/login", headers=where)
    offices.send("auth", "/auth/login", headers={"x-forwarded-for": "2001:DB8:1:3::1, 35.191.0.1"})
    assert len(buckets(offices) - before) == 2


def test_when_counting_is_slow_chat_denies_and_reading_goes_on(offices: Running) -> None:
    """Commits hang, reads do not: a question hears 503 within the deadline, one's own things are there."""
    person = offices.sign_in("vic@example.com")
    with offices.failing(method="Commit", delay=12):
        asked = offices.send("chat", "/chat", "POST", headers=person.bearer, json=QUESTION)
        read = offices.send("chat", "/collections", headers=person.bearer)
    assert asked.status_code == 503
    assert "takes none" in asked.json()["detail"]
    assert asked.headers["retry-after"] == "5"
    assert read.status_code == 200


def test_a_stolen_token_of_an_ended_session_uses_nothing_up(offices: Running) -> None:
    """What a token counted whose session has ended is given back."""
    thief, owner = offices.sign_in("uma@example.com"), offices.sign_in("uma@example.com")
    offices.send("auth", "/auth/logout", "POST", headers={**thief.cookie, "origin": HOME})
    (stolen,) = asyncio.run(at_once(offices, [thief], 60))
    assert {one.status_code for one in stolen} == {401}
    (answers,) = asyncio.run(at_once(offices, [owner], 60))
    assert passed(answers) == 50


def test_what_is_counted_is_erased_with_the_person(offices: Running) -> None:
    """A page of counters names its person, so that erasure and export find it."""
    person = offices.sign_in("tom@example.com")
    offices.send("chat", "/chat", "POST", headers=person.bearer, json=QUESTION)
    page = offices.database.collection("rate_limits").document(subject_of("tom@example.com"))
    assert page.get().get("subject") == subject_of("tom@example.com")
    offices.send("auth", "/auth/user", "DELETE", headers={**person.cookie, "origin": HOME})
    assert not page.get().exists
