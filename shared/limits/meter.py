"""What the work of one request consumes, counted where it is consumed and added up where the request ends.

Adapters call `used`; the meter is the one of the request in whose context they run. What is consumed after a
request ended, or outside of any, is added to the next that the ledger writes.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from shared.limits.admission import Admitted


@dataclass(slots=True)
class Meter:
    """Quantities by "thing:unit", events by name, and whose they are."""

    items: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    saved: Counter[str] = field(default_factory=Counter)
    """What caches made unnecessary, by "thing:unit"."""
    subject: str = ""
    collection: str = ""
    admitted: Admitted | None = None
    late: "Callable[[], Meter] | None" = None
    """Where to count once this request is over."""
    settle: "Callable[[], Awaitable[None]] | None" = None
    """Hands the meter to the bookkeeper, once."""


_current: ContextVar[Meter | None] = ContextVar("meter", default=None)


def begin(meter: Meter) -> None:
    """Make this the meter of all that runs in this context from now on."""
    _current.set(meter)


def current() -> Meter | None:
    """The meter to count on, or None where nobody counts."""
    meter = _current.get()
    return meter.late() if meter is not None and meter.late is not None else meter


def used(thing: str, **units: int) -> None:
    """Note a consumption by unit, such as three reads of "firestore"."""
    meter = current()
    if meter is not None:
        for unit, quantity in units.items():
            if quantity:
                meter.items[f"{thing}:{unit}"] += quantity


def happened(event: str, times: int = 1) -> None:
    """Note an event, such as a cache's hit."""
    meter = current()
    if meter is not None:
        meter.counts[event] += times


def about(collection: str) -> None:
    """Note to which collection the request's cost belongs."""
    meter = current()
    if meter is not None and collection:
        meter.collection = collection


def spared(thing: str, **units: int) -> None:
    """Note what a cache made unnecessary."""
    meter = current()
    if meter is not None:
        for unit, quantity in units.items():
            if quantity:
                meter.saved[f"{thing}:{unit}"] += quantity


async def settled() -> None:
    """Settle what the request costs now: it consumes nothing more, and has something else to write."""
    meter = _current.get()
    if meter is not None and meter.settle is not None:
        await meter.settle()


def may_spend() -> bool:
    """Whether the budgets allow this request to pay for a model."""
    meter = _current.get()
    return meter is None or meter.admitted is None or meter.admitted.may_spend
