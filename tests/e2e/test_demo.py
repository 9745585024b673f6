"""The sample Drive, asked over HTTP by the people of its permissions: found, declined, never leaked."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.timeout(900)

DEMO = Path(__file__).parents[2] / "local" / "demo"
QUESTIONS = [json.loads(line) for line in (DEMO / "questions.jsonl").read_text("utf-8").splitlines()]
FILES = json.loads((DEMO / "permissions.json").read_text("utf-8"))["files"]
PEOPLE = ("alice@example.com", "bob@example.com", "carol@partner.example")
LINK_ONLY = {
    name
    for name, file in FILES.items()
    if any(one["type"] == "anyone" and not one["allowFileDiscovery"] for one in file["permissions"])
}


@pytest.fixture(scope="module")
def clients(stack: Any) -> Iterator[dict[str, httpx.Client]]:
    """A signed-in client for each person."""
    opened = {person: stack.client(person) for person in PEOPLE}
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture(scope="module")
def answers(clients: dict[str, httpx.Client]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every question, asked by everybody."""

    def ask(pair: tuple[dict[str, Any], str]) -> tuple[tuple[str, str], dict[str, Any]]:
        question, person = pair
        answer = clients[person].post("/chat", json={"message": question["question"]})
        assert answer.status_code == 200, answer.text
        return (question["id"], person), answer.json()

    with ThreadPoolExecutor(4) as pool:
        return dict(pool.map(ask, [(question, person) for question in QUESTIONS for person in PEOPLE]))


def asker(question: dict[str, Any]) -> str:
    """The first who may see it; a file shared by link only is found by those with a right of their own."""
    person: str = question["visible_to"][0]
    if {evidence["doc_id"] for evidence in question["evidence"]} & LINK_ONLY:
        file = FILES[question["evidence"][0]["doc_id"]]
        return str(file["owner"])
    return person


def told(answer: dict[str, Any]) -> str:
    """Everything that an answer says, but for the asker's own words."""
    return json.dumps({**answer, "question": ""}, ensure_ascii=False)


def named(answer: dict[str, Any]) -> set[str]:
    """Every file that an answer names, as a source or as near."""
    return {source["file"] for source in answer["sources"]} | {one["file"] for one in answer["nearest"]}


