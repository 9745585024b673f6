"""What is done around importing everything, before the server makes the process that serves."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

LATER = 20_000
"""New objects between two looks at the youngest, of which a request makes a few thousand."""


@contextmanager
def imported_once() -> Iterator[None]:
    """Let the collector pass over all that is imported in this block: main.py imports its function in it.

    functions-framework imports main.py in gunicorn's first process and forks. A collector that walks through
    what was imported writes into each object's header, and so gives both processes a copy of all of it; and
    walking there takes time in every request and finds nothing. While it is imported, it is walked through
    again and again, for a tenth of a second of CPU, to find two hundred objects of ninety thousand.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(LATER, 10, 10)
        gc.enable()
