"""Timestamps. Source: https://firebase.google.com/docs/firestore/pipelines/functions/timestamp-functions.

Calendar parts and weeks are those of GoogleSQL's EXTRACT and TIMESTAMP_TRUNC, which the service's
documentation repeats: days of the week begin with Sunday = 1, week(day) counts from 0 and begins on that day.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable

from local.firestore.pipelines.functions.registry import Functions, strict
from local.firestore.pipelines.values import (
    EvaluationError,
    Maybe,
    integer,
    integer_of,
    moment,
    moment_of,
    text_of,
)

UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
}
"""In microseconds."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LOWEST = -62_135_596_800_000_000
_HIGHEST = 253_402_300_799_999_999
"""The first microsecond of year 1 and the last of year 9999."""
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")

Zone = dt.tzinfo


def _checked(time: int) -> Maybe:
    if not _LOWEST <= time <= _HIGHEST:
        raise EvaluationError("timestamp overflow")
    return moment(time)


def _unit(value: Maybe, function: str) -> int:
    name = text_of(value, function)
    if name not in UNITS:
        raise EvaluationError(f"{function}() does not know the unit '{name}'.")
    return UNITS[name]


def _added(function: str, sign: int) -> Callable[[Maybe, Maybe, Maybe], Maybe]:
    def call(time: Maybe, unit: Maybe, amount: Maybe) -> Maybe:
        distance = _unit(unit, function) * integer_of(amount, function)
        return _checked(moment_of(time, function) + sign * distance)

    return call


def _diff(end: Maybe, start: Maybe, unit: Maybe) -> Maybe:
    """Whole units between two times, rounded towards zero."""
    between = moment_of(end, "timestamp_diff") - moment_of(start, "timestamp_diff")
    units = abs(between) // _unit(unit, "timestamp_diff")
    return integer(units if between >= 0 else -units)


def _from_unix(name: str, unit: str) -> Callable[[Maybe], Maybe]:
    return lambda value: _checked(integer_of(value, name) * UNITS[unit])


def _to_unix(name: str, unit: str) -> Callable[[Maybe], Maybe]:
    return lambda value: integer(moment_of(value, name) // UNITS[unit])


def _zone(value: Maybe, function: str) -> Zone:
    """A time zone by its name in the tz database, or as an offset from UTC like +08:30."""
    name = "UTC" if value is None else text_of(value, function)
    offset = _OFFSET.fullmatch(name)
    try:
        if offset:
            minutes = int(offset[2]) * 60 + int(offset[3] or 0)
            return dt.timezone(dt.timedelta(minutes=-minutes if offset[1] == "-" else minutes))
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise EvaluationError(f"{function}() does not know the time zone '{name}'.") from None


def _local(value: Maybe, zone: Zone, function: str) -> dt.datetime:
    time = moment_of(value, function)
    try:
        return (_EPOCH + dt.timedelta(microseconds=time)).astimezone(zone)
    except OverflowError:
        raise EvaluationError("timestamp overflow") from None


def _first_weekday(part: str) -> int:
    """The day a week begins on, Monday = 0; `part` is week or week(day)."""
    return _WEEKDAYS.index(part[5:-1]) if part != "week" else 6


def _week(local: dt.datetime, first: int) -> int:
    """Weeks since the year's first one; days before it are in week 0."""
    since = (local.weekday() - first) % 7
    return (local.timetuple().tm_yday + 6 - since) // 7


_WEEKS = frozenset({"week", *(f"week({day})" for day in _WEEKDAYS)})
_PARTS: dict[str, Callable[[dt.datetime], int]] = {
    "microsecond": lambda local: local.microsecond,
    "millisecond": lambda local: local.microsecond // 1000,
    "second": lambda local: local.second,
    "minute": lambda local: local.minute,
    "hour": lambda local: local.hour,
    "day": lambda local: local.day,
    "dayofweek": lambda local: local.isoweekday() % 7 + 1,
    "dayofyear": lambda local: local.timetuple().tm_yday,
    "isoweek": lambda local: local.isocalendar().week,
    "month": lambda local: local.month,
    "quarter": lambda local: (local.month + 2) // 3,
    "year": lambda local: local.year,
    "isoyear": lambda local: local.isocalendar().year,
}


def _extract(value: Maybe, part: Maybe, zone: Maybe = None) -> Maybe:
    name = text_of(part, "timestamp_extract").lower()
    local = _local(value, _zone(zone, "timestamp_extract"), "timestamp_extract")
    if name in _WEEKS:
        return integer(_week(local, _first_weekday(name)))
    if name not in _PARTS:
        raise EvaluationError(f"timestamp_extract() does not know the part '{name}'.")
    return integer(_PARTS[name](local))


def _start_of(local: dt.datetime, part: str) -> dt.date:
    """The first day of the period of a calendar that a day lies in."""
    day = local.date()
    if part in _WEEKS or part == "isoweek":
        first = 0 if part == "isoweek" else _first_weekday(part)
        return day - dt.timedelta(days=(day.weekday() - first) % 7)
    if part == "isoyear":
        return dt.date.fromisocalendar(day.isocalendar().year, 1, 1)
    if part == "day":
        return day
    month = {"month": day.month, "quarter": day.month - (day.month - 1) % 3, "year": 1}[part]
    return day.replace(month=month, day=1)


def _trunc(value: Maybe, granularity: Maybe, zone: Maybe = None) -> Maybe:
    name = text_of(granularity, "timestamp_trunc").lower()
    where = _zone(zone, "timestamp_trunc")
    local = _local(value, where, "timestamp_trunc")
    if name in UNITS and name != "day":
        kept = {"microsecond": 1, "millisecond": 1000}.get(name, 1_000_000)
        local = local.replace(microsecond=local.microsecond // kept * kept)
        local = local.replace(second=0) if name in {"minute", "hour"} else local
        local = local.replace(minute=0) if name == "hour" else local
    elif name in _WEEKS or name in {"day", "isoweek", "month", "quarter", "year", "isoyear"}:
        try:
            local = dt.datetime.combine(_start_of(local, name), dt.time(), where)
        except OverflowError:
            raise EvaluationError("timestamp overflow") from None
    else:
        raise EvaluationError(f"timestamp_trunc() does not know the granularity '{name}'.")
    return _checked((local - _EPOCH) // _MICROSECOND)


FUNCTIONS: Functions = {
    "timestamp_add": strict(_added("timestamp_add", 1), 3),
    "timestamp_sub": strict(_added("timestamp_sub", -1), 3),
    "timestamp_subtract": strict(_added("timestamp_subtract", -1), 3),
    "timestamp_diff": strict(_diff, 3),
    "timestamp_extract": strict(_extract, 2, 3),
    "timestamp_trunc": strict(_trunc, 2, 3),
    "timestamp_to_unix_micros": strict(_to_unix("timestamp_to_unix_micros", "microsecond"), 1),
    "timestamp_to_unix_millis": strict(_to_unix("timestamp_to_unix_millis", "millisecond"), 1),
    "timestamp_to_unix_seconds": strict(_to_unix("timestamp_to_unix_seconds", "second"), 1),
    "unix_micros_to_timestamp": strict(_from_unix("unix_micros_to_timestamp", "microsecond"), 1),
    "unix_millis_to_timestamp": strict(_from_unix("unix_millis_to_timestamp", "millisecond"), 1),
    "unix_seconds_to_timestamp": strict(_from_unix("unix_seconds_to_timestamp", "second"), 1),
}
