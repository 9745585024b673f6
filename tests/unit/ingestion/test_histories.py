"""Random histories of a Drive: whatever happens on the way, it ends with index = records = Drive."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from shared.ingestion import indexes, steps
from shared.ingestion.file import FileIngest
from shared.ingestion.indexes import IndexState, Writers
from shared.ingestion.interfaces import FileRecord, StoredChunk
from shared.ingestion.runs import Run
from shared.ingestion.steps import Steps
from tests.fakes.drive_model import Model

STEPS, SETTLE_EVERY = 500, 100


async def history(seed: int, steps: int = STEPS) -> Model:
    """Play a history; what is not true of it raises AssertionError."""
    model = Model(seed)
    for step in range(1, steps + 1):
        await model.step()
        if step % SETTLE_EVERY == 0:
            await model.settle()
            model.check_settled()
    return model


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_every_history_ends_with_what_drive_says(seed: int) -> None:
    """Four times 500 steps: readers never see a mixture, and after each rest everything agrees."""
    model = await history(seed)
    assert model.killed
    assert model.retried
    assert model.aborted
    assert model.switched


async def _flipped_last(
    self: FileIngest, record: FileRecord, attempt: Any, written: Sequence[StoredChunk] = ()
) -> None:
    await self._delete(record.stale, attempt)
    await self._update(record, attempt, written)
    await self.records.change(record.id, lambda one: one and replace(one, stale=(), lease=""))


async def _asked_later(self: Steps, run: Run) -> Run:
    feed = run.unread[0]
    page = await self._stores.drive.changes(feed, run.tokens[feed])
    tokens = {**run.tokens, feed: page.token}
    return replace(run, tokens=tokens, unread=run.unread[1:] if page.last else run.unread)


async def _unnoticed(*_: object) -> tuple[str, ...]:
    return ()


async def _answering_only(self: Writers, ids: Sequence[str], rights: dict[str, tuple[str, ...]]) -> None:
    _, target = await self._indexes.active()
    await target.index.restrict(ids, rights)


def _to_all(_: FileRecord, state: IndexState) -> tuple[str, ...]:
    return tuple(slot.key for slot in state.live)


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        (Writers, "restrict", _answering_only),
        (indexes, "keys_for", _to_all),
        (FileIngest, "_flip", _flipped_last),
        (Steps, "_feed_page", _asked_later),
        (steps, "changed_folders", _unnoticed),
    ],
)
async def test_a_broken_protocol_is_noticed(
    where: object, name: str, broken: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleting before the flip, keeping a token before its page is queued, passing over folders.

    And of another index: rights that change in one of the two, and a file taken for held that is not.
    """
    monkeypatch.setattr(where, name, broken)
    for seed in range(1, 11):
        try:
            await history(seed)
        except (AssertionError, KeyError):
            return
    pytest.fail("ten histories did not notice")
