"""What stands in front of the functions: addresses, streams, headers, and the functions' own setup."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx

from scripts.verification.deployment import Deployment
from scripts.verification.findings import Finding, assumed, not_seen, otherwise

_NOBODY = "192.0.2.77"
"""An address for examples (RFC 5737): nobody's, so it is found again in what the function was told."""
_TOGETHER = 0.05
"""Seconds: a search and a model stand between the first event and the last, so a stream takes longer."""
SPANS_WITHIN, _PAUSE = 90.0, 3.0
"""Seconds until spans must be seen, and between two looks."""
_SIGN_IN = "no administrator's session was given: DOCENT_SESSION, the value of the cookie __session"
_CONCURRENCY = {"auth": 80, "chat": 40, "ingest": 4, "health": 80}


async def addresses(there: Deployment) -> AsyncIterator[Finding]:
    """How many proxies of Google's append to X-Forwarded-For, with and without one of the client's own."""
    about = "client's address in X-Forwarded-For"
    if not there.session:
        yield not_seen(about, _SIGN_IN)
        return
    async with there.people() as http:
        plain = await http.get("/auth/doctor")
        claimed = await http.get("/auth/doctor", headers={"X-Forwarded-For": _NOBODY})
    if plain.status_code != httpx.codes.OK or claimed.status_code != httpx.codes.OK:
        yield not_seen(
            about, f"GET /auth/doctor answered {plain.status_code}: is the session an administrator's?"
        )
        return
    before, after = plain.json()["forwarded"], claimed.json()["forwarded"]
    saw = f"{len(before)} entries; {len(after)} where the client sent one"
    if _NOBODY in after:
        after = after[after.index(_NOBODY) + 1 :]
    if not before:
        yield otherwise(about, saw, "No address is told at all; limits by address count everybody together.")
    elif after != before:
        then = "A client's own header changes what is appended: its address cannot be told by counting. "
        yield otherwise(about, saw, f'{then}Use entrance = "load_balancer", which overwrites it.')
    else:
        hops = str(len(before) - 1)
        yield assumed(about, f"{saw}; the client's is number {hops} from the right", TRUSTED_PROXY_HOPS=hops)


async def streams(there: Deployment) -> AsyncIterator[Finding]:
    """Whether an answer's events arrive one by one, or all at its end."""
    about = "answers as a stream"
    if not there.session:
        yield not_seen(about, _SIGN_IN)
        return
    body = {"message": f"What is said about {secrets.token_hex(4)}?"}
    headers = {"Accept": "text/event-stream", "Origin": there.address}
    async with there.people() as http, http.stream("POST", "/chat", json=body, headers=headers) as answer:
        if answer.status_code != httpx.codes.OK:
            yield not_seen(about, f"POST /chat answered {answer.status_code}")
            return
        reads = [(time.monotonic(), _events(piece)) async for piece in answer.aiter_text()]
    events = [name for _, names in reads for name in names]
    spread = reads[-1][0] - reads[0][0]
    if events[-1:] != ["done"]:
        yield otherwise(about, f"it ended with {events[-1:]}", "The answer was cut off: look at its log.")
    elif spread < _TOGETHER:
        then = 'People see an answer only when it is whole; entrance = "load_balancer" streams.'
        yield otherwise(about, "all events came together", then)
    else:
        yield assumed(about, f"{len(events)} events within {spread:.1f} s")


async def headers(there: Deployment) -> AsyncIterator[Finding]:
    """Whether trace and cache headers pass: traces join up, and nobody's answer is kept for somebody else."""
    trace = secrets.token_hex(16)
    async with there.people() as http:
        sent = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        answer = await http.get("/files/none/passages", headers={**sent, "Cookie": ""})
    told = _problem(answer).get("request_id", "")
    if told == trace:
        yield assumed("traceparent", "the request's id is the trace that was sent")
    else:
        then = "Logs still join by the id that each answer tells; a caller's own trace ends at the entrance."
        yield otherwise("traceparent", f"another id came back: {told or 'none'}", then)
    control = answer.headers.get("cache-control", "")
    if "no-store" in control:
        yield assumed("Cache-Control", control)
    else:
        then = "Answers may be kept by the entrance; do not go on before its rules leave the header alone."
        yield otherwise("Cache-Control", control or "gone", then)


async def spans(there: Deployment) -> AsyncIterator[Finding]:
    """Whether what a function writes after its answer arrives, although its CPU may be taken away then."""
    trace = secrets.token_hex(16)
    async with there.people() as http:
        await http.get("/health", headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"})
    begun = time.monotonic()
    while True:
        answer = there.cloud.get("cloudtrace", f"v1/projects/{there.project}/traces/{trace}")
        waited = time.monotonic() - begun
        if answer.ok:
            yield assumed("spans", f"a request's spans were there after {waited:.0f} s")
            return
        if answer.status != httpx.codes.NOT_FOUND:
            yield not_seen("spans", answer.message)
            return
        if waited > SPANS_WITHIN:
            then = "They, and the small change of usage, come when the instance is next asked, or never."
            yield otherwise("spans", f"none within {waited:.0f} s", then)
            return
        await asyncio.sleep(_PAUSE)


async def services(there: Deployment) -> AsyncIterator[Finding]:
    """Whether Cloud Run took over what Terraform said: requests at once, a whole CPU, help at the start."""
    for name, wanted in _CONCURRENCY.items():
        path = f"v2/projects/{there.project}/locations/{there.region}/services/{there.prefix}-{name}"
        answer = there.cloud.get("run", path)
        about = f"Cloud Run service of {name}"
        if not answer.ok:
            yield not_seen(about, answer.message)
            continue
        template = answer.body.get("template", {})
        resources = (template.get("containers") or [{}])[0].get("resources", {})
        at_once = int(template.get("maxInstanceRequestConcurrency", 0))
        cpu = str(resources.get("limits", {}).get("cpu", "?"))
        boost = "on" if resources.get("startupCpuBoost") else "off"
        saw = f"{at_once} requests at once, {cpu} CPU, startup boost {boost}"
        if at_once != wanted:
            yield otherwise(about, saw, f"{wanted} were asked for; each request gets an instance of its own.")
        else:
            yield assumed(about, saw)


def _events(piece: str) -> list[str]:
    return [line.removeprefix("event: ") for line in piece.splitlines() if line.startswith("event: ")]


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = json.loads(answer.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
