"""Schedules in the unix-cron format that Cloud Scheduler takes, in a time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_SUNDAY_AS_SEVEN = 7
_SEARCHED_DAYS = 8 * 366
"""29 February can be eight years away, around 2100."""


@dataclass(frozen=True)
class Every:
    """Each whole multiple of `seconds` since the epoch."""

    seconds: float

    def after(self, moment: float) -> float:
        """The first time after `moment`, both in seconds since the epoch."""
        return (moment // self.seconds + 1) * self.seconds


@dataclass(frozen=True)
class Cron:
    """Five fields: minute, hour, day of month, month, day of week; Sunday is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """Both day fields are restricted: a day that fits one of them fits (crontab(5))."""
    zone: ZoneInfo

    def after(self, moment: float) -> float:
        """The first time after `moment`, both in seconds since the epoch.

        A local time that the clocks skip does not happen; one that they repeat happens once. Raises
        ValueError when there is none, as for 30 February.
        """
        local = datetime.fromtimestamp(moment, self.zone)
        for offset in range(_SEARCHED_DAYS):
            day = local.date() + timedelta(days=offset)
            if not self._fits(day):
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    candidate = datetime.combine(day, time(hour, minute), self.zone)
                    if candidate.timestamp() > moment and _exists(candidate):
                        return candidate.timestamp()
        raise ValueError("the schedule never comes")

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def parse(text: str, zone: str = "Etc/UTC") -> Cron:
    """The schedule written as `text`: numbers, names, *, lists, ranges and steps. Raises ValueError."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        raise ValueError(f"schedule {text!r} has {len(parts)} fields, not {len(_FIELDS)}")
    sets = [_values(part, *field) for part, field in zip(parts, _FIELDS, strict=True)]
    weekdays = frozenset(0 if day == _SUNDAY_AS_SEVEN else day for day in sets[4])
    either = not parts[2].startswith("*") and not parts[4].startswith("*")
    return Cron(sets[0], sets[1], sets[2], sets[3], weekdays, either, ZoneInfo(zone))


def _values(text: str, field: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, dash, last = span.partition("-")
        start = low if span == "*" else _number(first, field)
        # "5/10" means from 5 to the end; "5" alone means 5.
        end = _number(last, field) if dash else high if span == "*" or step else start
        stride = int(step) if step.isdecimal() else 0 if "/" in item else 1
        if not (low <= start <= end <= high and stride):
            raise ValueError(f"{item!r} is no {field} of a schedule")
        values.update(range(start, end + 1, stride))
    return frozenset(values)


def _number(text: str, field: str) -> int:
    upper = text.upper()
    if field == "month" and upper in _MONTHS:
        return _MONTHS.index(upper) + 1
    if field == "day of week" and upper in _DAYS:
        return _DAYS.index(upper)
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no {field} of a schedule")
    return int(text)
