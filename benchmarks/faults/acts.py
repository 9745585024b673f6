"""What people do in more than one request: signing in and out, renewing, deleting, being erased."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import httpx

from benchmarks.faults.oracle import Heard, Wrong, fine, send
from benchmarks.faults.people import Asker, sign_in

if TYPE_CHECKING:
    from benchmarks.faults.campaign import Act, Campaign

_GONE = 404
_TRIES = 60


async def signing_in(campaign: Campaign, asker: Asker, trace: str) -> tuple[Heard, list[Wrong]]:
    """The way back from Google's page."""
    try:
        answer, access, _ = await sign_in(campaign.block.base, asker.address, trace=trace)
    except httpx.HTTPError as error:
        return Heard(cut=type(error).__name__), []
    heard = Heard(answer.status_code, answer.headers.get("content-type", ""), answer.text)
    heard.seconds = answer.elapsed.total_seconds()
    lost = [] if access or answer.is_error else [Wrong("losses", "signed in without a session")]
    return heard, lost


async def _session(campaign: Campaign, asker: Asker) -> tuple[str, str]:
    """A new session, asked for until it is given: that signing in may fail is looked at elsewhere."""
    for _ in range(_TRIES):
        with contextlib.suppress(httpx.HTTPError):
            _, access, refresh = await sign_in(campaign.block.base, asker.address)
            if access:
                return access, refresh
        await asyncio.sleep(1)
    raise TimeoutError(asker.address)


async def signing_out(campaign: Campaign, asker: Asker, trace: str) -> tuple[Heard, list[Wrong]]:
    """Out everywhere, and the Drive grant given back; what has answered 204 is ended."""
    async with asker.asking:
        access, _ = await _session(campaign, asker)
        mine = {"Authorization": f"Bearer {access}"}
        request = httpx.Request("POST", "http://docent/auth/logout?everywhere=true", headers=mine)
        heard = await send(campaign.block.http, campaign.block.base, request, trace)
        if not fine(heard, (204,)):
            return heard, []
        again = await send(
            campaign.block.http,
            campaign.block.base,
            httpx.Request("GET", "http://docent/auth/user", headers=mine),
        )
        alive = again.status == httpx.codes.OK
        return heard, [Wrong("leaks", "a session lives on after it was ended")] if alive else []


async def renewing(campaign: Campaign, asker: Asker, trace: str) -> tuple[Heard, list[Wrong]]:
    """A cookie renewed; if that fails the same cookie must do it again."""
    access, refresh = await _session(campaign, asker)
    mine = {"Cookie": f"__session={access}~{refresh}", "Origin": campaign.block.base}
    request = httpx.Request("POST", "http://docent/auth/refresh", headers=mine)
    heard = await send(campaign.block.http, campaign.block.base, request, trace)
    if fine(heard, (204,)) or not trace:
        return heard, []
    again = await send(campaign.block.http, campaign.block.base, request)
    lost = again.status == httpx.codes.UNAUTHORIZED
    return heard, [Wrong("losses", "a renewal that failed ended the session")] if lost else []


async def deleting(campaign: Campaign, asker: Asker, trace: str) -> tuple[Heard, list[Wrong]]:
    """A conversation begun and deleted."""
    async with asker.asking:
        http, base = campaign.block.http, campaign.block.base
        body = {"message": f"What is the price of {trace or 'it'}?"}
        ask = httpx.Request("POST", "http://docent/chat", json=body, headers=asker.bearer)
        begun = await send(http, base, ask)
        if not fine(begun, (200,)):
            return begun, []
        charged = await campaign.books.charge(asker, answered=True)
        name = begun.answer()["conversation_id"]
        request = httpx.Request("DELETE", f"http://docent/chat/conversations/{name}", headers=asker.bearer)
        heard = await send(http, base, request, trace)
        if not fine(heard, (204,)):
            again = await send(http, base, request)
            if again.status not in (204, _GONE):
                return heard, [*charged, Wrong("not recovered", f"deleting again: {again.status}")]
        left = await campaign.books.messages(name)
        return heard, charged + ([Wrong("losses", "messages are left of what was deleted")] if left else [])


async def erasing(campaign: Campaign, asker: Asker, trace: str) -> tuple[Heard, list[Wrong]]:
    """Somebody who asked something is erased; asked again until it is done, nothing is left."""
    async with asker.asking:
        http, base = campaign.block.http, campaign.block.base
        access, _ = await _session(campaign, asker)
        mine = {"Authorization": f"Bearer {access}"}
        body = {"message": "How do I descale my kettle?"}
        await send(http, base, httpx.Request("POST", "http://docent/chat", json=body, headers=mine))
        request = httpx.Request("DELETE", "http://docent/auth/user", headers=mine)
        first = heard = await send(http, base, request, trace)
        for _ in range(30):
            if fine(heard, (200,)):
                break
            if heard.status == httpx.codes.UNAUTHORIZED:
                access, _ = await _session(campaign, asker)
                request.headers["Authorization"] = f"Bearer {access}"
            heard = await send(http, base, request)
        if not fine(heard, (200,)):
            return first, [Wrong("not recovered", f"erasing again: {heard.status} {heard.text[-200:]}")]
        left = await campaign.books.about(asker.subject)
        return first, [Wrong("leaks", f"{left} conversations are left of who was erased")] if left else []


ACTS: dict[str, tuple[tuple[str, ...], Act]] = {
    "sign-in": (("alice", "bob", "carol"), signing_in),
    "sign-out everywhere": (("dan",), signing_out),
    "renewal": (("bob", "carol"), renewing),
    "deleting a conversation": (("alice", "bob", "carol"), deleting),
    "erasure": (("dan",), erasing),
}
