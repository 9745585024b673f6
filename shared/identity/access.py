"""Who may read which file: the second sieve, and the one that decides.

Before any text of a file is used, Drive is asked whether it would show the asker that file. An answer is
remembered for a minute, so what is withdrawn in Drive is gone from answers within that time.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Protocol

from shared.errors import Unavailable
from shared.models import Person

_REMEMBERED = 100_000
"""Answers kept in one instance, about 20 MB; the least recently used go first."""


class Grants(Protocol):
    """The Drive grants that people gave at sign-in."""

    async def access_token(self, subject: str) -> str:
        """A token that sees Drive as this person does. Raises an AppError when there is none."""
        ...


class FileRights(Protocol):
    """Drive's own view of one person's right to one file."""

    async def readable(self, access_token: str, file_id: str) -> bool:
        """Raises Unavailable when Drive does not say."""
        ...


class Access:
    """Rights as Drive states them, remembered for `remember` seconds."""

    def __init__(
        self,
        grants: Grants,
        drive: FileRights,
        remember: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._grants, self._drive = grants, drive
        self._remember, self._clock = remember, clock
        self._known: OrderedDict[tuple[str, str], tuple[float, bool]] = OrderedDict()

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """Those of the files that the person may read at this moment.

        A check that fails means no. Raises Unavailable when every check failed: then nothing is known,
        and "not in your documents" would be a lie.
        """
        parts = {name: name.split("~") for name in file_ids}
        answers = await self._parts_readable(person, {part for each in parts.values() for part in each})
        return frozenset(name for name, each in parts.items() if answers.issuperset(each))

    async def _parts_readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """The same of Drive's own ids; the id of a file behind a shortcut names the shortcut and the file."""
        known = {name: self._remembered(person.subject, name) for name in file_ids}
        unknown = [name for name, answer in known.items() if answer is None]
        if unknown:
            token = await self._grants.access_token(person.subject)
            answers = await asyncio.gather(*(self._ask(person.subject, token, name) for name in unknown))
            known |= dict(zip(unknown, answers, strict=True))
            if all(answer is None for answer in known.values()):
                raise Unavailable("Google Drive did not say which files you may read.", retry_after=5)
        return frozenset(name for name, answer in known.items() if answer)

    async def _ask(self, subject: str, token: str, file_id: str) -> bool | None:
        asked_at = self._clock()
        try:
            answer = await self._drive.readable(token, file_id)
        except Unavailable:
            return None
        self._known[subject, file_id] = (asked_at, answer)
        self._known.move_to_end((subject, file_id))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return answer

    def _remembered(self, subject: str, file_id: str) -> bool | None:
        entry = self._known.get((subject, file_id))
        if entry is None or self._clock() - entry[0] >= self._remember:
            return None
        return entry[1]
