"""Where on a page something stands."""

from collections.abc import Sequence

Box = tuple[int, int, int, int]
"""Left, bottom, right, top in whole points from the page's lower left corner."""


def around(boxes: Sequence[Box]) -> Box | None:
    """The smallest box that holds all; None for none."""
    if not boxes:
        return None
    left, bottom, right, top = zip(*boxes, strict=True)
    return min(left), min(bottom), max(right), max(top)
