"""Money and repeats over HTTP, on Docent as it runs, with more than one process of the chat function."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from local.runner.ports import free_block
from tests.e2e.conftest import CHECKOUT, Stack

pytestmark = pytest.mark.timeout(600)

ALICE, BOB = "alice@example.com", "bob@example.com"
PATIENT = {f"{name}_TIMEOUT": "60" for name in ("FIRESTORE", "RATELIMIT", "DRIVE", "VECTOR", "GENAI")}
"""Two hundred at once on a small machine take longer than anybody would wait."""
DEMO = CHECKOUT / "local" / "demo"
FILES = ("Employee Handbook 2025.docx", "Travel and Expenses Policy v4.pdf", "Office Guide Porto.txt")
WAYS = ("", "Please tell me: ", "Tell me, please: ", "I ask: ", "Say: ", "One more: ", "Now: ")
PRICES = CHECKOUT / "shared" / "limits" / "prices.toml"


@dataclass
class Office:
    """A Docent over a few files, and further processes of its chat function."""

    stack: Stack
    chats: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def bearer(self, person: str) -> dict[str, str]:
        """The header of somebody who is signed in."""
        if person not in self.tokens:
            self.tokens[person] = self.stack.token(person)
        return {"authorization": f"Bearer {self.tokens[person]}"}

    def chat(self, **settings: str) -> str:
        """The address of another process of chat, with the settings of the first one and these."""
        first = next(one for one in self.stack.processes() if one.cmdline()[-2:-1] == ["chat"])
        address = f"127.0.0.1:{free_block()}"
        environment = {**first.environ(), **PATIENT, **settings}
        command = [sys.executable, "-m", "local.runner.function", "chat", address.rpartition(":")[2]]
        self.chats[f"http://{address}"] = subprocess.Popen(  # noqa: S603 - ours
            command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(lambda: answers(f"http://{address}/collections"))
        return f"http://{address}"

    def kill(self, chat: str) -> None:
        """End a process of chat where it stands."""
        psutil.Process(self.chats[chat].pid).kill()
        self.chats[chat].wait(20)

    def ask(self, chats: Sequence[str], questions: Sequence[str], person: str) -> list[dict[str, Any]]:
        """All at once, spread over the processes; the answers, in order."""
        limits = httpx.Limits(max_connections=len(questions))

        async def all_of_them() -> list[dict[str, Any]]:
            async with httpx.AsyncClient(timeout=300, trust_env=False, limits=limits) as http:

                async def one(number: int, question: str) -> dict[str, Any]:
                    address = f"{chats[number % len(chats)]}/chat"
                    answer = await http.post(address, headers=self.bearer(person), json={"message": question})
                    return dict(answer.raise_for_status().json())

                return await asyncio.gather(*(one(*pair) for pair in enumerate(questions)))

        return asyncio.run(all_of_them())

    def get(self, path: str) -> Any:
        """What an administrator reads."""
        answer = httpx.get(self.stack.base + path, headers=self.bearer(ALICE), timeout=60, trust_env=False)
        return answer.raise_for_status().json()

    def model_calls(self) -> int:
        """How often the model was asked, as the stand-in counted it."""
        return self.stack.calls()["vertex"].get("streamGenerateContent", 0)

    def billed(self) -> dict[str, int]:
        """What the stand-ins say that Google would charge for."""
        address = f"{self.stack.base}/local/control/billed"
        found = httpx.get(address, timeout=30, trust_env=False).json()
        return {name: n for service in found.values() for name, n in service.items()}


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether somebody listens there."""
    try:
        return httpx.get(address, timeout=30, trust_env=False).status_code > 0
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """Started over some of the sample files, which it reads in."""
    with tempfile.TemporaryDirectory(prefix="docent-") as folder:
        drive = Path(folder) / "drive"
        drive.mkdir()
        for name in FILES:
            shutil.copy(DEMO / "files" / name, drive)
        running = Office(Stack(Path(folder) / "state", drive))
        running.stack.start()
        yield running
        for chat in running.chats.values():
            chat.kill()
            chat.wait(20)
        running.stack.stop()


