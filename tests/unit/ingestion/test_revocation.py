"""How long a withdrawn right still shows, on simulated time; benchmarks.ingest.revocation does 1,000."""

import pytest

from shared.identity import access
from tests.fakes.revocation import Readers


async def test_with_drive_grants_nothing_shows_after_a_minute() -> None:
    """Forty withdrawals of all kinds: whoever lost a right sees the file for at most 60 s more."""
    readers = Readers(recorded=False)
    await readers.run(40)
    assert len(readers.by_kind) == 4
    assert 0 < max(readers.waits) <= 60


async def test_by_recorded_rights_nothing_shows_after_three_minutes() -> None:
    """The same decided by the last sync, which the Scheduler starts every two minutes: at most 180 s."""
    readers = Readers(recorded=True, seed=2)
    await readers.run(40)
    assert len(readers.by_kind) == 4
    assert 60 < max(readers.waits) <= 180


async def test_the_clock_notices_what_is_remembered_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of Drive's that is remembered for two minutes makes the clock go past one."""
    monkeypatch.setattr(access.Access, "_remembered", _for_two_minutes)
    readers = Readers(recorded=False)
    await readers.run(15)
    assert max(readers.waits) > 60


def _for_two_minutes(self: access.Access, subject: str, file_id: str) -> bool | None:
    asked_at, answer = self._known.get((subject, file_id), (float("-inf"), False))
    return answer if self._clock() - asked_at < 120 else None
