"""Seconds from ending a session to its refusal by each of the four functions, over 200 sessions.

Docent runs as `make run` starts it. Each session belongs to an administrator, so that every function
lets it in; while four clients go on asking, one function each, another session ends it. Counted is the
time from sending DELETE /auth/sessions/{id} to each function's first refusal; and a request that was
begun after the DELETE was acknowledged and is let in all the same is a failure, however short it was.
"""

import argparse
import asyncio
import base64
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.record import about
from local.runner.ports import free_block
from local.runner.sign_in import sign_in

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "identity.json"
LIMIT = 1.0
"""Seconds within which a session that was ended must be refused everywhere."""
FUNCTIONS = {
    "auth": "/auth/user",
    "chat": "/collections",
    "ingest": "/ingest/status",
    "health": "/stats",
}
START_LIMIT = 900.0
ROUND_TRIP = 0.02
"""Seconds that each call of Google's services is made to take in the second part: a region's network."""


@dataclass
class Ending:
    """One session's end: seconds to each function's first refusal, and requests let in that must not be."""

    seconds: dict[str, float] = field(default_factory=dict)
    acknowledged: float = 0.0
    """Seconds that the DELETE itself took, which are part of the others."""
    let_in: int = 0


async def main(revocations: int) -> int:
    """Measure, print, write the file of results; 1 when the limit is not kept."""
    measures: dict[str, dict[str, float]] = {}
    async with (
        docent() as base,
        httpx.AsyncClient(
            base_url=base, timeout=30, trust_env=False, limits=httpx.Limits(keepalive_expiry=1)
        ) as http,
    ):
        people = (await http.get("/local/stack")).json()
        for name, times, round_trip in (
            ("", revocations, 0.0),
            (f", {ROUND_TRIP * 1000:.0f} ms a call", max(1, revocations // 5), ROUND_TRIP),
        ):
            await http.put("/local/control/round-trip", json={"seconds": round_trip})
            admin = {"authorization": f"Bearer {await sign_in(base, people['admin'])}"}
            endings = [await end_one(http, base, people["admin"], admin) for _ in range(times)]
            measures |= summary(endings, name)
    for measure, values in measures.items():
        print(f"  {measure:<58} " + "  ".join(f"{system} {value:g}" for system, value in values.items()))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"about": about(), **measures}, indent=1) + "\n", encoding="utf-8")
    kept = all(
        max(values.values()) <= LIMIT for name, values in measures.items() if name.startswith("revoke")
    )
    none_let_in = all(
        value == 0 for name, one in measures.items() if "let in" in name for value in one.values()
    )
    return 0 if kept and none_let_in else 1


async def end_one(http: httpx.AsyncClient, base: str, person: str, admin: dict[str, str]) -> Ending:
    """Begin a session, see it let in everywhere, end it, and watch the four functions refuse it."""
    token = await sign_in(base, person)
    mine = {"authorization": f"Bearer {token}"}
    for path in FUNCTIONS.values():
        answer = await http.get(path, headers=mine)
        assert answer.status_code == 200, f"{path}: {answer.text}"
    ending, acknowledged = Ending(), asyncio.Event()
    watching = [asyncio.create_task(watch(http, name, mine, ending, acknowledged)) for name in FUNCTIONS]
    await asyncio.sleep(0.02)  # so that each function has a request under way
    begun = time.perf_counter()
    answer = await http.delete(f"/auth/sessions/{session_of(token)}", headers=admin)
    assert answer.status_code == 204, answer.text
    ending.acknowledged = time.perf_counter() - begun
    acknowledged.set()
    for name, refused_at in zip(FUNCTIONS, await asyncio.gather(*watching), strict=True):
        ending.seconds[name] = max(0.0, refused_at - begun)
    return ending


async def watch(
    http: httpx.AsyncClient, name: str, mine: dict[str, str], ending: Ending, acknowledged: asyncio.Event
) -> float:
    """Ask one function until it refuses; returns when that was."""
    while True:
        late = acknowledged.is_set()
        answer = await http.get(FUNCTIONS[name], headers=mine)
        if answer.status_code == 401:
            return time.perf_counter()
        assert answer.status_code == 200, answer.text
        ending.let_in += late


def summary(endings: list[Ending], name: str) -> dict[str, dict[str, float]]:
    """The measures of one part, by function."""
    by_function = {one: sorted(ending.seconds[one] for ending in endings) for one in FUNCTIONS}
    what = f"revoke to deny, {len(endings)} sessions{name}"
    return {
        f"{what}: longest (s)": {one: round(values[-1], 4) for one, values in by_function.items()},
        f"{what}: median (s)": {
            one: round(statistics.median(values), 4) for one, values in by_function.items()
        },
        f"of that the DELETE itself{name}: median (s)": {
            "docent": round(statistics.median(ending.acknowledged for ending in endings), 4)
        },
        f"requests let in after the end was acknowledged{name}": {
            "docent": float(sum(ending.let_in for ending in endings))
        },
    }


def session_of(token: str) -> str:
    """The id of the session that an access token names."""
    claims = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sid"])


@asynccontextmanager
async def docent() -> AsyncIterator[str]:
    """The address of a Docent of its own, with new state, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="docent-bench-") as state:
        port, printed = free_block(), Path(state) / "printed"
        command = [sys.executable, "-m", "local", "--port", str(port), "--state", state]
        with printed.open("w") as out:
            process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)  # noqa: ASYNC220, S603 - ours
        try:
            end = time.monotonic() + START_LIMIT
            while "ready at" not in printed.read_text():
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"Docent did not start:\n{printed.read_text()}")
                await asyncio.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revocations", type=int, default=200)
    sys.exit(asyncio.run(main(parser.parse_args().revocations)))
