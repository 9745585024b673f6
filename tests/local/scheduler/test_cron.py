"""The unix-cron format: which minute comes next."""

from datetime import UTC, datetime

import pytest

from local.scheduler.cron import Every, parse

pytestmark = pytest.mark.source(
    "https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules and crontab(5)"
)


def following(schedule: str, after: str, zone: str = "Etc/UTC") -> str:
    """The next time in UTC, both written as ISO."""
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp()
    return datetime.fromtimestamp(parse(schedule, zone).after(moment), UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("schedule", "after", "then"),
    [
        ("* * * * *", "2026-11-21T10:00", "2026-11-21T10:01"),
        ("* * * * *", "2026-11-21T10:00:59.9", "2026-11-21T10:01"),
        ("*/2 * * * *", "2026-11-21T10:01", "2026-11-21T10:02"),
        ("*/25 * * * *", "2026-11-21T10:50", "2026-11-21T11:00"),
        ("7/20 * * * *", "2026-11-21T10:08", "2026-11-21T10:27"),
        ("0 3 * * *", "2026-11-21T03:00", "2026-11-22T03:00"),
        ("0,30 8-9 * * *", "2026-11-21T09:30", "2026-11-22T08:00"),
        ("10-20/5 * * * *", "2026-11-21T10:15", "2026-11-21T10:20"),
        ("0 0 1 * *", "2026-11-21T10:00", "2026-12-01T00:00"),
        ("0 0 31 * *", "2026-11-01T10:00", "2026-12-31T00:00"),
        ("0 0 29 2 *", "2026-11-21T10:00", "2028-02-29T00:00"),
        ("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29T00:00"),
        ("0 9 * * MON-FRI", "2026-11-20T10:00", "2026-11-23T09:00"),
        ("0 9 * * 7", "2026-11-21T10:00", "2026-11-22T09:00"),
        ("0 9 * jan,Jul *", "2026-11-21T10:00", "2027-01-01T09:00"),
        ("0 9 13 * FRI", "2026-11-21T10:00", "2026-11-27T09:00"),
        ("0 9 13 * FRI", "2026-12-12T10:00", "2026-12-13T09:00"),
    ],
)
def test_the_next_time(schedule: str, after: str, then: str) -> None:
    """Lists, ranges, steps, names; of two restricted day fields either will do (crontab(5))."""
    assert following(schedule, after) == then


def test_a_schedule_is_read_in_its_time_zone() -> None:
    """Nine in Zurich is eight in UTC in winter and seven in summer (Job.time_zone)."""
    assert following("0 9 * * *", "2026-01-10T00:00", "Europe/Zurich") == "2026-01-10T08:00"
    assert following("0 9 * * *", "2026-07-10T00:00", "Europe/Zurich") == "2026-07-10T07:00"


def test_a_skipped_hour_does_not_happen_and_a_repeated_one_happens_once() -> None:
    """02:30 is skipped on 29 March 2026 in Zurich and comes once on 25 October."""
    assert following("30 2 * * *", "2026-03-28T12:00", "Europe/Zurich") == "2026-03-30T00:30"
    assert following("30 2 * * *", "2026-10-24T12:00", "Europe/Zurich") == "2026-10-25T00:30"
    assert following("30 2 * * *", "2026-10-25T00:30", "Europe/Zurich") == "2026-10-26T01:30"


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/x * * * *",
        "a * * * *",
        "1, * * * *",
        "-1 * * * *",
    ],
)
def test_a_malformed_schedule_is_refused(schedule: str) -> None:
    """What is no schedule raises ValueError instead of running at some odd time."""
    with pytest.raises(ValueError, match="schedule"):
        parse(schedule)


def test_a_day_that_never_comes_is_refused() -> None:
    """30 February raises ValueError."""
    with pytest.raises(ValueError, match="never comes"):
        parse("0 0 30 2 *").after(0.0)


def test_an_interval_falls_on_whole_multiples() -> None:
    """Every 60 s means on the minute."""
    assert Every(60).after(90.0) == 120.0
    assert Every(60).after(120.0) == 180.0
