"""The time of the store: strictly later for every commit, never earlier than what was read."""

from local.clock import machine


class Clock:
    """Microseconds since the epoch.

    A commit's time is later than every time given before; a read's time is not earlier than any.
    So reading again at a time once given always shows the same documents.
    """

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def read(self) -> int:
        """The time of a read that sees everything committed so far."""
        self._last = max(self._last, machine.micros())
        return self._last

    def commit(self) -> int:
        """The time of a new commit."""
        self._last = max(self._last + 1, machine.micros())
        return self._last
