"""Preconditions: https://cloud.google.com/storage/docs/request-preconditions."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.storage.errors import NOT_MODIFIED, ApiError, invalid
from local.storage.resources import Bucket, Object

_UNMET = "At least one of the pre-conditions you specified did not hold."


def number(query: Mapping[str, str], name: str) -> int | None:
    """A whole number from the query. Raises ApiError 400 for anything else."""
    text = query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal():
        raise invalid(f"Invalid value for parameter {name}: {text}")
    return int(text)


@dataclass(frozen=True)
class Conditions:
    """What must hold for a request to go on; None asks for nothing."""

    generation: int | None = None
    not_generation: int | None = None
    metageneration: int | None = None
    not_metageneration: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], prefix: str = "if") -> "Conditions":
        """The conditions of a query; those of a copy's source begin with ifSource."""
        return cls(
            number(query, f"{prefix}GenerationMatch"),
            number(query, f"{prefix}GenerationNotMatch"),
            number(query, f"{prefix}MetagenerationMatch"),
            number(query, f"{prefix}MetagenerationNotMatch"),
        )

    def check(self, found: Object | Bucket | None, *, reading: bool = False) -> None:
        """Nothing when they hold for what is there (an absent object has generation 0).

        Raises ApiError 412, or 304 when a read meets the version that the client already has.
        """
        generation = found.generation if isinstance(found, Object) else 0
        metageneration = found.metageneration if found else 0
        wrong = self.generation not in {None, generation} or self.metageneration not in {None, metageneration}
        same = self.not_generation == generation or self.not_metageneration == metageneration
        if wrong:
            raise ApiError(412, _UNMET)
        if same:
            raise ApiError(NOT_MODIFIED if reading else 412, _UNMET)
