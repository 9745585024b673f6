"""Chance that repeats itself."""

import random


def chance(*names: object) -> random.Random:
    """Random numbers that are the same for the same names."""
    return random.Random("/".join(map(str, names)))  # noqa: S311 - to be repeated, not to be secret
