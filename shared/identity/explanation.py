"""Why somebody can or cannot read a file, as paths: person -> group -> folder -> file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from shared.errors import NotAllowed, NotFound
from shared.identity.recorded import (
    CertainGroups,
    RecordedFile,
    RecordedGrant,
    RecordedRights,
    counts_for,
    expired,
    may_read,
)
from shared.models import Person

_ABSENT = "There is no such file among your documents."


class Readable(Protocol):
    """The check that decides."""

    async def readable(self, person: Person, file_ids: Collection[str]) -> frozenset[str]:
        """Those of the files that the person may read at this moment."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on the way from a person to a file: kind is person, group, domain, anyone, folder, file."""

    kind: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """One way that a permission opens, or would if it had not run out."""

    steps: tuple[Step, ...]
    role: str
    expires: datetime | None
    valid: bool
    findable: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict, who gave it ("drive" or "records"), the reason in words, and the paths."""

    file_id: str
    file: str
    email: str
    readable: bool
    decided_by: str
    reason: str
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Explainer:
    """Explains rights. `decided_by` names what `access` asks: "drive" or "records"."""

    access: Readable
    rights: RecordedRights
    groups: CertainGroups
    decided_by: str
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def explain(self, asker: Person, file_id: str, email: str = "") -> Explanation:
        """Why `email` (the asker, when empty) can or cannot read a file.

        Raises NotFound when the asker may not hear of the file: it is not theirs to read, or not there;
        NotAllowed when somebody who is no administrator asks for another.
        """
        wanted = (email or asker.email).lower()
        own = wanted == asker.email.lower()
        if not own and not asker.admin:
            raise NotAllowed("Only an administrator may ask what others can read.")
        file = (await self.rights.files([file_id])).get(file_id)
        readable = bool(await self.access.readable(asker, [file_id])) if own else None
        if file is None or not (readable or asker.admin):
            raise NotFound(_ABSENT)
        groups = await self.groups.certain_groups_of(wanted)
        recorded = may_read(file, wanted, groups, self.clock())
        verdict = recorded if readable is None else readable
        paths = self._paths(file, wanted, groups, await self._names(file))
        return Explanation(
            file_id,
            file.name,
            wanted,
            verdict,
            self.decided_by if own else "records",
            _reason(file, verdict, recorded, paths),
            paths,
        )

    async def _names(self, file: RecordedFile) -> Mapping[str, str]:
        sources = {one.source for one in (*(file.grants or ()), *(file.via or ())) if one.source}
        return await self.rights.folder_names(sources) if sources else {}

    def _paths(
        self, file: RecordedFile, email: str, groups: Collection[str], names: Mapping[str, str]
    ) -> tuple[Path, ...]:
        now = self.clock()
        return tuple(
            Path(
                _steps(one, file, email, names, last),
                one.role,
                one.expires,
                valid=not expired(one, now),
                findable=one.findable,
            )
            for last, grants in (("file", file.grants), ("shortcut", file.via))
            for one in grants or ()
            if counts_for(one, email, groups)
        )


def _steps(
    grant: RecordedGrant, file: RecordedFile, email: str, names: Mapping[str, str], last: str
) -> tuple[Step, ...]:
    steps = [Step("person", email)]
    if grant.kind != "user":
        steps.append(Step(grant.kind, grant.address or "anyone"))
    if grant.source:
        steps.append(Step("folder", names.get(grant.source, ""), grant.source))
    return (*steps, Step(last, file.name, file.id))


def _reason(file: RecordedFile, verdict: bool, recorded: bool, paths: Sequence[Path]) -> str:
    live = [path for path in paths if path.valid]
    if verdict and recorded and live:
        return f"{_said(live[0])}."
    if verdict:
        return "Drive allows it now; the permissions recorded at the last sync do not say why."
    if recorded:
        return "The recorded permissions would allow it, but Drive says no at this moment."
    return _why_not(file, paths, live)


def _why_not(file: RecordedFile, paths: Sequence[Path], live: Sequence[Path]) -> str:
    if file.grants is None:
        return "Docent's account may not see whom this file is shared with."
    if live:
        return "It is reached by a shortcut, and the right to one of the two is missing."
    if paths:
        return "The permission that named this person has run out."
    return "No permission of this file names this person, their domain, or a group they are in."


def _said(path: Path) -> str:
    """A path as a sentence: "Through staff@example.com, which has the folder Handbook, as reader"."""
    words = []
    for step in path.steps[1:-1]:
        place = step.name or step.id
        words.append(f"the folder {place}" if step.kind == "folder" else f"the {step.kind} {place}")
    way = " and ".join(words).replace("the anyone anyone", "a share with anyone")
    return f"Through {way}, as {path.role}" if way else f"Shared with this person directly, as {path.role}"
