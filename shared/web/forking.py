"""What is done once all is imported, before the server makes the process that serves."""

import gc

LATER = 20_000
"""New objects between two looks at the youngest, of which a request makes a few thousand."""


def settle() -> None:
    """Let the collector pass over everything that importing made: main.py calls this at its end.

    functions-framework imports main.py in gunicorn's first process and forks. A collector that walks through
    what was imported writes into each object's header, and so gives both processes a copy of all of it; and
    walking there takes time in every request and finds nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(LATER, 10, 10)
