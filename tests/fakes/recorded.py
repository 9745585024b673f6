"""Rights and groups as the ledger recorded them: one file, shared by its folder with a group."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.identity.explanation import Explainer
from shared.identity.recorded import RecordedFile, RecordedGrant
from shared.models import Person

RAN_OUT = datetime(2025, 1, 1, tzinfo=UTC)
LEAVE = RecordedFile(
    "leave",
    "Leave.txt",
    (
        RecordedGrant("group", "staff@example.com", source="hr"),
        RecordedGrant("user", "bob@example.com", expires=RAN_OUT),
    ),
)


@dataclass
class FakeRecorded:
    """Files by id, names of folders, members of groups."""

    stored: dict[str, RecordedFile] = field(default_factory=lambda: {"leave": LEAVE})
    staff: frozenset[str] = frozenset({"alice@example.com"})

    async def files(self, file_ids: Iterable[str]) -> dict[str, RecordedFile]:
        return {name: self.stored[name] for name in file_ids if name in self.stored}

    async def folder_names(self, folder_ids: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(folder_ids, "Human resources")

    async def certain_groups_of(self, email: str) -> frozenset[str]:
        return frozenset({"staff@example.com"} if email in self.staff else ())


class NobodyReads:
    """A check that always says no."""

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        return frozenset()


def unexplained() -> Explainer:
    """An explainer for where nothing is asked of it."""
    return Explainer(NobodyReads(), FakeRecorded({}), FakeRecorded({}), "drive")
