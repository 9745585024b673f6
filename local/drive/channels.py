"""Push channels: a POST to the watcher when the feed moves (Drive guide "Resource notifications")."""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

import httpx

from local.clock import machine
from local.drive.engine import Drive
from local.drive.errors import ApiError, invalid
from local.drive.store import DriveStore

DEFAULT_SECONDS = 3600.0
CHANGES_SECONDS = 7 * 86400.0
FILES_SECONDS = 86400.0
RETRIED = frozenset({500, 502, 503, 504})
ATTEMPTS = 5
FIRST_WAIT_SECONDS = 0.2
TIMEOUT_SECONDS = 10.0
LOOK_EVERY_SECONDS = 2.0
LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Channel:
    """One subscription. `seq` is the last change that was announced."""

    id: str
    resource_id: str
    email: str
    body: dict[str, Any]
    expires: float
    seq: int
    number: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


def _expiry(body: dict[str, Any], most: float) -> float:
    """When the channel ends, in seconds since the epoch. Raises ApiError."""
    now = machine.time()
    raw = str(body.get("expiration") or "")
    if not raw:
        return now + DEFAULT_SECONDS
    if not raw.isdecimal() or int(raw) / 1000 <= now:
        raise invalid("expiration")
    return min(int(raw) / 1000, now + most)


def _check(body: dict[str, Any]) -> None:
    """Raises ApiError unless Drive would open such a channel; plain http is allowed on the loopback."""
    address = urlsplit(str(body.get("address") or ""))
    if not body.get("id"):
        raise ApiError(400, "required", "Required", location="id")
    if body.get("type") not in {"web_hook", "webhook"}:
        raise invalid("type")
    local = address.scheme == "http" and address.hostname in LOOPBACK_HOSTS
    if address.scheme != "https" and not local:
        message = "WebHook callback must be HTTPS: " + str(body.get("address"))
        raise ApiError(400, "push.webhookUrlNotHttps", message)


class Channels:
    """Open channels, kept in the state; messages are sent in the background and tried again on 5xx."""

    def __init__(self, drive: Drive, store: DriveStore) -> None:
        self._drive, self._store = drive, store
        self._channels: dict[str, Channel] = {}
        self.load()
        self._lazy_client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        drive.listeners.append(self.announce)

    def load(self) -> None:
        """Take the channels that the store has; messages on their way to others are dropped."""
        self._channels = {row[0]: Channel(*row) for row in self._store.channels()}

    def start(self) -> None:
        """Begin to look at the served folder for those who watch."""
        self._watch = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Stop sending; channels stay open in the state."""
        tasks = [*self._tasks, *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._lazy_client:
            await self._lazy_client.aclose()

    @property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first message: reading the CA bundle takes 50 ms."""
        if self._lazy_client is None:
            self._lazy_client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS)
        return self._lazy_client

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            if any(channel.expires > machine.time() for channel in self._channels.values()):
                await self._drive.look()

    def open(
        self,
        email: str,
        body: dict[str, Any],
        resource: str,
        *,
        target: str = "",
        most: float = CHANGES_SECONDS,
    ) -> dict[str, Any]:
        """Open a channel; its first message, of state `sync`, is on its way. Raises ApiError."""
        _check(body)
        known = self._channels.get(str(body["id"]))
        if known and known.expires > machine.time():
            message = f"Channel id {body['id']} not unique"
            raise ApiError(400, "channelIdNotUnique", message)
        kept = {name: str(body[name]) for name in ("address", "token") if body.get(name)}
        kept |= {"uri": resource, "target": target}
        channel = Channel(
            id=str(body["id"]),
            resource_id=secrets.token_urlsafe(20),
            email=email,
            body=kept,
            expires=_expiry(body, most),
            seq=self._store.last_change(),
        )
        self._channels[channel.id] = channel
        self._save(channel)
        self._send(channel, "sync")
        answer = {"kind": "api#channel", "id": channel.id, "resourceId": channel.resource_id}
        answer |= {"resourceUri": resource, "expiration": str(int(channel.expires * 1000))}
        return answer | ({"token": kept["token"]} if "token" in kept else {})

    def close(self, email: str, channel_id: str, resource_id: str) -> None:
        """channels.stop. Raises ApiError (404) for a channel that is not this caller's."""
        channel = self._channels.get(channel_id)
        if not channel or channel.resource_id != resource_id or channel.email != email:
            message = f"Channel '{channel_id}' not found for project"
            raise ApiError(404, "notFound", message)
        del self._channels[channel_id]
        self._store.forget_channel(channel_id)

    def announce(self) -> None:
        """Tell every open channel that the feed moved."""
        last, now = self._store.last_change(), machine.time()
        for channel in list(self._channels.values()):
            if channel.expires <= now:
                del self._channels[channel.id]
                self._store.forget_channel(channel.id)
            elif channel.seq < last and self._concerns(channel):
                channel.seq = last
                self._send(channel, "update" if channel.body.get("target") else "change")

    def _concerns(self, channel: Channel) -> bool:
        target = channel.body.get("target")
        if not target:
            return True
        news = self._store.changes(channel.seq + 1, channel.seq + 1, None, 1000)
        return any(change.target == target for change in news)

    def _save(self, channel: Channel) -> None:
        row = (channel.id, channel.resource_id, channel.email, channel.body)
        self._store.save_channel((*row, channel.expires, channel.seq, channel.number))

    def _send(self, channel: Channel, state: str) -> None:
        channel.number += 1
        self._save(channel)
        task = asyncio.get_running_loop().create_task(self._deliver(channel, state, channel.number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, channel: Channel, state: str, number: int) -> None:
        """One message, in order; an answer of 5xx or none at all is tried again a few times."""
        headers = {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Message-Number": str(number),
            "X-Goog-Resource-ID": channel.resource_id,
            "X-Goog-Resource-State": state,
            "X-Goog-Resource-URI": channel.body["uri"],
            "X-Goog-Channel-Expiration": formatdate(channel.expires, usegmt=True),
        }
        if "token" in channel.body:
            headers["X-Goog-Channel-Token"] = channel.body["token"]
        async with channel.lock:
            for attempt in range(ATTEMPTS):
                if channel.id not in self._channels:
                    return
                try:
                    answer = await self._client.post(channel.body["address"], headers=headers, content=b"")
                    if answer.status_code not in RETRIED:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(FIRST_WAIT_SECONDS * 2**attempt)