def test_the_expected_file_is_among_the_sources(answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """For at least 22 of the 25 answerable questions, and nothing is degraded."""
    missed = []
    for question in QUESTIONS:
        if question["id"].startswith("q") and not question["unanswerable"]:
            answer = answers[question["id"], asker(question)]
            assert not answer["degraded"]
            expected = {evidence["doc_id"] for evidence in question["evidence"]}
            if answer["declined"] or not expected & {source["file"] for source in answer["sources"]}:
                missed.append(question["id"])
    assert len(missed) <= 3, missed


def test_what_is_not_there_is_declined(answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """All five unanswerable questions, by whoever asks, without a source."""
    for question in QUESTIONS:
        if question["unanswerable"]:
            for person in PEOPLE:
                answer = answers[question["id"], person]
                assert answer["declined"], (question["id"], person, answer["answer"])
                assert not answer["sources"]


def test_nobody_hears_of_a_file_they_may_not_read(answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """No source, no nearest file and no text of it, for every question and every person."""
    for (_, person), answer in answers.items():
        for name in named(answer):
            assert person in FILES[name]["effective_readers"], (person, name)
        hidden = [name for name, file in FILES.items() if person not in file["effective_readers"]]
        assert not [name for name in hidden if name in json.dumps(answer, ensure_ascii=False)]


def test_what_is_hidden_stays_hidden(answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Who may not see the evidence gets none of the quotes that make the answer."""
    for question in QUESTIONS:
        for person in question["hidden_from"]:
            said = told(answers[question["id"], person])
            for evidence in question["evidence"]:
                if person not in FILES[evidence["doc_id"]]["effective_readers"]:
                    assert evidence["quote"] not in said, (question["id"], person)
        for person, details in question.get("hidden_detail", {}).items():
            said = told(answers[question["id"], person])
            assert not [detail for detail in details if detail in said], (question["id"], person)


def test_a_planted_instruction_is_not_obeyed(answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """The canary of the hostile offer is in nobody's answer."""
    for question in QUESTIONS:
        for unwanted in question["must_not_contain"]:
            if unwanted.startswith("ZX-"):
                for person in PEOPLE:
                    assert unwanted not in answers[question["id"], person]["answer"]


def test_every_source_has_a_place_and_a_quote_from_its_file(
    answers: dict[tuple[str, str], dict[str, Any]], clients: dict[str, httpx.Client]
) -> None:
    """Each citation names a source that was sent; the source opens in place and holds its quote."""
    question = next(one for one in QUESTIONS if one["id"] == "q04")
    answer = answers["q04", "alice@example.com"]
    first = answer["sources"][0]
    assert "[1]" in answer["answer"]
    assert first["file"] == question["evidence"][0]["doc_id"]
    assert first["locator"]["page"] == 1
    assert first["link"].endswith("#page=1")
    url = f"/files/{first['file_id']}/passages"
    shown = clients["alice@example.com"].get(url, params={"around": first["passage_id"]}).json()
    cited = next(one for one in shown["passages"] if one["cited"])
    assert first["quote"] in cited["text"]
    hidden = clients["carol@partner.example"].get(url, params={"around": first["passage_id"]})
    absent = clients["carol@partner.example"].get("/files/absent/passages")
    assert hidden.status_code == absent.status_code == 404


def test_one_file_can_be_asked(stack: Any, answers: dict[tuple[str, str], dict[str, Any]]) -> None:
    """With --file-id only that file is a source; to who may not read it, it does not exist."""
    file_id = answers["q02", "alice@example.com"]["sources"][0]["file_id"]
    asked = stack.ask("alice@example.com", "What are the core hours?", "--file-id", file_id)
    assert asked.code == 0
    assert set(asked.files) == {"Employee Handbook 2025.docx"}
    refused = stack.ask("carol@partner.example", "What are the core hours?", "--file-id", file_id)
    assert refused.code == 4


def test_the_command_line_says_how_it_went(stack: Any) -> None:
    """0 answered, 3 declined; a conversation goes on under its id, and only for its owner."""
    first = stack.ask("alice@example.com", "What are the core hours at Brindlemoor?")
    assert (first.code, first.body["declined"]) == (0, False)
    again = stack.ask(
        "alice@example.com",
        "How big is the yearly learning budget of an employee?",
        "--conversation",
        first.body["conversation_id"],
    )
    assert again.body["conversation_id"] == first.body["conversation_id"]
    theirs = stack.ask("bob@example.com", "And for me?", "--conversation", first.body["conversation_id"])
    assert theirs.code == 4
    declined = stack.ask("alice@example.com", "Who founded Brindlemoor Kettle Works?")
    assert (declined.code, declined.body["declined"]) == (3, True)


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/chat", b'{"message": ""}', 422),
        ("POST", "/chat", json.dumps({"message": "x" * 1001}).encode(), 422),
        ("POST", "/chat", b'{"message": "' + b"x" * 2_000_000 + b'"}', 413),
        ("POST", "/chat", b'{"message": ', 400),
        ("GET", "/files/x/unknown", b"", 404),
        ("DELETE", "/chat", b"", 405),
        ("PUT", "/chat", b"{}", 405),
    ],
)
def test_bad_requests_are_clear_4xx(
    clients: dict[str, httpx.Client], method: str, path: str, content: bytes, status: int
) -> None:
    """Through the gateway as a browser would send them: a problem with a type and a sentence."""
    answer = clients["alice@example.com"].request(method, path, content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].endswith(".")


def test_task_targets_are_for_cloud_tasks_only(stack: Any, clients: dict[str, httpx.Client]) -> None:
    """Neither a stranger, nor an administrator, nor another service account gets in."""
    body = {"collection": "main", "file_ids": ["x"]}
    signin = stack.about()["ports"]["signin"]
    minted = httpx.post(
        f"http://127.0.0.1:{signin}/v1/projects/-/serviceAccounts/"
        "mallory@docent-local.iam.gserviceaccount.com:generateIdToken",
        json={"audience": stack.base, "includeEmail": True},
        headers={"Authorization": "Bearer local-cloud"},
        trust_env=False,
    ).json()["token"]
    url = f"{stack.base}/ingest/tasks/file"
    assert httpx.post(url, json=body, trust_env=False).status_code == 401
    assert clients["alice@example.com"].post("/ingest/tasks/file", json=body).status_code == 401
    mallory = {"Authorization": f"Bearer {minted}"}
    assert httpx.post(url, json=body, headers=mallory, trust_env=False).status_code == 401
