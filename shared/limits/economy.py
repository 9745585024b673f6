"""Money and caches, as administrators look at them."""

from dataclasses import dataclass

from shared.limits.caching import CacheOffice
from shared.limits.costs import CostReport


@dataclass(frozen=True)
class Economy:
    """What the routes of costs and caches call."""

    costs: CostReport
    caches: CacheOffice
