"""The audit trail: who signed in, was refused, lost a session, a role or their data; written once, for good.

An entry is stored by one write that waits for nobody; linking it to the chain (audit_chain) happens in
batches, off every request's path, by whoever comes next. So a crowd contends for nothing, a process that
dies between the two leaves an entry that the next one links, and the chain cannot fork.

The rule when the trail cannot be written: what gives somebody power (a sign-in, a role, an export, an
erasure) does not happen, and they are told so (`require`); what refuses or takes away happens in any case
(`note`), its entry is logged in full at once and tried again until it is stored.
"""

import asyncio
import hashlib
import hmac
import secrets as random
import time
from collections import deque
from dataclasses import dataclass, field
from functools import partial

from shared import log
from shared.errors import AppError, Unavailable
from shared.identity.audit_chain import authenticated
from shared.identity.interfaces import AuditStore, BadSecret, Clock, Secrets
from shared.identity.keyring import SealingRing, sealing_ring
from shared.identity.records import AuditEntry, Detail

PATIENCE = 1.0
"""Seconds that a refusal waits for its entry before it is given anyway."""
LINK_AFTER = 0.25
"""Seconds between an entry and its linking, so that entries are linked several at a time."""
_LONGEST_PAUSE = 30.0
_OWED = 10_000
"""Entries that are kept for another try; each was logged, so those beyond are not lost either."""
_log = log.get_logger("identity.audit")


@dataclass(frozen=True)
class Fact:
    """What happened, before anybody has a pseudonym. `actor` and `subject` are subjects, "" for unknown."""

    event: str
    subject: str = ""
    actor: str = ""
    details: dict[str, Detail] = field(default_factory=dict)
    id: str = ""
    at: float = 0.0
    request_id: str = ""


class Trail:
    """Writes the audit trail. `name` is the secret that holds its keys."""

    def __init__(self, store: AuditStore, secrets: Secrets, name: str, clock: Clock = time.time) -> None:
        self._store, self._secrets, self._name, self._clock = store, secrets, name, clock
        self._owed: deque[Fact] = deque(maxlen=_OWED)
        self._linking: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Raises BadSecret, naming it, when the keys of the trail are missing or placeholders."""
        await self.ring()

    async def ring(self) -> SealingRing:
        """The keys now; the first makes pseudonyms. Raises BadSecret, Unavailable, Timeout."""
        return sealing_ring(self._name, await self._secrets.text(self._name))

    async def require(self, event: str, subject: str, actor: str, **details: Detail) -> None:
        """Store an entry before that which it tells of happens.

        Raises Unavailable when it cannot be stored, BadSecret when the keys are unusable.
        """
        fact = self._fact(event, subject, actor, details)
        try:
            await self._write(fact)
        except BadSecret:
            raise
        except AppError as error:
            _log.error("audit.unwritable", audit_event=event, code=error.code)
            sentence = "Docent cannot record this right now, and does nothing unrecorded. Try again."
            raise Unavailable(sentence, retry_after=5) from None
        self._link_soon()

    async def note(self, event: str, subject: str, actor: str, **details: Detail) -> None:
        """Store an entry of what happens in any case; waits at most PATIENCE and never raises."""
        fact = self._fact(event, subject, actor, details)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._write(fact)
        except (AppError, TimeoutError) as error:
            self._owed.append(fact)
            _log.error(
                "audit.late",
                audit_event=event,
                audit_id=fact.id,
                subject=log.pseudonym(subject) if subject else "",
                actor=log.pseudonym(actor) if actor else "",
                details=fact.details,
                error=type(error).__name__,
            )
        self._link_soon()

    async def pseudonym(self, subject: str) -> str:
        """What the trail calls this person: 20 hex digits of an HMAC, "" for nobody."""
        return (await self.pseudonyms(subject))[0] if subject else ""

    async def pseudonyms(self, subject: str) -> list[str]:
        """What it calls them now, and what it called them under each earlier key."""
        return [_pseudonym(key, subject) for _, key in (await self.ring()).keys]

    async def link(self) -> None:
        """Link what waits. Raises Unavailable, Timeout, BadSecret."""
        kid, key = (await self.ring()).sealing

        while head := await self._store.seal(partial(authenticated, kid, key)):
            # The log is a second place: there the head as it was cannot be rolled back.
            _log.info("audit.linked", seq=head.seq, hash=head.hash)

    async def settle(self) -> None:
        """Store what is owed and link what waits. Raises Unavailable, Timeout, BadSecret."""
        while self._owed:
            await self._write(self._owed[0])
            self._owed.popleft()
        await self.link()

    @property
    def owed(self) -> int:
        """Entries of this process that could not be stored yet."""
        return len(self._owed)

    def _fact(self, event: str, subject: str, actor: str, details: dict[str, Detail]) -> Fact:
        identity = random.token_hex(8), self._clock(), log.bound("request_id")
        return Fact(event, subject, actor, details, *identity)

    async def _write(self, fact: Fact) -> None:
        subject = await self.pseudonym(fact.subject)
        actor = await self.pseudonym(fact.actor)
        entry = AuditEntry(fact.id, fact.at, fact.event, actor, subject, fact.request_id, fact.details)
        await self._store.append(entry)

    def _link_soon(self) -> None:
        if self._linking is None or self._linking.done():
            self._linking = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        """Tried until nothing is owed; what only waits to be linked, the next entry's writer links."""
        pause = LINK_AFTER
        while True:
            await asyncio.sleep(pause)
            try:
                await self.settle()
            except AppError as error:
                _log.warning("audit.not_linked", code=error.code, owed=self.owed)
            if not self._owed:
                return
            pause = min(_LONGEST_PAUSE, pause * 2)


def _pseudonym(key: bytes, subject: str) -> str:
    return hmac.new(key, f"person/{subject}".encode(), hashlib.sha256).hexdigest()[:20]
