"""scripts/deploy and scripts/destroy from end to end, with programs on PATH that note what they are told."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.standin import HttpServer
from scripts.deployment import __main__ as deployment
from scripts.deployment.cloud import Cloud
from scripts.deployment.wanted import Wanted
from tests.deploy.test_preflight import CLIENT, PROJECT, SECRETS, Project

ROOT = Path(__file__).parents[2]
PROGRAM = """#!{python}
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["NOTED"])
name, words = os.path.basename(sys.argv[0]), sys.argv[1:]
with (folder / "calls").open("a") as calls:
    calls.write(" ".join([name, *words]) + "\\n")
if words[:1] == ["output"]:
    print((folder / "outputs.json").read_text())
if words[:2] == ["state", "list"]:
    print((folder / "state").read_text())
sys.exit(3 if (folder / "fails").exists() and (folder / "fails").read_text() in words else 0)
"""
STATE = """\
data.google_project.this
google_cloudfunctions2_function.functions["chat"]
google_cloud_tasks_queue.ingest
google_firestore_database.docent
google_firestore_index.files
google_kms_key_ring.docent[0]
google_project_service.apis["run.googleapis.com"]
google_secret_manager_secret.secrets["SECRETS_AUDIT_KEYS"]
google_secret_manager_secret_iam_member.functions["auth-audit-keys"]
google_storage_bucket.private["backups"]
google_vertex_ai_index.chunks[0]
"""


@dataclass
class Bench:
    """A checkout whose programs are fakes, beside a project with state."""

    folder: Path
    project: Project
    smoke_url: str

    @property
    def calls(self) -> list[str]:
        """What the programs were told, in order."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def deploy(self, *, sure: bool = True) -> None:
        """What comes after the preflight."""
        outputs = {
            "secrets": SECRETS,
            "firebase_json": json.dumps({"hosting": {}}),
            "oauth_redirect_uri": f"https://{PROJECT}.web.app/auth/callback",
            "smoke_url": self.smoke_url,
            "address": f"https://{PROJECT}.web.app",
            "next_steps": ["Share the Drive folders."],
        }
        shown = {name: {"value": value} for name, value in outputs.items()}
        (self.folder / "outputs.json").write_text(json.dumps(shown))
        wanted = Wanted(PROJECT, variables=(("google_client_id", CLIENT),), client_secret="GOCSPX-right")
        cloud = Cloud(PROJECT, "t", httpx.MockTransport(self.project))
        deployment._deploy(cloud, wanted, sure=sure)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Fakes of terraform, npx and scripts/package; an address that answers."""

    async def answer(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    server = HttpServer(Starlette(routes=[Route("/health", answer)]))
    url = f"http://127.0.0.1:{await server.start()}/health"
    programs = [tmp_path / "bin" / "terraform", tmp_path / "bin" / "npx", tmp_path / "scripts" / "package"]
    for program in programs:
        program.parent.mkdir(exist_ok=True)
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
    (tmp_path / "terraform").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTED", str(tmp_path))
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    monkeypatch.setattr(deployment, "TERRAFORM", tmp_path / "terraform")
    yield Bench(tmp_path, Project(), url)
    await server.stop()


async def _deployed(bench: Bench, **how: Any) -> None:
    """Deploy in a thread, so that the address can answer meanwhile."""
    import asyncio

    await asyncio.to_thread(bench.deploy, **how)


async def test_everything_happens_in_its_order(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """State, packages, plan, apply of that plan, secrets, page, redirect URI, smoke test, what is left."""
    await _deployed(bench)
    assert f"{PROJECT}-docent-state" in bench.project.buckets
    words = [" ".join(one.split()[:2]) for one in bench.calls]
    assert words == [
        "package",
        "terraform init",
        "terraform plan",
        "terraform apply",
        "terraform output",
        "npx --yes",
    ]
    init, plan, apply = bench.calls[1:4]
    assert f"-backend-config=bucket={PROJECT}-docent-state" in init
    assert "-out=deploy.tfplan" in plan
    assert f"-var project={PROJECT}" in plan
    assert apply == "terraform apply -input=false deploy.tfplan"
    assert set(bench.project.secrets) == set(SECRETS.values())
    assert json.loads((bench.folder / "firebase.json").read_text()) == {"hosting": {}}
    said = capsys.readouterr().out
    assert f"https://{PROJECT}.web.app/auth/callback" in said
    assert "Share the Drive folders." in said
    assert not [value for kept in bench.project.secrets.values() for value in kept if value in said]


async def test_without_a_yes_nothing_is_applied(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that nobody agreed to is not applied."""
    monkeypatch.setattr("builtins.input", lambda _: "y")
    with pytest.raises(deployment.Stopped, match="Nothing was changed"):
        await _deployed(bench, sure=False)
    assert not [one for one in bench.calls if "apply" in one]


async def test_what_fails_stops_the_rest(bench: Bench) -> None:
    """A plan that fails is not applied; an apply that fails gives no secret a value."""
    (bench.folder / "fails").write_text("plan")
    with pytest.raises(deployment.Stopped, match="terraform plan ended with 3"):
        await _deployed(bench)
    assert not [one for one in bench.calls if "apply" in one]
    (bench.folder / "fails").write_text("apply")
    with pytest.raises(deployment.Stopped, match="terraform apply"):
        await _deployed(bench)
    assert not bench.project.secrets


def _destroy(bench: Bench, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    (bench.folder / "state").write_text(STATE)
    return subprocess.run(  # noqa: S603 - our own script
        [str(ROOT / "scripts" / "destroy")],
        env={**os.environ, "PROJECT": PROJECT, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_destroy_keeps_what_holds_data_and_says_so(bench: Bench) -> None:
    """Functions, queue, index and grants go; database, secrets, buckets, keys stay, and each is named."""
    ended = _destroy(bench)
    assert ended.returncode == 0, ended.stderr
    destroy = bench.calls[-1]
    gone = {word.removeprefix("-target=") for word in destroy.split() if word.startswith("-target=")}
    kept = {one for one in STATE.split() if one not in gone}
    assert not [one for one in gone if "firestore" in one or "bucket.private" in one or "kms" in one]
    assert 'google_cloudfunctions2_function.functions["chat"]' in gone
    assert "google_vertex_ai_index.chunks[0]" in gone
    assert 'google_secret_manager_secret.secrets["SECRETS_AUDIT_KEYS"]' in kept
    for word in ("database", "secrets", "backups", "state", "month"):
        assert word in ended.stdout


async def test_destroying_data_wants_the_projects_name(bench: Bench) -> None:
    """DATA=yes does nothing until somebody types the project's id; then everything goes but the keys."""
    ended = _destroy(bench, "yes\n", DATA="yes")
    assert ended.returncode == 1
    assert not [one for one in bench.calls if "destroy" in one]
    ended = _destroy(bench, f"{PROJECT}\n", DATA="yes")
    assert ended.returncode == 0, ended.stderr
    assert [one for one in bench.calls if one.startswith("terraform state rm google_kms_key_ring.docent[0]")]
    assert "deletion_protection=false" in bench.calls[-1]
    assert "backups of the database" in ended.stdout
