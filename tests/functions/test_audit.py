"""The audit trail over HTTP and on the command line, on the local Google Cloud."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.health.routes import ROUTES
from functions.health.wiring import build_services
from local.firestore.server import FirestoreServer
from local.runner.operator import put_secrets
from local.secrets.server import SecretsServer
from local.standin import Options
from shared.errors import NotSignedIn
from shared.gcp import clients
from shared.gcp.firestore_audit import FirestoreAudit
from shared.gcp.identity import audit_reader, audit_trail
from shared.identity.audit import Trail
from shared.models import Person
from shared.settings import FirestoreSettings, ProjectSettings
from shared.web.app import make_app
from shared.web.guard import Guard
from tests.fakes.identity import sealing_secret

ROOT = Path(__file__).parents[2]
PROJECT = "docent-test"
HOME = "http://docent"
ADMIN = Person("1", "root@example.com", "example.com", admin=True)
ALICE = Person("1234567890", "alice@example.com", "example.com")


class People:
    """Two people, by their first names."""

    async def person(self, token: str) -> Person:
        """Raises NotSignedIn."""
        known = {"root": ADMIN, "alice": ALICE}
        if token not in known:
            raise NotSignedIn("Sign in first.")
        return known[token]


@dataclass
class Place:
    """Health over a real trail."""

    trail: Trail
    store: FirestoreAudit
    browser: httpx.AsyncClient
    environment: dict[str, str]

    async def audit(self, **query: Any) -> dict[str, Any]:
        """GET /audit as an administrator."""
        answer = await self.browser.get("/audit", params=query, headers={"authorization": "Bearer root"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def command(self, *arguments: str) -> tuple[int | None, str]:
        """scripts/verify_audit.py, as an operator runs it: exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(ROOT / "scripts" / "verify_audit.py"), *arguments),
            env={**self.environment, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """Running, in memory, with the indexes that terraform declares."""
    firestore = FirestoreServer(Options(settings={"firestore_indexes": str(ROOT / "terraform")}))
    secrets = SecretsServer(Options())
    environment = {
        "GOOGLE_CLOUD_PROJECT": PROJECT,
        "FRONTEND_URL": HOME,
        "AUTH_JWKS_URL": f"{HOME}/auth/jwks",
    }
    for service in (firestore, secrets):
        await service.start()
        environment |= service.exports()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    await put_secrets(environment["SECRETS_HOST"], PROJECT, {"audit-keys": sealing_secret("p")})
    settings = FirestoreSettings()
    db = clients.firestore(ProjectSettings(), settings)
    guard = Guard(People())
    services = replace(build_services(), guard=guard, audit=audit_reader(db, settings))
    transport = httpx.ASGITransport(make_app(ROUTES, services, guard))
    async with httpx.AsyncClient(transport=transport, base_url="http://docent") as browser:
        yield Place(audit_trail(db, settings), FirestoreAudit(db, 5.0), browser, environment)
    await db.close()
    for service in (firestore, secrets):
        await service.stop()


async def test_an_administrator_reads_and_verifies_the_trail(place: Place) -> None:
    """Newest first, page by page, narrowed by event and person; the chain holds."""
    for number in range(5):
        await place.trail.require("role.changed", ALICE.subject, ADMIN.subject, number=number)
    await place.trail.note("signin.refused", "", "", reason="wrong nonce")
    first = await place.audit(limit=4, verify="true")
    assert first["entries"][0]["event"] == "signin.refused"
    assert first["verified"] == {
        "ok": True,
        "entries": 6,
        "waiting": 0,
        "head": first["entries"][0]["hash"],
        "broken_at": None,
        "why": "",
    }
    second = await place.audit(limit=4, cursor=first["next_cursor"])
    assert [one["seq"] for one in first["entries"] + second["entries"]] == [6, 5, 4, 3, 2, 1]
    assert (second["next_cursor"], second["verified"]) == (None, None)
    assert len((await place.audit(person=ALICE.subject))["entries"]) == 5
    assert len((await place.audit(event="signin.refused"))["entries"]) == 1
    assert len((await place.audit(event="role.changed", person=ALICE.subject))["entries"]) == 5
    assert ALICE.subject not in json.dumps(first)


async def test_the_trail_is_for_administrators(place: Place) -> None:
    """A stranger is asked to sign in, a person is refused; a wrong query is named."""
    assert (await place.browser.get("/audit")).status_code == 401
    alice = {"authorization": "Bearer alice"}
    assert (await place.browser.get("/audit", headers=alice)).status_code == 403
    root = {"authorization": "Bearer root"}
    for query in ({"cursor": "x"}, {"limit": "0"}, {"limit": "9999"}, {"nonsense": "1"}):
        assert (await place.browser.get("/audit", params=query, headers=root)).status_code == 422


async def test_the_command_names_the_first_broken_link(place: Place) -> None:
    """Exit 0 while the chain holds, 1 and the entry when it does not; also against what the log saw."""
    for number in range(4):
        await place.trail.require("role.changed", ALICE.subject, ADMIN.subject, number=number)
    head = (await place.audit())["entries"][0]["hash"]
    code, said = await place.command("--anchor", f"4:{head}")
    assert (code, said.split()[0]) == (0, "4")
    code, said = await place.command("--anchor", f"5:{head}")
    assert (code, "entry 5" in said) == (1, True)
    await place.store._links.document(f"{2:012d}").update({"details": {"number": 9}})
    code, said = await place.command()
    assert (code, said.startswith("broken at entry 2:")) == (1, True)
    broken = (await place.audit(verify="true"))["verified"]
    assert (broken["ok"], broken["broken_at"]) == (False, 2)
