"""ask, status and token: what they print, and what their exit codes say."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from local.__main__ import main
from local.runner.ports import free_block
from local.standin import HttpServer

pytestmark = pytest.mark.source("local/README.md: asking from the command line")

PAGE = """<form method="post" action="/authorize"><input type="hidden" name="state" value="s1">
<input type="checkbox" name="grant" value="drive" checked><input type="checkbox" name="grant" value="mail">
<button name="person" value="alice@example.com">Alice</button>
<button name="person" value="carol@partner.example">Carol</button>
<button name="deny" value="1">No</button></form>"""
SOURCE = {
    "n": 1,
    "file_id": "f1",
    "file": "Handbook.docx",
    "locator": {"page": 3},
    "quote": "27 days",
    "link": "https://drive.example/f1",
}
ANSWER = {
    "answer": "27 days [1].",
    "declined": False,
    "degraded": False,
    "sources": [SOURCE],
    "conversation_id": "c1",
    "request_id": "r1",
}


class Docent:
    """The routes that the commands use; `refuse` makes the chat answer with that status."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.chosen: dict[str, list[str]] = {}
        self.ended = 0
        self.refuse = 0
        self.declined = False
        self.cut = False
        self.app = Starlette(
            routes=[
                Route("/local/stack", self.stack),
                Route("/auth/login", lambda _: self._cookie(RedirectResponse("/authorize", 303), "before")),
                Route("/authorize", self.authorize, methods=["GET", "POST"]),
                Route("/auth/callback", self.callback),
                Route("/auth/logout", self.logout, methods=["POST"]),
                Route("/chat", self.chat, methods=["POST"]),
                Route("/ingest/status", self.status),
                Route("/", lambda _: Response(status_code=503)),
            ]
        )

    @staticmethod
    def _cookie(response: Response, value: str) -> Response:
        response.set_cookie("__session", value, httponly=True)
        return response

    def stack(self, _: Request) -> Response:
        """What runs."""
        return JSONResponse({"admin": "alice@example.com"})

    async def authorize(self, request: Request) -> Response:
        """The page with the people, and the choice made on it."""
        if request.method == "GET":
            return HTMLResponse(PAGE)
        self.chosen = parse_qs((await request.body()).decode())
        return RedirectResponse("/auth/callback?code=1", 303)

    def callback(self, _: Request) -> Response:
        """A session, but not for Carol."""
        person = self.chosen["person"][0]
        if person == "carol@partner.example":
            return JSONResponse({"detail": "This account is not allowed."}, 403)
        return self._cookie(RedirectResponse("/", 303), "token-of-" + person.partition("@")[0])

    def logout(self, _: Request) -> Response:
        """Counts the sessions that ended."""
        self.ended += 1
        return Response(status_code=204)

    async def chat(self, request: Request) -> Response:
        """An answer, at once or as events."""
        self.asked.append(await request.json() | {"as": request.headers["authorization"]})
        if self.refuse:
            return JSONResponse({"type": "t", "title": "No", "detail": "Not now."}, self.refuse)
        if "text/event-stream" not in request.headers["accept"]:
            return JSONResponse(ANSWER | {"declined": self.declined, "usage": {}, "nearest": []})
        events = [
            ("meta", {"conversation_id": "c1", "request_id": "r1", "question": "?"}),
            ("sources", [SOURCE]),
            ("token", {"text": "27 "}),
            ("token", {"text": "days [1]."}),
            ("done", {"declined": self.declined, "degraded": False, "usage": {}}),
        ]
        if self.cut:
            events[-1] = ("error", {"title": "Upstream", "status": 502, "detail": "The model broke off."})
        body = ": ping\n\n" + "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
        return Response(body, media_type="text/event-stream")

    def status(self, _: Request) -> Response:
        """Two collections."""
        main = {"id": "main", "name": "Main", "state": "idle", "total": 4}
        other = {"id": "b", "name": "B", "state": "syncing", "total": 3}
        counts = ({"indexed": 3, "failed": 1}, {"indexed": 1, "pending": 2})
        both = [one | {"counts": count} for one, count in zip((main, other), counts, strict=True)]
        return JSONResponse({"collections": both})


Runner = Callable[..., Any]


@pytest.fixture
async def docent() -> AsyncIterator[Docent]:
    """A Docent to ask, at `docent.port`."""
    fake = Docent()
    server = HttpServer(fake.app)
    fake.port = await server.start()  # type: ignore[attr-defined]
    yield fake
    await server.stop()


