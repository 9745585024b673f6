"""From candidates to what is shown: neighbours joined, repeats folded, no file crowding out the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.models import Locator, Passage
from shared.search.places import spanning
from shared.search.ranking import Candidate

JOINED_LENGTH = 1_500
"""Characters of neighbouring chunks joined to one passage, at most."""
_JOINING = 40
"""The first candidates; weaker ones are not worth lengthening a passage for."""
_SAME = 0.9
"""Shared share of two passages' terms (Jaccard) from which on they say the same."""


@dataclass(frozen=True)
class Limits:
    """How much to look for: candidates from the index, passages to keep, passages of one file."""

    candidates: int
    passages: int
    per_file: int


@dataclass
class _Group:
    """Chunks to be shown as one passage; the first was found first, and is the one that is cited."""

    best: Candidate
    members: list[Candidate] = field(default_factory=list)

    def length(self) -> int:
        return sum(len(one.passage.text) for one in self.members)

    def passage(self) -> Passage:
        ordered = sorted(self.members, key=lambda one: one.passage.ordinal)
        locators = [one.passage.locator for one in ordered]
        return replace(
            self.best.passage,
            text="\n".join(one.passage.text for one in ordered),
            locator=spanning(locators) if len(ordered) > 1 else locators[0],
            score=self.best.score,
        )


def selected(candidates: Sequence[Candidate], limits: Limits) -> list[Passage]:
    """The passages to show, best first.

    A candidate that continues one already taken, on the same page under the same heading, lengthens it
    up to JOINED_LENGTH. One that says what an earlier one said is left out.
    """
    groups: list[_Group] = []
    places: dict[tuple[str, int], _Group] = {}
    of_file: dict[str, int] = {}
    for rank, one in enumerate(candidates):
        passage = one.passage
        group = _continued(one, places, groups) if rank < _JOINING else None
        if group is None:
            full = len(groups) >= limits.passages or of_file.get(passage.file_id, 0) >= limits.per_file
            if full or any(_repeats(one, other.best) for other in groups):
                continue
            of_file[passage.file_id] = of_file.get(passage.file_id, 0) + 1
            group = _Group(one)
            groups.append(group)
        group.members.append(one)
        places[passage.file_id, passage.ordinal] = group
    return [group.passage() for group in groups]


def _continued(
    one: Candidate, places: Mapping[tuple[str, int], _Group], groups: Sequence[_Group]
) -> _Group | None:
    """The best group that this chunk stands next to and fits into."""
    passage = one.passage
    near = [
        group
        for ordinal in (passage.ordinal - 1, passage.ordinal + 1)
        if (group := places.get((passage.file_id, ordinal)))
        and group.best.passage.context == passage.context
        and _spot(group.best.passage.locator) == _spot(passage.locator)
        and group.length() + len(passage.text) <= JOINED_LENGTH
    ]
    return min(near, key=groups.index) if near else None


def _spot(locator: Locator) -> tuple[object, ...]:
    return locator.page, locator.slide, locator.sheet, locator.part, locator.heading


def _repeats(one: Candidate, other: Candidate) -> bool:
    """Whether two passages say the same: nearly the same terms, and exactly the same numbers."""
    first, second = one.reading.counts.keys(), other.reading.counts.keys()
    if min(len(first), len(second)) < _SAME * max(len(first), len(second)):
        return False
    if len(first & second) < _SAME * len(first | second):
        return False
    return not any(any(map(str.isdigit, term)) for term in first ^ second)
