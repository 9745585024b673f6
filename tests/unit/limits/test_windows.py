"""Limits over sliding windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.limits.interfaces import Count
from shared.limits.windows import Limit, judged, overridden, parsed

TEN = Limit("minute", 10)


def test_limits_are_read_as_people_write_them() -> None:
    """A list of numbers and windows; nothing means no limit."""
    assert parsed("10/minute, 200/day") == (TEN, Limit("day", 200))
    assert parsed("") == ()


@pytest.mark.parametrize("text", ["10", "ten/minute", "10/second", "1/minute, 2/minute", "-1/day"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    """A number without a window, an unknown window, the same window twice."""
    with pytest.raises(ValueError, match=r"must read like|twice"):
        parsed(text)


def test_the_last_one_passes_and_the_next_does_not() -> None:
    """Ten of ten pass; the eleventh waits until the window has room."""
    tenth, eleventh = judged(TEN, Count(10, 0), 30.0), judged(TEN, Count(11, 0), 30.0)
    assert (tenth.passed, tenth.remaining) == (True, 0)
    assert not eleventh.passed
    assert eleventh.wait == 36.0


def test_what_was_used_before_the_turn_still_counts() -> None:
    """Right after a period turned, the previous one's requests fill the window."""
    assert not judged(TEN, Count(1, 10), 60.0).passed
    assert judged(TEN, Count(1, 10), 67.0).passed


def test_refused_requests_of_the_previous_period_do_not_count() -> None:
    """A thousand refused requests weigh no more than the ten that passed."""
    assert judged(TEN, Count(1, 1010), 67.0).passed


@given(
    most=st.integers(1, 300),
    current=st.integers(1, 400),
    previous=st.integers(0, 400),
    second=st.floats(0, 59.9),
)
def test_who_waits_as_told_passes(most: int, current: int, previous: int, second: float) -> None:
    """After exactly the seconds that a refusal names, one more request passes, in this period or the next."""
    limit = Limit("minute", most)
    now = 6000.0 + second
    refused = judged(limit, Count(current, previous), now)
    if refused.passed:
        return
    then = now + refused.wait + 0.001
    turns = limit.period(then) - limit.period(now)
    count = [Count(current + 1, previous), Count(1, current), Count(1, 0)][turns]
    assert judged(limit, count, then).passed


@given(st.lists(st.floats(0, 400), min_size=1, max_size=200), st.integers(1, 20))
def test_no_window_between_turns_holds_more_than_the_limit(moments: list[float], most: int) -> None:
    """However requests come, no period and no turn of it lets more than the limit through."""
    limit, counts, passed = Limit("minute", most), dict[int, int](), list[float]()
    for moment in sorted(moments):
        period = limit.period(moment)
        counts[period] = counts.get(period, 0) + 1
        if judged(limit, Count(counts[period], counts.get(period - 1, 0)), moment).passed:
            passed.append(moment)
    for period in counts:
        assert sum(1 for one in passed if limit.period(one) == period) <= most


def test_an_administrators_numbers_replace_ours() -> None:
    """By window; a negative number closes it."""
    assert overridden((TEN,), {"minute": 30}) == (Limit("minute", 30),)
    assert overridden((TEN,), {"minute": -1}) == (Limit("minute", 0),)
    assert not judged(Limit("minute", 0), Count(1, 0), 1.0).passed
