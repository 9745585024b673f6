"""How much is tried: a little in the suite of tests, FUZZ_EXAMPLES of each promise in `make fuzz`."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

FEW: Final = 25

effort: Final = settings(
    max_examples=int(os.environ.get("FUZZ_EXAMPLES", FEW)),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
"""Decorates each test here."""