def questions(count: int, end: str = "") -> list[str]:
    """So many different ones, which these files answer."""
    lines = (DEMO / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    known = [
        one["question"]
        for one in map(json.loads, lines)
        if one["evidence"] and {part["doc_id"] for part in one["evidence"]} <= set(FILES)
    ]
    asked = [f"{way}{one}{end}" for way in WAYS for one in known]
    assert len(asked) >= count
    return asked[:count]


def in_dollars(items: Mapping[str, int]) -> Decimal:
    """What these things cost, by the price file as it stands, with none of Docent's arithmetic."""
    prices = tomllib.loads(PRICES.read_text(encoding="utf-8"))
    total = Decimal(0)
    for name, quantity in items.items():
        thing, _, unit = name.partition(":")
        total += Decimal(prices[thing][unit]) * quantity / int(prices[thing]["per"])
    return total


def test_what_everything_cost_is_what_the_services_counted(office: Office) -> None:
    """An ingest and 100 questions, half of them repeats: tokens to the last one, money to the cent."""
    fresh = questions(50)
    for start in range(0, 100, 10):
        office.ask([office.stack.base], (fresh * 2)[start : start + 10], ALICE)
    assert office.model_calls() > 20

    def agreed() -> bool:
        """The last requests' small change is written with a later request."""
        office.ask([office.stack.base], ["Is this the last question?"], ALICE)
        items, billed = office.get("/cost/summary")["items"], office.billed()
        return all(items[name] == n for name, n in billed.items() if name.startswith("gem"))

    until(agreed)
    summary, billed = office.get("/cost/summary"), office.billed()
    assert summary["today"]["questions"] >= 100
    assert {"gemini-embedding-001:token", "firestore:read", "firestore:delete"} < set(billed)
    of_google = {name: n for name, n in summary["items"].items() if name in billed}
    assert abs(in_dollars(of_google) - in_dollars(billed)) < Decimal("0.001")
    requests = Decimal("0.40") * summary["items"]["functions:request"] / 1_000_000
    assert abs(Decimal(str(summary["month"]["cost"])) - in_dollars(billed) - requests) < Decimal("0.01")
    assert 0 < sum(summary["by_collection"].values()) < summary["month"]["cost"]
    assert summary["month"]["saved_by_caches"] > 0
    # numbers of requests travel apart from money, and come to the same: answers out of the cache too
    until(
        lambda: bool(office.get("/stats")["questions"] == office.get("/cost/summary")["today"]["questions"])
    )


def test_200_identical_questions_at_once_are_one_call(office: Office) -> None:
    """Over four processes: one call of the model, 200 answers, all the same."""
    chats = [office.chat(CACHE_LEASE="120") for _ in range(4)]
    before = office.model_calls()
    found = office.ask(chats, ["Kindly: What is the notice period after probation?"] * 200, ALICE)
    assert office.model_calls() - before == 1
    assert len(found) == 200
    assert {one["answer"] for one in found} == {found[0]["answer"]}
    assert "notice period" in found[0]["answer"]
    assert len({one["conversation_id"] for one in found}) == 200
    for chat in chats:
        office.kill(chat)


def test_when_the_process_that_answers_is_killed_the_others_go_on(office: Office) -> None:
    """The model hangs for the first process, which dies; who waited for it is answered all the same."""
    first, second = office.chat(), office.chat(CACHE_LEASE="2")
    fault = {"service": "vertex", "method": "streamGenerateContent", "delay": 300, "times": 1}
    control = f"{office.stack.base}/local/control/faults"
    before = office.model_calls()
    question = "Kindly: How big is the yearly learning budget of an employee?"
    headers = office.bearer(ALICE)

    async def both() -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=300, trust_env=False) as http:
            (await http.post(control, json=fault)).raise_for_status()
            lost = asyncio.create_task(
                http.post(f"{first}/chat", headers=headers, json={"message": question})
            )
            await asyncio.to_thread(until, lambda: office.model_calls() > before)
            waiting = asyncio.create_task(
                http.post(f"{second}/chat", headers=headers, json={"message": question})
            )
            await asyncio.to_thread(office.kill, first)
            with contextlib.suppress(httpx.TransportError):
                await lost
            return dict((await waiting).raise_for_status().json())

    found = asyncio.run(both())
    httpx.delete(control, timeout=30, trust_env=False)
    assert "900" in found["answer"]
    assert office.model_calls() - before == 2
    office.kill(second)


def test_twenty_at_the_edge_of_a_budget(office: Office) -> None:
    """Twenty under way over two processes with room for three: nobody is refused, the budget holds."""
    chats = [office.chat(), office.chat()]
    office.ask(chats, ["Kindly: What may a hotel in Zurich cost?"], BOB)

    def bob() -> dict[str, Any]:
        people = office.get("/stats/people")["people"]
        return dict(next(one for one in people if one["email"] == BOB))

    until(lambda: bool(bob()["questions"] == 1))
    budget = bob()["month_dollars"] + 0.03
    answer = httpx.patch(
        f"{office.stack.base}/stats/people/{bob()['subject']}", headers=office.bearer(ALICE),
        json={"budget_dollars": budget}, timeout=60, trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 204
    found = office.ask(chats, questions(20, " Thanks."), BOB)
    assert 1 <= sum(not one["degraded"] and not one["declined"] for one in found) < 20
    assert any(one["degraded"] for one in found)
    assert all(one["answer"] for one in found)
    until(lambda: bool(bob()["questions"] == 21))
    assert bob()["month_dollars"] <= budget
    for chat in chats:
        office.kill(chat)
