"""What things cost: the dated, sourced price file, and money as whole nano-dollars.

A nano-dollar is a billionth of a US dollar; every list price of Google's is a whole number of them a unit, so
sums are exact.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

NANO = 1_000_000_000
"""Nano-dollars of a dollar."""
_BUNDLED = Path(__file__).parent / "prices.toml"
_NOT_UNITS = {"per", "source"}


class BadPrices(ValueError):
    """The price file cannot be used; the sentence says where."""


@dataclass(frozen=True)
class Prices:
    """Nano-dollars by "thing:unit", such as "gemini-3.5-flash-lite:prompt". `dated` is an ISO date."""

    dated: str
    units: Mapping[str, int]
    monthly: Mapping[str, int] = field(default_factory=dict)

    def cost(self, items: Mapping[str, int]) -> int:
        """Nano-dollars of these quantities; what has no price costs nothing (`unpriced` tells)."""
        return sum(self.units.get(name, 0) * quantity for name, quantity in items.items())

    def unpriced(self, items: Mapping[str, int]) -> list[str]:
        """Names that the price file does not know."""
        return sorted(name for name in items if name not in self.units)


def load(path: str = "") -> Prices:
    """The price file at `path`, or the bundled one. Raises BadPrices, naming what is wrong."""
    try:
        document = tomllib.loads((Path(path) if path else _BUNDLED).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadPrices(f"The price file cannot be read: {error}.") from None
    monthly = document.pop("monthly", {})
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    units = {
        f"{thing}:{unit}": _nano(f"{thing}:{unit}", price, int(table.get("per", 1)))
        for thing, table in tables.items()
        for unit, price in table.items()
        if unit not in _NOT_UNITS
    }
    if document.get("currency") != "USD" or not document.get("dated"):
        raise BadPrices('The price file needs `dated` and `currency = "USD"`.')
    return Prices(
        dated=str(document["dated"]),
        units=units,
        monthly={name: _nano(name, price, 1) for name, price in monthly.items()},
    )


def dollars(nano: int) -> float:
    """Nano-dollars as dollars, to a hundredth of a cent, for showing."""
    return float(round(Decimal(nano) / NANO, 4))


def _nano(name: str, price: object, per: int) -> int:
    nano = Decimal(str(price)) * NANO / per
    if nano != nano.to_integral_value() or nano < 0:
        raise BadPrices(f"The price of {name} is not a whole number of nano-dollars a unit.")
    return int(nano)
