"""The people of the campaign: how they sign in, what each may see, and words that would give a leak away."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx

from local.outgoing import loopback_client
from local.runner.people import DEMO
from local.runner.sign_in import CALLBACK, SESSION_COOKIE, form_for

_LONG = 16
"""Characters of a quote that nobody says by chance."""


@dataclass
class Asker:
    """One signed-in person."""

    address: str
    access: str
    refresh: str
    subject: str
    hidden: frozenset[str]
    """Names of files and quotes from them that this person may not see."""
    facts: dict[str, str] = field(default_factory=dict)
    """Ids of what is theirs, by name."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One question at a time, so that its charge can be told from others'."""
    charged: int = 0
    pending: int = 0
    """Questions counted so far, and those that may still be."""

    @property
    def bearer(self) -> dict[str, str]:
        """The header that says who asks."""
        return {"Authorization": f"Bearer {self.access}"}

    def leaks(self, text: str) -> list[str]:
        """What this person must not see and the text shows."""
        return sorted(one for one in self.hidden if one in text)


@dataclass(frozen=True)
class Question:
    """A question of the sample."""

    text: str
    hidden_from: frozenset[str]


def questions(folder: Path = DEMO) -> list[Question]:
    """All of them, in order."""
    lines = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    return [Question(one["question"], frozenset(one["hidden_from"])) for one in lines]


def hidden_from(address: str, folder: Path = DEMO) -> frozenset[str]:
    """Names of files that are not this person's to see, and quotes from them."""
    files = json.loads((folder / "permissions.json").read_text())["files"]
    names = {name for name, one in files.items() if address not in _readers(one)}
    lines = [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]
    quotes = {
        source["quote"]
        for one in lines
        for source in one["evidence"]
        if source["doc_id"] in names and len(source["quote"]) >= _LONG
    }
    return frozenset(names | quotes)


def _readers(file: dict[str, object]) -> list[str]:
    """Who may read a file of the sample; the fourth person may read what everybody may."""
    permissions = file["permissions"]
    assert isinstance(permissions, list)
    readers = file["effective_readers"]
    assert isinstance(readers, list)
    return [*readers, *(["dan@partner.example"] if any(p["type"] == "anyone" for p in permissions) else [])]


async def sign_in(base: str, address: str, *, trace: str = "") -> tuple[httpx.Response, str, str]:
    """The callback's answer, and the session it gave: access and refresh token, empty when it gave none.

    `trace` is the callback's alone: the steps before it are not under test.
    """
    async with loopback_client(base_url=base, timeout=30) as browser:
        login = await browser.get("/auth/login")
        if login.status_code != httpx.codes.SEE_OTHER:
            return login, "", ""
        page = await browser.get(login.headers["location"])
        form = form_for(address, page.text)
        back = await browser.request(
            form.method,
            page.url.join(form.action),
            content=urlencode([*form.fields, (form.choice, address)]),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert CALLBACK in back.headers["location"], back.text
        headers = {"traceparent": f"00-{trace}-00000000000000f1-01"} if trace else {}
        answer = await browser.get(back.headers["location"], headers=headers)
        access, _, refresh = (answer.cookies.get(SESSION_COOKIE) or "").strip('"').partition("~")
        return answer, access, refresh


async def asker(base: str, address: str) -> Asker:
    """A person, signed in."""
    answer, access, refresh = await sign_in(base, address)
    assert access, answer.text
    claims = access.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    made = Asker(address, access, refresh, told["sub"], hidden_from(address))
    made.facts["session"] = told["sid"]
    return made
