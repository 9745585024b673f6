"""The right to a file by what was recorded at the last sync, for where people give no Drive grant.

A permission counts while it has not run out and names the person, their domain, or a group that listed
them when it was read, not long ago. Permissions that could not be read grant nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from shared.models import Person


@dataclass(frozen=True, slots=True)
class RecordedGrant:
    """One permission as recorded. `source` is the folder that it is inherited from."""

    kind: str
    address: str = ""
    role: str = "reader"
    findable: bool = True
    expires: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """What the ledger holds of the right to a file: `via` are the permissions of the shortcut to it."""

    id: str
    name: str
    grants: tuple[RecordedGrant, ...] | None
    via: tuple[RecordedGrant, ...] | None = None
    folders: tuple[str, ...] = ()
    indexed: bool = True


class RecordedRights(Protocol):
    """The ledger, as far as rights go."""

    async def files(self, file_ids: Collection[str]) -> Mapping[str, RecordedFile]:
        """Those that have a record."""
        ...

    async def folder_names(self, folder_ids: Collection[str]) -> Mapping[str, str]:
        """The names of those that are known."""
        ...


class CertainGroups(Protocol):
    """Group memberships that are known for certain."""

    async def certain_groups_of(self, email: str) -> frozenset[str]:
        """The groups that listed an address when they were read, a short while ago."""
        ...


def counts_for(grant: RecordedGrant, email: str, groups: Collection[str]) -> bool:
    """Whether a permission names somebody, run out or not."""
    match grant.kind:
        case "user":
            return grant.address == email
        case "group":
            return grant.address in groups
        case "domain":
            return grant.address == email.rpartition("@")[2]
        case kind:
            return kind == "anyone"


def may_read(file: RecordedFile, email: str, groups: Collection[str], now: datetime) -> bool:
    """Whether the recorded permissions let somebody read a file; behind a shortcut, both lists must."""
    lists: list[Sequence[RecordedGrant]] = [file.grants or ()]
    if file.via is not None:
        lists.append(file.via)
    return all(
        any(counts_for(one, email, groups) and not expired(one, now) for one in grants) for grants in lists
    )


def expired(grant: RecordedGrant, now: datetime) -> bool:
    """Whether a permission has run out."""
    return grant.expires is not None and grant.expires <= now


@dataclass(frozen=True)
class RecordedAccess:
    """Rights as recorded. Read anew for each question: nothing is remembered."""

    rights: RecordedRights
    groups: CertainGroups
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """Those of the files that the person may read. Raises Unavailable when that cannot be looked up."""
        email = person.email.lower()
        groups = await self.groups.certain_groups_of(email)
        files = await self.rights.files(file_ids)
        now = self.clock()
        return frozenset(name for name, file in files.items() if may_read(file, email, groups, now))
