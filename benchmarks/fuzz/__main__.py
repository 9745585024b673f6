"""`make fuzz MINUTES=30`: half of the time over HTTP, half of it inside, until the time is over.

Over HTTP schemathesis sends what docs/openapi.json allows, and what it does not, to a Docent of its own, as
an administrator and as somebody else; an answer of 5xx, or one that the page does not describe, is a failure.
503 and 504, which a busy machine gives, are also counted apart. Inside, the promises of tests/fuzz are tried
with FUZZ_EXAMPLES examples each, round after round, each round with another seed.
"""

import argparse
import asyncio
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import record, reliability
from benchmarks.identity import docent
from local.runner.sign_in import sign_in

ROOT = Path(__file__).parents[2]
TOOL = ROOT / ".docent" / "bench" / "fuzz" / "bin" / "schemathesis"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
ENDS_ITSELF = "auth_(logout|erase|end_sessions_of|end_session|end_other_sessions|refresh)"
"""Operations after which the one who asks is signed out: tried last, and shortly."""
EXAMPLES = 1000
_GENERATED = re.compile(r"(\d+) generated")
_STATUS = re.compile(r"^\[(\d{3})\] ", re.MULTILINE)
_BUSY = {"503", "504"}
_TITLE = re.compile(r"^- (?!ST101)ST\d+", re.MULTILINE)
"""A failure that is no server error."""


@dataclass
class Found:
    """What came of the requests: how many there were, and what was wrong with how many of their kinds."""

    requests: int = 0
    busy: int = 0
    """Answers of 503 or 504."""
    wrong: int = 0
    """Answers of other 5xx, and ones that the page does not describe; a Docent, or the tool, that ended."""


def over_http(base: str, token: str, seconds: float, *which: str) -> Found:
    """Send for so long; what was found is printed."""
    command = [
        str(TOOL), "run", "docs/openapi.json", "--url", base, "--header", f"Authorization: Bearer {token}",
        "--max-time", str(max(10, round(seconds))), "--checks", CHECKS, "--continue-on-failure",
        "--warnings", "off", "--no-color", "--request-timeout", "60", *which,
    ]  # fmt: skip
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ended.returncode:
        print(ended.stdout[-20_000:], ended.stderr[-2_000:])
    requests = sum(int(number) for number in _GENERATED.findall(ended.stdout))
    statuses = _STATUS.findall(ended.stdout)
    busy = sum(one in _BUSY for one in statuses)
    wrong = len(statuses) - busy + len(_TITLE.findall(ended.stdout))
    return Found(requests, busy, max(wrong, int(ended.returncode not in (0, 1) or requests == 0)))


def inside(seconds: float) -> tuple[int, int]:
    """Rounds of tests/fuzz for so long, and how many of them failed."""
    until, rounds, failed = time.monotonic() + seconds, 0, 0
    while rounds == 0 or time.monotonic() < until:
        seed = secrets.randbelow(2**32)
        ended = subprocess.run(  # noqa: S603 - ours
            [sys.executable, "-m", "pytest", "-q", "tests/fuzz", f"--hypothesis-seed={seed}", "--timeout=0"],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "FUZZ_EXAMPLES": str(EXAMPLES)},
        )  # fmt: skip
        rounds, failed = rounds + 1, failed + (ended.returncode != 0)
        if ended.returncode:
            print(f"seed {seed}:\n{ended.stdout[-20_000:]}")
    return rounds, failed


async def everybody(seconds: float) -> Found:
    """Over HTTP as an administrator, as somebody else, and at last with what signs one out."""
    async with docent() as base, httpx.AsyncClient(base_url=base, timeout=60, trust_env=False) as http:
        people = (await http.get("/local/stack")).json()
        other = next(one for one in people["people"] if one != people["admin"])
        parts = (
            (people["admin"], 0.6, ("--exclude-operation-id-regex", ENDS_ITSELF)),
            (other, 0.3, ("--exclude-operation-id-regex", ENDS_ITSELF)),
            (other, 0.1, ("--include-operation-id-regex", ENDS_ITSELF)),
        )
        found = Found()
        for person, share, which in parts:
            token = await sign_in(base, person)
            one = await asyncio.to_thread(over_http, base, token, seconds * share, *which)
            found = Found(found.requests + one.requests, found.busy + one.busy, found.wrong + one.wrong)
        alive = await http.get("/health/live")
        found.wrong += alive.status_code != 200
        return found


def main(minutes: float) -> int:
    """Both halves; print and write what was tried; 1 when anything was found."""
    began = time.monotonic()
    sent = asyncio.run(everybody(minutes * 30))
    rounds, failed = inside(minutes * 60 - (time.monotonic() - began))
    found: dict[str, dict[str, float]] = {
        "minutes": {"docent": round((time.monotonic() - began) / 60, 1)},
        "requests over HTTP": {"docent": sent.requests},
        "answers of 500, or that no page describes": {"docent": sent.wrong},
        "answers of 503 or 504, on a busy machine": {"docent": sent.busy},
        f"rounds inside of {EXAMPLES} examples a promise": {"docent": rounds},
        "rounds inside that found something": {"docent": failed},
    }
    for name, values in found.items():
        print(f"  {name:<50} {values['docent']:g}")
    record.write("fuzz", found)
    reliability.write()
    return int(bool(sent.wrong or sent.busy or failed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    sys.exit(main(parser.parse_args().minutes))
