"""Checks run at once, each with its own deadline, and one bad one harms no other."""

import asyncio

import pytest

from shared.errors import Unavailable
from shared.observing import checks as checking
from shared.observing.checks import Check, Checks


async def well() -> None:
    """A dependency that answers."""


async def gone() -> None:
    """One that cannot be reached."""
    raise Unavailable


async def broken() -> None:
    """One whose check has a fault of its own."""
    raise KeyError("alice@example.com")


async def hangs() -> None:
    """One that never answers."""
    await asyncio.Event().wait()


async def test_each_dependency_is_named_with_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """Well, unreachable, failed and slow are told apart; the log names them and no words of theirs."""
    checks = Checks(
        [Check("a", well, 1), Check("b", gone, 1), Check("c", broken, 1), Check("d", hangs, 0.01)]
    )
    found = await checks.findings()
    assert [(one.name, one.fault) for one in found] == [
        ("a", ""),
        ("b", "unreachable"),
        ("c", "failed"),
        ("d", "slow"),
    ]
    logged = capsys.readouterr().out
    assert '"b": "unreachable"' in logged
    assert "alice@example.com" not in logged


async def test_deadlines_run_side_by_side() -> None:
    """Two that hang are both being asked at the same time."""
    asked: list[str] = []
    both = asyncio.Event()

    async def meets(name: str) -> None:
        asked.append(name)
        if len(asked) == 2:
            both.set()
        await both.wait()

    checks = Checks([Check("a", lambda: meets("a"), 5), Check("b", lambda: meets("b"), 5)])
    assert all(one.ok for one in await checks.findings())


async def test_a_crowd_costs_what_one_costs() -> None:
    """A hundred who ask at once share one round of checks; a second later everything is asked anew."""
    asked, now = [0], [0.0]

    async def counted() -> None:
        asked[0] += 1
        await asyncio.sleep(0)

    checks = Checks([Check("a", counted, 1)], clock=lambda: now[0])
    await asyncio.gather(*(checks.findings() for _ in range(100)))
    assert asked == [1]
    now[0] = checking.REMEMBERED + 0.1
    await checks.findings()
    assert asked == [2]


async def test_who_leaves_takes_nothing_from_the_others() -> None:
    """One visitor's disconnect does not cancel the check that others wait for."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go.wait()

    checks = Checks([Check("a", slow, 5)])
    first, second = (asyncio.create_task(checks.findings()) for _ in range(2))
    await begun.wait()
    first.cancel()
    go.set()
    assert (await second)[0].ok
