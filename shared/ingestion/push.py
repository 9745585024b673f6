"""Push channels: Drive posts when a feed moves. A post is a hint that only hurries a sync.

It carries nothing but the channel's secret, is not signed and may be lost, doubled or late; so whatever it
says, the feed is read, and if it never comes, the Scheduler's sync reads the feed all the same.
"""

import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.errors import AppError, NotFound
from shared.ingestion.drive import Drive
from shared.ingestion.identifiers import task_name
from shared.ingestion.interfaces import Clock, Queue, Task
from shared.ingestion.runs import Channel, ChannelStore
from shared.log import get_logger

HURRY_TASK = "/ingest/tasks/hurry"
NOTIFICATIONS = "/ingest/drive-notifications"
DEBOUNCE = 5
"""Seconds: all notifications of such a stretch become one sync, at its end."""
RENEW_BEFORE = timedelta(days=1)
"""Channels of changes last 7 days at most."""
_CHANNEL = re.compile("[0-9a-f]{32}")
"""The ids of our channels; whatever else a stranger sends is not looked up."""
_log = get_logger("ingestion.push")


@dataclass(frozen=True)
class Push:
    """Opens, renews and believes push channels. `address` is where Drive posts; empty means no push."""

    drive: Drive
    channels: ChannelStore
    queue: Queue
    clock: Clock
    address: str

    async def renew(self, tokens: dict[str, str]) -> int:
        """Have a channel open for each feed (by feed, its token), and close what is not needed any more.

        Returns how many were opened. Never fails: without push, syncs are only later.
        """
        if not self.address:
            return 0
        open_now = await self.channels.all()
        good = {one.feed for one in open_now if one.expires > self.clock.now() + RENEW_BEFORE}
        opened = 0
        try:
            for feed, token in tokens.items():
                if feed not in good:
                    await self._open(feed, token)
                    opened += 1
            for old in open_now:
                if old.feed not in good or old.feed not in tokens:
                    await self._close(old)
        except AppError as error:
            _log.warning("push.not_renewed", error=error.code)
        return opened

    async def notified(self, channel_id: str, secret: str, state: str) -> None:
        """Take a notification. Raises NotFound unless channel and secret are ours."""
        channel = await self.channels.get(channel_id) if _CHANNEL.fullmatch(channel_id) else None
        # compared even when there is no such channel, so that the time does not tell
        expected = channel.secret if channel else _digest("")
        if not hmac.compare_digest(_digest(secret), expected) or channel is None:
            raise NotFound("There is no such channel.")
        if state != "sync":
            await self.hurry(channel.feed)

    async def hurry(self, feed: str) -> None:
        """Queue one sync for the stretch of time this moment is in."""
        stretch = int(self.clock.now().timestamp()) // DEBOUNCE + 1
        due = datetime.fromtimestamp(stretch * DEBOUNCE, UTC)
        await self.queue.enqueue(Task(task_name("hurry", feed, stretch), HURRY_TASK, {"feed": feed}, due))

    async def _open(self, feed: str, token: str) -> None:
        channel, secret = uuid.uuid4().hex, secrets.token_urlsafe(32)
        # stored first: Drive's first message may come before its answer
        waiting = Channel(channel, feed, "", _digest(secret), self.clock.now())
        await self.channels.put(waiting)
        try:
            watch = await self.drive.watch(feed, token, channel, secret, self.address + NOTIFICATIONS)
        except AppError:
            await self.channels.delete(channel)
            raise
        await self.channels.put(Channel(channel, feed, watch.resource, _digest(secret), watch.expires))

    async def _close(self, old: Channel) -> None:
        if old.resource:
            await self.drive.stop(old.id, old.resource)
        await self.channels.delete(old.id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
