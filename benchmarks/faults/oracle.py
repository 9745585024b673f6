"""What may come of a request while something fails, and what may not."""

import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.faults.people import Asker

TYPE = "urn:problem-type:docent:"
LIMIT = 25.0
"""Seconds after which a request hangs, with the deadlines of block.py."""
HONEST = {409, 429, 502, 503, 504}
"""What a failure behind Docent may be told as; never as that a thing is not there."""
MEASURES = ("losses", "doubles", "leaks", "hangs", "unclear errors", "not recovered")


@dataclass(frozen=True)
class Wrong:
    """One thing that must not be."""

    measure: str
    sentence: str


@dataclass
class Heard:
    """What came back: `status` 0 when nothing did, `cut` when the answer broke off."""

    status: int = 0
    type: str = ""
    text: str = ""
    cut: str = ""
    seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def events(self) -> list[tuple[str, Any]]:
        """The events of a stream."""
        found = []
        for block in self.text.strip().split("\n\n"):
            name, _, data = block.partition("\n")
            if name.startswith("event: ") and data.startswith("data: "):
                found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        return found

    @property
    def streamed(self) -> bool:
        """Whether it was a stream."""
        return self.type.startswith("text/event-stream")

    def error(self) -> dict[str, Any] | None:
        """The problem in an answer or at the end of a stream; None when there is none."""
        if self.streamed:
            return next((data for name, data in self.events if name == "error"), None)
        if not self.type.startswith("application/problem+json"):
            return None
        problem: dict[str, Any] = json.loads(self.text)
        return problem

    def answer(self) -> dict[str, Any]:
        """The answer of a question, whichever way it came."""
        if not self.streamed:
            whole: dict[str, Any] = json.loads(self.text)
            return whole
        merged: dict[str, Any] = {"answer": ""}
        for name, data in self.events:
            merged |= data if name in ("meta", "done") else {}
            merged["answer"] += data["text"] if name == "token" else ""
        return merged


@asynccontextmanager
async def _opened(http: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    answer = await http.send(request, stream=True)
    try:
        yield answer
    finally:
        await answer.aclose()


async def send(http: httpx.AsyncClient, base: str, request: httpx.Request, trace: str = "") -> Heard:
    """Send to Docent and read to the end; nothing is raised."""
    sent = http.build_request(
        request.method, base + request.url.raw_path.decode(), content=request.content, headers=request.headers
    )
    sent.headers["host"] = base.removeprefix("http://")
    if trace:
        sent.headers["traceparent"] = f"00-{trace}-00000000000000f1-01"
    heard, began, parts = Heard(), time.monotonic(), []
    try:
        async with _opened(http, sent) as answer:
            heard.status, heard.type = answer.status_code, answer.headers.get("content-type", "")
            heard.headers = dict(answer.headers)
            async for part in answer.aiter_bytes():
                parts.append(part)  # noqa: PERF401 - what came before it broke off is kept
    except httpx.HTTPError as error:
        heard.cut = type(error).__name__
    heard.text, heard.seconds = b"".join(parts).decode(errors="replace"), time.monotonic() - began
    return heard


def fine(heard: Heard, ok: Sequence[int]) -> bool:
    """Whether all went as if nothing had failed."""
    if heard.cut or heard.status not in ok:
        return False
    return not heard.streamed or (
        heard.error() is None and [name for name, _ in heard.events][-1:] == ["done"]
    )


def judged(
    heard: Heard, ok: Sequence[int], asker: Asker, *, down: bool = False, names: bool = False
) -> list[Wrong]:
    """What is wrong with an answer.

    `down`: the function itself was ended, so that nobody could answer. `names`: an administrator's view, in
    which the names of all files stand.
    """
    shown = [] if names else asker.leaks(heard.text)
    wrong = [Wrong("leaks", f"{asker.address} was shown {one!r}") for one in shown]
    if heard.seconds > LIMIT:
        wrong.append(Wrong("hangs", f"{heard.seconds:.1f} s"))
    if fine(heard, ok) or (down and (heard.cut or heard.status == httpx.codes.BAD_GATEWAY)):
        return wrong
    if heard.cut:
        return [*wrong, Wrong("unclear errors", f"the answer ({heard.status}) was cut: {heard.cut}")]
    return wrong + _unclear(heard)


def _unclear(heard: Heard) -> list[Wrong]:
    """Complaints about an error: a problem with a known type, a sentence and an honest status."""
    if heard.type.startswith("text/html") and heard.status in HONEST | {400}:
        return []  # a sign-in that fails is told as a page, and says "begin again" where its state is used up
    problem = heard.error()
    if problem is None:
        return [Wrong("unclear errors", f"{heard.status} {heard.type}: {heard.text[-300:]}")]
    ends = [name for name, _ in heard.events if name in ("done", "error")] if heard.streamed else ["error"]
    known = str(problem.get("type", "")).startswith(TYPE) and problem.get("detail")
    if not known or problem.get("status") not in HONEST or ends != ["error"]:
        return [Wrong("unclear errors", f"{heard.status} {ends}: {problem}")]
    return []


class Books:
    """What Firestore holds about questions, read behind Docent's back."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def messages(self, conversation: str) -> dict[str, dict[str, Any]]:
        """The messages of a conversation, by id."""
        kept = self.client.collection("conversations").document(conversation).collection("messages")
        return {one.id: one.to_dict() async for one in kept.stream(timeout=60)}

    async def charged(self, subject: str) -> int:
        """The questions that this person was charged for today and yesterday."""
        now = datetime.now(UTC).timestamp()
        days = [datetime.fromtimestamp(now - back, UTC).date().isoformat() for back in (0, 86400)]
        names = [self.client.collection("usage").document(f"{day}.{subject}") for day in days]
        found = [one async for one in self.client.get_all(names, timeout=60)]
        return sum(int((one.to_dict() or {}).get("counts", {}).get("questions", 0)) for one in found)

    async def about(self, subject: str) -> int:
        """How many conversations of this person's are kept."""
        from google.cloud.firestore import FieldFilter

        query = self.client.collection("conversations").where(filter=FieldFilter("subject", "==", subject))
        return len([one async for one in query.select([]).stream(timeout=60)])

    async def kept(self, heard: Heard, ok: Sequence[int], text: str) -> list[Wrong]:
        """Whether the message of a question is there once, as it was told."""
        if heard.cut or (heard.error() is not None and not heard.streamed) or heard.status not in ok:
            return []
        said = heard.answer()
        found = await self.messages(said["conversation_id"]) if "conversation_id" in said else {}
        mine = [name for name, one in found.items() if one["question"] == text]
        if len(mine) > 1:
            return [Wrong("doubles", f"{len(mine)} messages of one question")]
        if not fine(heard, ok) or said.get("kept") is False:
            return []
        if mine != [said["message_id"]]:
            return [Wrong("losses", f"the message {said['message_id']} is not kept and nobody was told")]
        if found[mine[0]]["answer"].strip() != said["answer"].strip():
            return [Wrong("losses", f"the message {mine[0]} is kept with another answer")]
        return []

    async def charge(self, asker: Asker, *, answered: bool) -> list[Wrong]:
        """Whether a question was charged more than once; what could not be written yet may come later."""
        before, asker.charged = asker.charged, await self.charged(asker.subject)
        delta, most = asker.charged - before, asker.pending + 1
        asker.pending = max(0, most - delta)
        if not answered and delta == 0:
            asker.pending = most
        if delta > most:
            return [Wrong("doubles", f"{delta} questions were charged where {most} were asked")]
        return []
