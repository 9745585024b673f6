"""Protobuf's times as seconds, and back."""

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

MICRO = 1_000_000


def timestamp(when: float) -> Timestamp:
    """Seconds since the epoch as a Timestamp, to the microsecond."""
    whole, micros = divmod(round(when * MICRO), MICRO)
    return Timestamp(seconds=whole, nanos=micros * 1000)


def duration(length: float) -> Duration:
    """Seconds as a Duration, to the microsecond."""
    whole, micros = divmod(round(length * MICRO), MICRO)
    return Duration(seconds=whole, nanos=micros * 1000)


def seconds(value: Timestamp | Duration) -> float:
    """A Timestamp or a Duration as seconds."""
    return float(value.seconds + value.nanos / 1_000_000_000)