@pytest.fixture
def run(docent: Docent, capsys: pytest.CaptureFixture[str]) -> Runner:
    """Runs a command against it: (exit code, standard output, standard error)."""

    async def command(*words: str) -> tuple[int, str, str]:
        port = str(docent.port)  # type: ignore[attr-defined]
        code = await asyncio.to_thread(main, [*words, "--port", port])
        out, err = capsys.readouterr()
        return code, out, err

    return command


async def test_ask_json(run: Runner, docent: Docent) -> None:
    """--json prints exactly the promised keys, exits 0, and signs out again."""
    code, out, err = await run("ask", "--as", "alice@example.com", "--json", "How many days?")
    assert (code, err) == (0, "")
    assert json.loads(out) == ANSWER
    assert docent.asked == [{"message": "How many days?", "as": "Bearer token-of-alice"}]
    assert docent.ended == 1


async def test_signing_in_sends_the_form_as_a_browser(run: Runner, docent: Docent) -> None:
    """Hidden fields, ticked boxes and the chosen button are sent, nothing else."""
    await run("token", "--as", "Alice@example.com")
    assert docent.chosen == {"state": ["s1"], "grant": ["drive"], "person": ["alice@example.com"]}


async def test_ask_about_a_file_in_a_conversation(run: Runner, docent: Docent) -> None:
    """--file-id and --conversation are passed on."""
    await run("ask", "--as", "alice@example.com", "--file-id", "f1", "--conversation", "c1", "--json", "And?")
    assert docent.asked[0].items() >= {"message": "And?", "file_id": "f1", "conversation_id": "c1"}.items()


async def test_ask_streams_for_people(run: Runner) -> None:
    """Without --json the answer stands first, then each source with its place and link."""
    code, out, _ = await run("ask", "--as", "alice@example.com", "How many days?")
    assert code == 0
    assert out.startswith("27 days [1].\n")
    assert "[1] Handbook.docx, page 3\n    https://drive.example/f1" in out


@pytest.mark.parametrize("form", [["--json"], []])
async def test_declined_is_3(run: Runner, docent: Docent, form: list[str]) -> None:
    """An answer that is not in the documents has an exit code of its own."""
    docent.declined = True
    assert (await run("ask", "--as", "alice@example.com", *form, "?"))[0] == 3


@pytest.mark.parametrize(("status", "expected"), [(401, 4), (403, 4), (404, 4), (429, 4), (422, 1), (503, 1)])
async def test_refused_is_4_and_failed_is_1(run: Runner, docent: Docent, status: int, expected: int) -> None:
    """401, 403, 404 and 429 are refusals, the rest failures; the problem is printed as JSON."""
    docent.refuse = status
    code, out, err = await run("ask", "--as", "alice@example.com", "--json", "?")
    assert code == expected
    assert json.loads(out)["error"]["status"] == status
    assert "Not now." in err
    assert (await run("ask", "--as", "alice@example.com", "?"))[0] == expected


async def test_an_answer_broken_off_is_a_failure(run: Runner, docent: Docent) -> None:
    """An error event in mid-answer exits 1 with its sentence."""
    docent.cut = True
    code, _, err = await run("ask", "--as", "alice@example.com", "?")
    assert code == 1
    assert "The model broke off." in err


async def test_a_person_who_may_not_sign_in_is_refused(run: Runner) -> None:
    """Neither a stranger nor someone whom Docent does not admit gets a token: exit code 4."""
    code, _, err = await run("token", "--as", "mallory@example.com")
    assert code == 4
    assert "alice@example.com" in err
    code, out, err = await run("token", "--as", "carol@partner.example")
    assert (code, out) == (4, "")
    assert "not allowed" in err


async def test_token_is_the_session(run: Runner) -> None:
    """The token is the cookie that the callback set, not the one from before signing in."""
    assert await run("token", "--as", "alice@example.com") == (0, "token-of-alice\n", "")


async def test_status(run: Runner) -> None:
    """Counts are given for each collection and summed over all."""
    code, out, _ = await run("status", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["counts"] == {"indexed": 4, "failed": 1, "pending": 2}
    assert (found["total"], found["state"], len(found["collections"])) == (7, "syncing", 2)
    assert "indexed  3" in (await run("status"))[1]


@pytest.mark.parametrize(
    "words", [["ask", "--as", "alice@example.com", "?"], ["status"], ["token", "--as", "alice@example.com"]]
)
def test_nothing_runs_there(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A port where nothing answers gives a sentence with the way out, and exit code 1."""
    assert main([*words, "--port", str(free_block())]) == 1
    assert "make run" in capsys.readouterr().err
