"""A person with a canary in every store is erased: nobody hears it sing afterwards."""

import contextlib
import sqlite3
import time

import pytest

from shared.gcp.firestore_personal import OWNED
from tests.fakes.identity import sealing_secret
from tests.functions.attacks.verdict import ANOTHER_ACCOUNT, SIGN_IN_FIRST, Verdict, verdict_on
from tests.functions.running import FUNCTIONS, HOME, Running, SignedIn

CANARY = "zwitscherkanari4711"
SUBJECT = f"1{CANARY}"
MESSAGES = 250
"""More than one commit of an erasure deletes."""


@pytest.fixture
def person(docent: Running) -> SignedIn:
    """A person whose subject, address, name, device and every document hold the canary."""
    session = sign_in(docent)
    for owned in OWNED:
        if owned.name == "sessions":
            continue
        document = docent.database.collection(owned.name).document(f"{owned.name}-of-{CANARY}")
        document.set({"subject": SUBJECT, "text": f"what {CANARY} asked", "deep": {"list": [CANARY]}})
        batch = docent.database.batch()
        for below in owned.below:
            for number in range(MESSAGES):
                batch.set(
                    document.collection(below).document(str(number)), {"question": f"{CANARY} {number}"}
                )
        batch.commit()
    return session


def sign_in(docent: Running) -> SignedIn:
    """The person signs in."""
    who = {"sub": SUBJECT, "email": f"{CANARY}@example.com", "name": CANARY.title()}
    login = docent.visit()
    answer = docent.attempt(**who)
    assert login.status_code == 303
    assert answer.status_code == 303, answer.text
    return SignedIn.of(answer)


def singing(docent: Running) -> list[str]:
    """Where the canary is heard: names of documents as Firestore has them on disk, lines of logs."""
    copy = docent.folder / "copy"
    copy.mkdir(exist_ok=True)
    docent.wait_for(docent.firestore.save(copy))
    with contextlib.closing(sqlite3.connect(copy / "firestore.sqlite")) as stored:
        rows = stored.execute(_EVERY_DOCUMENT).fetchall()
    assert rows
    found = [
        f"{collection}/{key!r}"
        for collection, key, body in rows
        if CANARY.encode() in (collection.encode() + key + body).lower()
    ]
    return found + [line for line in docent.logs().splitlines() if CANARY in line.lower()]


_EVERY_DOCUMENT = """
    SELECT collections.path, documents.key, documents.body
    FROM documents JOIN collections ON documents.collection = collections.number
"""


def test_an_erased_person_leaves_no_trace(docent: Running, admin: SignedIn, person: SignedIn) -> None:
    """No document, no log line and no answer holds the canary; the receipt counts what was where."""
    heard = {path.partition("/")[0] for path in singing(docent)}
    assert heard == {owned.name for owned in OWNED} | {"users"}
    revoked = len(docent.provider.revoked)
    docent.keep("sealing-keys", sealing_secret("newest", "a", "b"))  # the grant was sealed before
    answer = docent.send("auth", "/auth/user", "DELETE", headers={"origin": HOME, **person.cookie})
    docent.keep("sealing-keys", sealing_secret("a", "b", "newest"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["counts"] == {
        **{owned.name: 1 for owned in OWNED},
        "messages": MESSAGES,
        "drive_grants": 1,
        "users": 1,
    }
    assert len(docent.provider.revoked) == revoked + 1
    assert singing(docent) == []
    for name, path in {**FUNCTIONS, "auth": "/auth/users"}.items():
        assert CANARY not in docent.send(name, path, headers=admin.bearer).text.lower()


def test_an_erased_persons_tokens_open_nothing(docent: Running, person: SignedIn) -> None:
    """401 not-signed-in on all functions and for a renewal, from this device and from another."""
    other = sign_in(docent)
    assert docent.send("auth", "/auth/user", "DELETE", headers=other.bearer).status_code == 200
    for session in (person, other):
        for name, path in FUNCTIONS.items():
            assert verdict_on(docent.send(name, path, headers=session.bearer)) == SIGN_IN_FIRST
        answer = docent.send("auth", "/auth/refresh", "POST", headers={"origin": HOME, **session.cookie})
        assert verdict_on(answer) == SIGN_IN_FIRST


def test_an_erased_person_may_come_back_as_somebody_new(docent: Running, person: SignedIn) -> None:
    """A new record with nothing in it; an account that is not admitted is still not admitted."""
    assert docent.send("auth", "/auth/user", "DELETE", headers=person.bearer).status_code == 200
    back = sign_in(docent)
    found = docent.send("auth", "/auth/sessions", headers=back.bearer).json()["sessions"]
    assert [entry["current"] for entry in found] == [True]
    assert verdict_on(docent.attempt(sub=SUBJECT, hd="evil.example")) == ANOTHER_ACCOUNT
    assert docent.send("auth", "/auth/user", "DELETE", headers=back.bearer).status_code == 200
    assert singing(docent) == []


@pytest.mark.parametrize("failing", ["Commit", "RunQuery", "BatchGetDocuments"])
def test_an_erasure_that_was_cut_off_is_finished_by_asking_again(
    docent: Running, admin: SignedIn, person: SignedIn, failing: str
) -> None:
    """503 while Firestore fails in the middle; once it is back, the rest is deleted."""
    with docent.failing(status="UNAVAILABLE", method=failing, skip=6):
        answer = docent.send("auth", "/auth/user", "DELETE", headers=person.bearer)
    assert answer.status_code in (200, 503), answer.text
    end = time.monotonic() + 60
    while singing(docent):
        assert time.monotonic() < end, (answer.status_code, answer.text, singing(docent))
        answer = docent.send("auth", f"/auth/users/{SUBJECT}", "DELETE", headers=admin.bearer)
    assert verdict_on(docent.send("auth", "/auth/user", headers=person.bearer)) == SIGN_IN_FIRST


def test_somebody_else_is_not_erased(docent: Running, alice: SignedIn, person: SignedIn) -> None:
    """403 for a person who asks it of another; one's own erasure leaves others as they were."""
    answer = docent.send("auth", f"/auth/users/{SUBJECT}", "DELETE", headers=alice.bearer)
    assert verdict_on(answer) == Verdict(403, "not-allowed")
    assert docent.send("auth", "/auth/user", "DELETE", headers=person.bearer).status_code == 200
    assert docent.send("auth", "/auth/user", headers=alice.bearer).status_code == 200
